"""Compiles the door to the C library: its declarations come from the repository's list of them, the
compiler compares each with the header, and the static library is linked in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parent.parent


def declarations(interface: str) -> str:
    """`ffi/abi.txt`, one declaration to a line, as cffi reads C."""
    lines = []
    for line in interface.splitlines():
        number = re.fullmatch(r"(TEEPROOF_\w+) (\d+)u?", line)
        if number:
            lines.append(f"#define {number[1]} {number[2]}")
        elif line.startswith("TEEPROOF_") or line.startswith("typedef enum "):
            # The header's guard, versions as text, and what only C23 reads.
            continue
        else:
            lines.append(re.sub(r"^(enum \w+) : uint32_t ", r"\1 ", line) + ";")
    return "\n".join(lines)


def library() -> Path:
    """The static library: in the folder that TEEPROOF_LIBRARIES names, or built for release."""
    named = os.environ.get("TEEPROOF_LIBRARIES")
    if named:
        folder = Path(named)
    else:
        command = "rustc --release --locked --package teeproof-ffi --lib --crate-type staticlib"
        subprocess.run([os.environ.get("CARGO", "cargo"), *command.split()], cwd=ROOT, check=True)
        folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release"
    archive = folder / "libteeproof.a"
    if not archive.is_file():
        raise SystemExit(f"no {archive}: TEEPROOF_LIBRARIES names the folder that has it")
    return archive


def builder() -> FFI:
    """What setuptools compiles."""
    ffi = FFI()
    ffi.cdef(declarations((ROOT / "ffi" / "abi.txt").read_text(encoding="utf-8")))
    archive = str(library())
    hidden = []
    if sys.platform == "linux":
        # Beside other libraries of Rust in one process, none sees the names of another.
        hidden = ["-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,--strip-all"]
    ffi.set_source(
        "teeproof._native",
        '#include "teeproof.h"',
        include_dirs=[str(ROOT / "ffi" / "include")],
        extra_objects=[archive],
        # Linked anew when the library is another one.
        depends=[archive],
        libraries=["pthread", "dl", "m"],
        extra_link_args=hidden,
        py_limited_api=True,
    )
    return ffi
