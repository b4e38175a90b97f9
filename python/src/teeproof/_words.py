"""The words of verdicts, outcomes and comparisons, and the numbers that the C library has for them."""

from __future__ import annotations

from enum import Enum, unique
from typing import NoReturn, TypeVar

from ._native import lib


class _Word(Enum):
    """A word that is no yes or no by itself."""

    def __bool__(self) -> NoReturn:
        # Every member of an enumeration is true, `REJECTED` as well.
        raise TypeError(f"{type(self).__name__} is no yes or no: compare it, as in `is {self}`")


@unique
class Verdict(_Word):
    """One word for a whole report."""

    #: Everything demanded passed, and both the operating system and what it runs were pinned.
    TRUSTED = "trusted"
    #: Real hardware evidence that the policy accepts; what it runs was not pinned.
    GENUINE = "genuine"
    #: Would be one of the two above, under a trust anchor that is not Intel's.
    SIMULATED = "simulated"
    #: A check failed.
    REJECTED = "rejected"
    #: Nothing failed, and something that was demanded could not be checked.
    INCONCLUSIVE = "inconclusive"


@unique
class Outcome(_Word):
    """What became of a check. Only one of these is a pass."""

    #: It was made, and it holds.
    PASSED = "passed"
    #: It was made, and it does not hold.
    FAILED = "failed"
    #: It was demanded and could not be made.
    SKIPPED = "skipped"
    #: Nobody demanded it.
    NOT_REQUESTED = "not-requested"


@unique
class Sameness(_Word):
    """One word for a whole comparison."""

    #: Every instance is trusted under one policy, and all run the same code.
    SAME_CODE = "same-code"
    #: The measurements match, and they do not pin all of the code.
    SAME_MEASUREMENTS = "same-measurements"
    #: Something demanded could not be shown.
    UNPROVEN = "unproven"
    #: The instances differ where they have to match, or match where they have to differ.
    REFUTED = "refuted"


_W = TypeVar("_W", bound=_Word)


def _numbered(kind: type[_W]) -> dict[int, _W]:
    stem = f"TEEPROOF_{kind.__name__.upper()}_"
    return {getattr(lib, stem + word.name): word for word in kind}


VERDICTS = _numbered(Verdict)
SAMENESSES = _numbered(Sameness)
