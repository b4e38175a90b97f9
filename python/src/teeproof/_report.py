"""Verdicts: of one machine, and of several against each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NoReturn, Union

from ._call import (
    Error,
    Handle,
    borrowed,
    copied,
    lend,
    lent,
    made,
    made_text,
    number,
    string,
)
from ._inputs import At, Challenge, Collateral, Memory, Policy, Quote, options
from ._native import ffi, lib
from ._words import SAMENESSES, VERDICTS, Outcome, Sameness, Verdict

#: A value of a check.
Value = Union[None, bool, int, float, str, "list[Value]", "dict[str, Value]"]


@dataclass(frozen=True)
class Check:
    """A check of a report. Every report answers all of them, in one order."""

    #: Frozen, and the same in every version.
    number: int
    #: Stable, such as `quote.signature`.
    id: str
    title: str
    outcome: Outcome
    #: Why it did not pass, as a stable code.
    reason: str | None
    #: The same as a sentence.
    because: str | None
    #: What to do next.
    next: str | None
    #: What the fact rests on, as a word.
    anchor: str | None
    #: The id of the check that has to pass first.
    depends_on: str | None
    found: Value = field(hash=False)
    expected: Value = field(hash=False)


@dataclass(frozen=True)
class Measurements:
    """The registers of a quote as bytes; None for those that it does not have. They prove something
    only under a verdict that accepts them."""

    mrtd: bytes | None
    rtmr0: bytes | None
    rtmr1: bytes | None
    rtmr2: bytes | None
    rtmr3: bytes | None
    mr_seam: bytes | None
    mr_signer_seam: bytes | None
    mr_config_id: bytes | None
    mr_owner: bytes | None
    mr_owner_config: bytes | None
    tee_tcb_svn: bytes | None
    tee_tcb_svn2: bytes | None
    td_attributes: bytes | None
    xfam: bytes | None
    report_data: bytes | None
    mr_enclave: bytes | None
    mr_signer: bytes | None
    attributes: bytes | None
    isv_prod_id: bytes | None
    isv_svn: bytes | None


class _Judged:
    def __bool__(self) -> NoReturn:
        # A report of a rejected quote would be as true as any other.
        raise TypeError(f"{type(self).__name__} is no yes or no: look at what it says")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} stays in its process: hand over its to_json()")


@dataclass(frozen=True)
class Report(_Judged):
    """A verdict and all it rests on."""

    verdict: Verdict
    #: For `Verdict.SIMULATED`: what it would be if the trust anchor were Intel's.
    simulates: Verdict | None
    #: What the command line ends with for this evidence: 0 is trusted, or genuine where that is all
    #: that was asked for.
    exit_code: int
    #: The verdict as one sentence.
    headline: str
    #: SHA-256 of the canonical verdict, the same in every language and on every machine. None if the
    #: two engines disagree.
    digest: bytes | None
    #: How many engines looked: `both` or `single`.
    engines: str
    #: Intel's word for platform, module and quoting enclave together.
    tcb_status: str | None
    _pointer: Any = field(repr=False, compare=False)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """All checks, in their order."""
        # One call for all: it is faster than ten for each.
        answered: list[dict[str, Any]] = json.loads(self.to_json())["checks"]
        return tuple(
            Check(
                number=check["number"],
                id=check["id"],
                title=check["title"],
                outcome=Outcome(check["outcome"]),
                reason=check["reason"],
                because=check["because"],
                next=check["next"],
                anchor=check["anchor"],
                depends_on=check["dependsOn"],
                found=check["found"],
                expected=check["expected"],
            )
            for check in answered
        )

    def check(self, id: str) -> Check:
        """The check of an id. KeyError if there is none."""
        for check in self.checks:
            if check.id == id:
                return check
        raise KeyError(id)

    @cached_property
    def measurements(self) -> Measurements:
        """The registers of the quote."""
        return Measurements(*(self._register(place.name) for place in fields(Measurements)))

    def to_json(self) -> str:
        """The whole report: `teeproof.answer/1`, the same that the command line prints."""
        return made_text(lib.teeproof_report_to_json, self._pointer)

    def _register(self, name: str) -> bytes | None:
        which = getattr(lib, f"TEEPROOF_MEASUREMENT_{name.upper()}")
        call = lib.teeproof_report_measurement
        return lent(call, "teeproof_slice *", copied, self._pointer, which)


@dataclass(frozen=True)
class Comparison(_Judged):
    """What several instances are to each other."""

    sameness: Sameness
    #: What the command line ends with: 0 is the same code on trusted instances.
    exit_code: int
    #: The result as one sentence.
    headline: str
    #: SHA-256 of the canonical comparison, the same for any order of the inputs. None if the two
    #: engines disagree about an instance.
    digest: bytes | None
    _pointer: Any = field(repr=False, compare=False)

    def to_json(self) -> str:
        """The whole comparison: `teeproof.comparison/1`, with the answer about every instance."""
        return made_text(lib.teeproof_comparison_to_json, self._pointer)


def _optional(value: object, kind: type[Handle], what: str) -> Any:
    return ffi.NULL if value is None else borrowed(value, kind, what)


def verify(
    quote: Quote,
    *,
    at: At,
    policy: Policy | None = None,
    collateral: Collateral | None = None,
    memory: Memory | None = None,
    name: str = "",
    root: bytes = b"",
    challenge: Challenge | None = None,
    live: bool = False,
    tls_key: bytes | None = None,
    genuine_only: bool = False,
) -> Report:
    """Judges the evidence of one machine. A quote that is rejected is a report that says so.

    `at` has to be named. Without a policy the strict default holds; without collateral there is only
    what the evidence brings. With a memory, platforms that were seen before cost less. `name` is what the report calls the input. `root` is a trust anchor in
    DER for tests and simulations, under which a verdict is simulated at best. `live` says that the
    evidence came over a connection that the caller opened, and `tls_key` is SHA-256 of the key at its
    other end. `genuine_only` decides the exit code and nothing else.
    """
    made_options, _kept = options(
        at=at,
        name=name,
        root=root,
        challenge=challenge,
        live=live,
        tls_key=tls_key,
        flags=lib.TEEPROOF_GENUINE_ONLY if genuine_only else 0,
    )
    inputs = [
        borrowed(quote, Quote, "quote"),
        _optional(collateral, Collateral, "collateral"),
        _optional(policy, Policy, "policy"),
        made_options,
    ]
    judge = lib.teeproof_verify
    if memory is not None:
        judge = lib.teeproof_verify_remembering
        inputs.append(borrowed(memory, Memory, "memory"))
    pointer = made(judge, "teeproof_report", *inputs)
    simulates = lent(
        lib.teeproof_report_simulates, "teeproof_verdict *", lambda out: VERDICTS[out[0]], pointer
    )
    return Report(
        verdict=VERDICTS[number(lib.teeproof_report_verdict, "teeproof_verdict *", pointer)],
        simulates=simulates,
        exit_code=number(lib.teeproof_report_exit_code, "uint32_t *", pointer),
        headline=lent(lib.teeproof_report_headline, "teeproof_str *", string, pointer) or "",
        digest=lent(lib.teeproof_report_digest, "teeproof_slice *", copied, pointer),
        engines=lent(lib.teeproof_report_engines, "teeproof_str *", string, pointer) or "",
        tcb_status=lent(lib.teeproof_report_tcb_status, "teeproof_str *", string, pointer),
        _pointer=pointer,
    )


def compare(
    quotes: Iterable[Quote],
    *,
    at: At,
    policy: Policy | None = None,
    collateral: Collateral | None = None,
    root: bytes = b"",
    challenge: Challenge | None = None,
    live: bool = False,
    tls_key: bytes | None = None,
    genuine_only: bool = False,
    different_machines: bool = False,
) -> Comparison:
    """Judges each instance by itself as `verify` does, and compares what was proven. The order does
    not matter. `different_machines` claims that each has a physical machine of its own."""
    made_options, _kept = options(
        at=at,
        name="",
        root=root,
        challenge=challenge,
        live=live,
        tls_key=tls_key,
        flags=(lib.TEEPROOF_GENUINE_ONLY if genuine_only else 0)
        | (lib.TEEPROOF_DIFFERENT_MACHINES if different_machines else 0),
    )
    held = [borrowed(quote, Quote, f"instance {place}") for place, quote in enumerate(quotes)]
    pointer = made(
        lib.teeproof_compare,
        "teeproof_comparison",
        ffi.new("teeproof_quote *[]", held),
        len(held),
        _optional(collateral, Collateral, "collateral"),
        _optional(policy, Policy, "policy"),
        made_options,
    )
    call = lib.teeproof_comparison_sameness
    return Comparison(
        sameness=SAMENESSES[number(call, "teeproof_sameness *", pointer)],
        exit_code=number(lib.teeproof_comparison_exit_code, "uint32_t *", pointer),
        headline=lent(lib.teeproof_comparison_headline, "teeproof_str *", string, pointer) or "",
        digest=lent(lib.teeproof_comparison_digest, "teeproof_slice *", copied, pointer),
        _pointer=pointer,
    )


def call(operation: str, request: Mapping[str, Any]) -> Any:
    """Performs an operation by its name: `verify`, `compare`, `inspect`, `policy-explain` or
    `checks`. The request is `teeproof.request/1`; what is returned is the answer."""
    if not isinstance(operation, str):
        raise TypeError(f"operation has to be text, and is {type(operation).__name__}")
    word, body = operation.encode(), json.dumps(request, allow_nan=False).encode()
    answer = json.loads(made_text(lib.teeproof_call, lend(word), len(word), lend(body), len(body)))
    if "error" in answer:
        raise Error(answer["error"]["code"], answer["error"]["message"])
    return answer["ok"]
