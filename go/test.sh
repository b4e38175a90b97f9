#!/usr/bin/env bash
# Installs the C library into an empty prefix and tests the Go module with it: `go/test.sh [LOG]`. The
# counts go to LOG as well, as comments of TAP.
#
# TEEPROOF_LIBRARIES names the folder of a library that was built, TEEPROOF_VECTORS the one in which its
# tests have left their cases, XTASK the program that installs; without them they are made here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=${1:-/dev/null}
log=$(cd "$(dirname "$log")" && pwd)/$(basename "$log")
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/go-test

usable() {
    local tool
    for tool in go gofmt gcc pkg-config; do
        command -v "$tool" >/dev/null || return
    done
}
if ! usable && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    {
        apt-get -o DPkg::Lock::Timeout=300 update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
                --no-install-recommends golang-go gcc libc6-dev pkg-config >/dev/null
    } || {
        echo 'SKIPPED: the Go module: apt-get cannot install Go'
        echo '# skipped 1' >>"$log"
        exit 0
    }
fi
usable || {
    echo 'need: Go 1.19 or newer, gcc and pkg-config' >&2
    exit 1
}

if [ -z "${TEEPROOF_LIBRARIES:-}" ] || [ -z "${TEEPROOF_VECTORS:-}" ] || [ -z "${XTASK:-}" ]; then
    cargo test --quiet --locked --package teeproof-ffi --package xtask --test vectors
    cargo build --quiet --locked --package teeproof-ffi --package xtask
    TEEPROOF_LIBRARIES=$target/debug/deps TEEPROOF_VECTORS=$target/tmp XTASK=$target/debug/xtask
fi
TEEPROOF_VECTORS=$(cd "$TEEPROOF_VECTORS" && pwd)
export TEEPROOF_VECTORS

rm -rf "$work"
"$XTASK" cinstall --prefix "$work/prefix" --libraries "$TEEPROOF_LIBRARIES" >/dev/null
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig CGO_LDFLAGS=-Wl,-rpath,$work/prefix/lib
# The standard library is all there is: nothing is fetched, and the compiler is the one that is here.
export GOPROXY=off GOFLAGS=-mod=readonly GOTOOLCHAIN=local

cd go
unformatted=$(gofmt -l . ../ffi/examples/*.go)
if [ -n "$unformatted" ]; then
    printf 'gofmt would change:\n%s\n' "$unformatted"
    exit 1
fi
go vet .
for example in ../ffi/examples/*.go; do
    go vet "$example"
done

report=$work/report
status=0
# The race detector is for what goroutines share; the many cases are judged without it.
go test -v -count=1 . >"$report" 2>&1 || status=$?
go test -v -count=1 -race -run 'Shared|Closing|Finalizers' . >>"$report" 2>&1 || status=$?
awk '
    /^--- PASS: / { passed += 1 }
    /^--- FAIL: / { failed += 1 }
    /^--- SKIP: / { skipped += 1 }
    END { printf "# pass %d\n# fail %d\n# skipped %d\n", passed, failed, skipped }
' "$report" | tee -a "$log"
if [ "$status" -ne 0 ]; then
    cat "$report"
fi
exit "$status"
