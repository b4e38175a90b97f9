#!/usr/bin/env bash
# Builds the page and tests it in Chromium: `web/test.sh [LOG]`. The report goes to LOG as well, in
# TAP. The package has to be built before (`wasm/build.sh`). TEEPROOF and SIMULATOR name programs that
# were built, CHROMIUM a browser that was installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=${1:-/dev/stdout}
if [ "$log" != /dev/stdout ]; then
    log=$(cd "$(dirname "$log")" && pwd)/$(basename "$log")
fi

need() {
    echo "need: $1" >&2
    exit 1
}

command -v node >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' ||
    need 'Node 20 or newer'
for module in teeproof full; do
    [ -e "js/dist/$module.wasm" ] || need "js/dist/$module.wasm; try: wasm/build.sh"
done
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
if ! [ -x "$CHROMIUM" ]; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || need 'Chromium; CHROMIUM names another place'
    apt-get update -qq -o DPkg::Lock::Timeout=300
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 \
        --no-install-recommends chromium >/dev/null
fi
# What verdicts are compared with, and whom the page asks.
programs=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/debug
if [ -z "${TEEPROOF:-}" ] || [ -z "${SIMULATOR:-}" ]; then
    cargo build --quiet --locked --package teeproof-cli --package teeproof-simulator
fi
export TEEPROOF=${TEEPROOF:-$programs/teeproof} SIMULATOR=${SIMULATOR:-$programs/teeproof-simulator}

cd web
# esbuild's program comes as a package of its own: no script has to run.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node build.mjs
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
# One browser at a time: on few cores several only wait for each other.
node --test --test-concurrency=1 --test-reporter=tap test/*.test.mjs >"$report" || status=$?
cat "$report" >>"$log"
if [ "$log" != /dev/stdout ]; then
    # Only what failed, and the count.
    awk '/^ *not ok / { show = 1 } /^ *ok / { show = 0 } show || /^# (tests|pass|fail|skipped) /' "$report"
fi
exit "$status"
