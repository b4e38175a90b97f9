#!/usr/bin/env bash
# Builds the package's modules: js/dist/teeproof.{js,wasm} and js/dist/full.{js,wasm}, and what Node loads
# them by, js/dist/node.js and js/dist/node-full.js.
#
#   wasm/build.sh [teeproof] [full]      these modules, or both
#   wasm/build.sh --check-reproducible   both again from nothing, and compares
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

# The glue is written by a program of this workspace; GLUE names one that was built.
glue=${GLUE:-}
if [ -z "$glue" ]; then
    (unset CARGO_TARGET_DIR && CARGO_TARGET_DIR=$native \
        cargo build --quiet --locked --package teeproof-wasm-glue)
    glue=$native/debug/teeproof-wasm-glue
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

# module NAME FEATURES: compiles, writes the glue, optimises, bundles.
module() {
    local name=$1 features=$2 raw=$CARGO_TARGET_DIR/glue/$1
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$flags CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
        compile --quiet --locked --release --target "$target" --package teeproof-wasm \
        --config 'profile.release.package.sha2.opt-level=3' \
        --features "$features" --lib --crate-type cdylib
    rm -rf "$raw" && mkdir -p "$raw" "$out"
    "$glue" "$CARGO_TARGET_DIR/$target/release/teeproof_wasm.wasm" "$raw" "$name"
    # What the compiler itself uses, and every browser of the last years has. What the compiler has left a
    # function of its own stays one: packed it is smaller so.
    js/node_modules/.bin/wasm-opt -Oz --one-caller-inline-max-function-size=0 \
        --strip-debug --strip-producers --strip-target-features \
        --enable-bulk-memory --enable-bulk-memory-opt --enable-multivalue --enable-mutable-globals \
        --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext \
        "$raw/${name}_bg.wasm" -o "$out/$name.wasm"
    cp "$raw/$name.js" "$out/$name.js"
    node js/bundle.js "$out" "$name"
    wc -c "$out/$name.wasm"
}

if [ "${1:-}" = --check-reproducible ]; then
    again=$(mktemp -d)
    trap 'rm -rf "$again"' EXIT
    GLUE=$glue WASM_TARGET_DIR=$again/target WASM_OUT=$again/dist wasm/build.sh
    diff -r "$out" "$again/dist" && echo 'the same bytes again'
else
    [ $# -gt 0 ] || set -- teeproof full
    for name; do
        case $name in
            teeproof) module teeproof '' ;;
            full) module full full ;;
            *) echo "no module $name" >&2 && exit 2 ;;
        esac
    done
fi
