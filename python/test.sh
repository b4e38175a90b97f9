#!/usr/bin/env bash
# Builds the wheel, installs it in an empty environment and tests it there: `python/test.sh [LOG]`. The
# counts go to LOG as well, as comments of TAP.
#
# The example for Ray is tested where TEEPROOF names the program and MANY the forge's `many`.
# TEEPROOF_LIBRARIES names the folder of a libteeproof.a that was built, TEEPROOF_VECTORS the one in
# which the tests of the C library have left their cases; without them both are made here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=${1:-/dev/null}
log=$(cd "$(dirname "$log")" && pwd)/$(basename "$log")
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/python-test

usable() {
    command -v gcc >/dev/null && command -v nm >/dev/null && python3 - <<'PYTHON' 2>/dev/null
import ensurepip, os, sys, sysconfig, venv
header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
sys.exit(sys.version_info < (3, 10) or not os.path.exists(header))
PYTHON
}
if ! usable && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
        --no-install-recommends gcc libc6-dev binutils python3 python3-dev python3-venv >/dev/null
fi
usable || {
    echo 'need: Python 3.10 or newer with venv and its headers, gcc and nm' >&2
    exit 1
}

if [ -z "${TEEPROOF_LIBRARIES:-}" ] || [ -z "${TEEPROOF_VECTORS:-}" ]; then
    cargo test --quiet --locked --package teeproof-ffi --test vectors
    TEEPROOF_LIBRARIES=$target/debug/deps TEEPROOF_VECTORS=$target/tmp
fi
TEEPROOF_LIBRARIES=$(cd "$TEEPROOF_LIBRARIES" && pwd)
TEEPROOF_VECTORS=$(cd "$TEEPROOF_VECTORS" && pwd)
export TEEPROOF_LIBRARIES TEEPROOF_VECTORS

rm -rf "$work" target/python
mkdir -p "$work/wheel"
# install ENVIRONMENT WORDS...: from the registry; where it is out of reach there is nothing to test.
install() {
    local environment=$1
    shift
    "$environment/bin/pip" install --quiet --disable-pip-version-check "$@" >"$work/log" 2>&1 || {
        printf 'SKIPPED: the Python package: pip: %s\n' "$(grep -i -m 1 error "$work/log" || tail -n 1 "$work/log")"
        echo '# skipped 1' >>"$log"
        exit 0
    }
}
python3 -m venv "$work/tools"
install "$work/tools" --only-binary :all: --requirement python/requirements-test.txt
"$work/tools/bin/pip" wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps \
    --wheel-dir "$work/wheel" ./python
TEEPROOF_WHEEL=$(echo "$work"/wheel/*.whl)
export TEEPROOF_WHEEL

# As its user has it: nothing there but the wheel and what it asks for.
python3 -m venv "$work/clean"
install "$work/clean" --only-binary cffi "$TEEPROOF_WHEEL"
cd python
"$work/tools/bin/mypy" --cache-dir "$work/mypy"
"$work/clean/bin/python" -B -m tests "$log"
# Once round: that the comparison works, and not what it says.
install "$work/tools" --no-deps "$TEEPROOF_WHEEL"
"$work/tools/bin/python" -B bench.py 1 >"$work/log" || {
    cat "$work/log"
    exit 1
}
# Ray is large, and nothing but an example needs it.
if [ -x "${TEEPROOF:-}" ] && [ -x "${MANY:-}" ]; then
    python3 -m venv "$work/ray"
    install "$work/ray" --only-binary :all: --requirement requirements-ray.txt "$TEEPROOF_WHEEL"
    # What Ray keeps of itself stays here.
    HOME=$work timeout 300 "$work/ray/bin/python" -B -m tests "$log" tests_ray
else
    echo 'SKIPPED: the example for Ray: TEEPROOF and MANY name no programs'
    echo '# skipped 1' >>"$log"
fi
