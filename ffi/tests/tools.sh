#!/usr/bin/env bash
# What the tests of the C library need beside Rust, from Debian's packages. As root, what is missing
# is installed; otherwise it is named, and tests that cannot do without it say SKIPPED.
set -euo pipefail

declare -A packages=(
    [gcc]=gcc [g++]=g++ [clang]=clang [clang++]=clang [valgrind]=valgrind [cmake]=cmake
    [make]=make [pkg-config]=pkg-config [nm]=binutils
)
missing=()
for tool in "${!packages[@]}"; do
    command -v "$tool" >/dev/null || missing+=("${packages[$tool]}")
done
# The sanitizers' libraries are a package of their own.
if ! command -v clang >/dev/null || ! [ -e "$(clang -print-file-name=libclang_rt.asan-x86_64.a)" ]; then
    missing+=(libclang-rt-14-dev)
fi
[ -e /usr/lib/debug/.build-id ] || missing+=(libc6-dbg)
if [ "${#missing[@]}" -eq 0 ]; then
    echo 'nothing is missing'
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null
    echo "installed: ${missing[*]}"
else
    echo "SKIPPED: missing, and not root to install it: ${missing[*]}"
fi
