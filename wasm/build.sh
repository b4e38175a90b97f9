#!/usr/bin/env bash
# Builds the package's modules, each js/dist/NAME.{js,wasm}, and what Node loads them by, js/dist/node*.js:
# `lean` judges, `full` does all there is, and `teeproof`, the main one, is of `lean` what the verdicts on
# evidence in order take.
#
#   wasm/build.sh [lean] [full]          these modules, or both; the main one comes with `lean`
#   wasm/build.sh --check-reproducible   all again from nothing, and compares
#
# With a compiler that has the target wasm32-unknown-unknown installed, that one is used. Otherwise
# Debian's rustc-web with the source of its standard library, which is built along: smaller, and
# what is published. The size budget is about that one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=wasm32-unknown-unknown
native=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
export CARGO_TARGET_DIR=${WASM_TARGET_DIR:-$native/wasm}
out=${WASM_OUT:-$PWD/js/dist}
home=${CARGO_HOME:-$HOME/.cargo}
flags="--remap-path-prefix=$PWD=. --remap-path-prefix=$home=cargo"
# A value that is moved is moved by one instruction, and not field by field: smaller by a twentieth.
flags="$flags -Cllvm-args=-max-store-memcpy=1 -Cllvm-args=-max-store-memmove=1 -Cllvm-args=-max-store-memset=1"
# What needs much room on the stack stays a function of its own: packed, smaller by two hundredths.
flags="$flags -Cllvm-args=-inline-max-stacksize=256"
# SHA-2 as loops, smaller by 16 kB: an engine's first, quick compilation makes a call of every rotation, and
# unrolled they are hundreds before the first verdict. Later ones take a fiftieth more.
flags="$flags --cfg=sha2_backend=\"soft\" --cfg=sha2_backend_soft=\"compact\""

has_target() {
    ls "$(rustc --print sysroot)/lib/rustlib/$target/lib/"libcore-*.rlib >/dev/null 2>&1
}

has_debian() {
    [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] &&
        [ -e /usr/lib/rustlib/src/rust/library/Cargo.lock ] && command -v wasm-ld-14 >/dev/null
}

install_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    apt-get update -qq -o DPkg::Lock::Timeout=300 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 \
            --no-install-recommends rustc-web cargo-web rust-web-src lld >/dev/null
}

# Programs of this workspace write the glue, the evidence that the main module is made by, and it; TOOLS names
# a folder where they were built.
tools=${TOOLS:-}
if [ -z "$tools" ]; then
    (unset CARGO_TARGET_DIR && CARGO_TARGET_DIR=$native cargo build --quiet --locked \
        --package teeproof-wasm-glue --package teeproof-wasm-trim --package teeproof-forge)
    tools=$native/debug
fi

if has_target; then
    echo "standard library: the installed one"
    compile() { cargo rustc "$@"; }
elif has_debian || { install_debian && has_debian; }; then
    echo "standard library: built along, $(/usr/bin/rustc -V)"
    # Unstable flags of a stable compiler. A panic is a trap, and has nothing to say.
    flags="$flags -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none"
    compile() {
        PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
            CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-14 \
            /usr/bin/cargo rustc -Zbuild-std=std,panic_abort \
            -Zbuild-std-features=optimize_for_size "$@"
    }
else
    echo "need: rustup target add $target, or Debian's rustc-web cargo-web rust-web-src lld" >&2
    exit 1
fi

if ! { [ -x js/node_modules/.bin/wasm-opt ] && [ -d js/node_modules/rolldown ]; }; then
    (cd js && npm ci --no-audit --no-fund --loglevel=error)
fi

# What the compiler itself uses, and every browser of the last years has.
optimise() {
    js/node_modules/.bin/wasm-opt --strip-producers --strip-target-features \
        --enable-bulk-memory --enable-bulk-memory-opt --enable-multivalue --enable-mutable-globals \
        --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext "$@"
}

# module NAME FEATURES: compiles, writes the glue, optimises, bundles.
module() {
    local name=$1 features=$2 raw=$CARGO_TARGET_DIR/glue/$1
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$flags CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
        compile --quiet --locked --release --target "$target" --package teeproof-wasm \
        --config 'profile.release.package.sha2.opt-level=3' \
        --features "$features" --lib --crate-type cdylib
    rm -rf "$raw" && mkdir -p "$raw" "$out"
    "$tools/teeproof-wasm-glue" "$CARGO_TARGET_DIR/$target/release/teeproof_wasm.wasm" "$raw" "$name"
    # What the compiler has left a function of its own stays one: packed it is smaller so.
    optimise -Oz --one-caller-inline-max-function-size=0 --debuginfo \
        "$raw/${name}_bg.wasm" -o "$raw/named.wasm"
    optimise --strip-debug "$raw/named.wasm" -o "$out/$name.wasm"
    cp "$raw/$name.js" "$out/$name.js"
    node js/bundle.js "$out" "$name"
    wc -c "$out/$name.wasm"
}

# The main module, out of the lean one that was just built. The glue is the same, once for each, since it
# is the glue that has the instance.
main_module() {
    local raw=$CARGO_TARGET_DIR/glue/lean
    cp "$out/lean.js" "$out/teeproof.js"
    rm -rf "$raw/forged" && mkdir "$raw/forged" && "$tools/teeproof-forge" write "$raw/forged"
    "$tools/teeproof-wasm-trim" mark "$raw/named.wasm" "$raw/marked.wasm"
    node js/ordinary.js "$raw/forged" "$raw/marked.wasm" "$raw/lean.js" "$raw/ran"
    "$tools/teeproof-wasm-trim" trim "$raw/named.wasm" "$raw/ran" "$raw/trimmed.wasm"
    # Packed it is smallest where the smallest functions are no functions.
    optimise -Oz --one-caller-inline-max-function-size=0 --always-inline-max-function-size=6 \
        --strip-debug "$raw/trimmed.wasm" -o "$out/teeproof.wasm"
    node js/bundle.js "$out" teeproof
    wc -c "$out/teeproof.wasm"
}

if [ "${1:-}" = --check-reproducible ]; then
    again=$(mktemp -d)
    trap 'rm -rf "$again"' EXIT
    TOOLS=$tools WASM_TARGET_DIR=$again/target WASM_OUT=$again/dist wasm/build.sh
    diff -r "$out" "$again/dist" && echo 'the same bytes again'
else
    [ $# -gt 0 ] || set -- lean full
    for name; do
        case $name in
            lean) module lean '' && main_module ;;
            full) module full full ;;
            *) echo "no module $name" >&2 && exit 2 ;;
        esac
    done
fi
