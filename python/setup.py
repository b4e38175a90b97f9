"""What the metadata cannot say by itself: the version of the repository, and the compiled part."""

import re
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent


def version() -> str:
    """The version that all of the repository has."""
    manifest = (HERE.parent / "Cargo.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"$', manifest, re.MULTILINE)
    if found is None:
        raise SystemExit(
            "build from a checkout of the repository: its Cargo.toml names the version"
        )
    return found[1]


setup(
    version=version(),
    cffi_modules=["build_native.py:builder"],
    options={
        # One wheel for every CPython from here on: the stable binary interface.
        "bdist_wheel": {"py_limited_api": "cp310"},
        # What is built stays out of the sources.
        "build": {"build_base": "../target/python"},
    },
)
