#!/usr/bin/env bash
# The predictors beside the published packages that they predict, in pinned versions.
#
#   compose/tests/sdk/run.sh [js] [python]
#
# Installs the packages from their registries into a directory that is removed at the end. A package that
# cannot be installed here is skipped, with a line that begins with SKIPPED: and says why. Exits 0 if
# no prediction differed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
if [ "$#" -eq 0 ]; then
    set -- js python
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The first complaint of the last installer.
why() { grep -i -m 1 error "$work/log" || tail -n 1 "$work/log"; }
skip() { printf 'SKIPPED: %s: %s\n' "$1" "$2"; }

js() {
    command -v npm >/dev/null || { skip "$1" 'there is no npm'; return; }
    mkdir "$work/js"
    cp "$here/js/"* "$work/js/"
    # Peers are for parts of the packages that are not asked here.
    (cd "$work/js" && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund) >"$work/log" 2>&1 ||
        { skip "$1" "npm ci: $(why)"; return; }
    export COMPOSE_WORKER_JS="$work/js/worker.mjs"
}

python() {
    command -v python3 >/dev/null || { skip "$1" 'there is no python3'; return; }
    python3 -m venv "$work/venv" >"$work/log" 2>&1 ||
        { skip "$1" "venv: $(why)"; return; }
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
        --requirement "$here/python/requirements.txt" >"$work/log" 2>&1 ||
        { skip "$1" "pip: $(why)"; return; }
    export COMPOSE_WORKER_PYTHON="$work/venv/bin/python"
}

for package in "$@"; do
    case $package in
    js) js '@phala/dstack-sdk 0.5.8 and @phala/cloud 0.2.9 (npm)' ;;
    python) python 'dstack-sdk 0.5.4 (PyPI)' ;;
    *)
        printf 'no package %s; there are js and python\n' "$package" >&2
        exit 2
        ;;
    esac
done
if [ -z "${COMPOSE_WORKER_JS:-}${COMPOSE_WORKER_PYTHON:-}" ]; then
    exit 0
fi
cd "$repository"
# With the features of the whole workspace, so that what its tests have built is used again.
cargo test --quiet --locked --workspace --test published_packages -- --nocapture
