"""Verifies Intel TDX and SGX evidence, offline, with a reason for each check.

The verdicts of teeproof over its C library: evidence and an instant in, a report out. Nothing here
opens a file or a connection, and a verdict has the same digest as in every other language.
"""

from ._call import Data, Error, string
from ._inputs import At, Challenge, ChallengeRule, Collateral, Memory, Policy, Quote, compose_hash
from ._native import ffi, lib
from ._report import (
    Check,
    Comparison,
    Measurements,
    Report,
    Value,
    call,
    compare,
    verify,
)
from ._words import Outcome, Sameness, Verdict

__all__ = [
    "At",
    "Challenge",
    "ChallengeRule",
    "Check",
    "Collateral",
    "Comparison",
    "Data",
    "Error",
    "Measurements",
    "Memory",
    "Outcome",
    "Policy",
    "Quote",
    "Report",
    "Sameness",
    "Value",
    "Verdict",
    "__version__",
    "call",
    "compare",
    "compose_hash",
    "verify",
]


def _version() -> str:
    out = ffi.new("teeproof_str *")
    lib.teeproof_version(out)
    return string(out)


#: The version of the library, which is that of this package.
__version__: str = _version()
