"""The published Python package, asked line by line, and the rules of Phala Cloud's guide and of dstack's
vmm-cli.py with Python's own json: see ../js/worker.mjs for the lines."""

import hashlib
import importlib.util
import json
import pathlib
import sys
import sysconfig

# The module needs nothing but Python. The package around it imports clients and all that they need.
path = pathlib.Path(sysconfig.get_path("purelib"), "dstack_sdk", "get_compose_hash.py")
spec = importlib.util.spec_from_file_location("get_compose_hash", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


def guide(compose):
    ordered = {key: compose[key] for key in sorted(compose)}
    text = json.dumps(ordered, indent=4, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def vmm_cli(compose):
    text = json.dumps(compose, indent=4, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


FUNCTIONS = {
    "dstack-python": module.get_compose_hash,
    "dstack-python-normalised": lambda compose: module.get_compose_hash(compose, normalize=True),
    "phala-python": guide,
    "dstack-vmm-cli": vmm_cli,
}

for line in sys.stdin:
    compose = json.loads(line)["compose"]
    answer = {}
    for name, function in FUNCTIONS.items():
        try:
            answer[name] = {"sha256": function(json.loads(compose))}
        except Exception as error:  # What it fails with is its own affair.
            answer[name] = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
