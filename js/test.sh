#!/usr/bin/env bash
# Builds the package and tests it: `js/test.sh [LOG]`. The report goes to LOG as well, in TAP.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=${1:-/dev/stdout}
if [ "$log" != /dev/stdout ]; then
    log=$(cd "$(dirname "$log")" && pwd)/$(basename "$log")
fi

command -v node >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || {
    echo "need: Node 20 or newer" >&2
    exit 1
}
(cd js && npm ci --no-audit --no-fund --loglevel=error)
wasm/build.sh
# The program that answers are compared with; TEEPROOF names one that was built.
if [ -z "${TEEPROOF:-}" ]; then
    cargo build --quiet --locked --package teeproof-cli
    TEEPROOF=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/debug/teeproof
fi
export TEEPROOF
cd js
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
node --test --test-reporter=tap test/*.test.js >"$report" || status=$?
cat "$report" >>"$log"
if [ "$log" != /dev/stdout ]; then
    # Only what failed, and the count.
    awk '/^ *not ok / { show = 1 } /^ *ok / { show = 0 } show || /^# (tests|pass|fail|skipped) /' "$report"
fi
exit "$status"
