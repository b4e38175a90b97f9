"""What a verdict is made from: evidence, collateral, a policy, and how it is to be judged."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Union, final

from ._call import (
    Data,
    Handle,
    copied,
    data,
    demand,
    lend,
    lent,
    made_text,
    number,
    octets,
    slices,
)
from ._native import ffi, lib

#: How REPORTDATA derives from a challenge.
ChallengeRule = Literal[
    "raw64", "zero-padded", "sha256-padded", "sha512", "teeproof-evidence", "app-data-sha512"
]

#: The instant of a verdict: seconds since 1970 or a datetime with a time zone; "now", by the clock of
#: this machine; or "captured", which is the evidence's own word.
At = Union[int, datetime, Literal["now", "captured"]]


@final
class Quote(Handle):
    """A quote, with whatever else one machine gave. Claims, all of it, until it is verified.

    One part is a quote (bytes, hex, base64), a bundle, or an answer of the guest agent or the cloud.
    Of several parts one has the quote, and others may be an event log, an app-compose, a `vm_config`,
    a document behind MRCONFIGID, a PCK chain or collateral, in any order. A quote that is cut off or
    altered is read as long as it begins like one: the report says what is wrong with it.
    """

    __slots__ = ()
    _KIND = "teeproof_quote"

    def __init__(self, *parts: Data) -> None:
        own = [data(part, f"part {place} of a quote") for place, part in enumerate(parts)]
        array, _kept = slices(own)
        self._hold(lib.teeproof_quote_new, array, len(own))

    def inspect(self) -> dict[str, Any]:
        """What the evidence says of itself: `teeproof.inspection/1`. Nothing in it was verified."""
        inspection: dict[str, Any] = json.loads(
            made_text(lib.teeproof_quote_inspect, self._borrow())
        )
        return inspection

    def to_bundle(self) -> str:
        """The evidence as one JSON file, which `Quote` reads."""
        return made_text(lib.teeproof_quote_to_bundle, self._borrow())


@final
class Collateral(Handle):
    """Collateral files, authenticated once for any number of quotes, instants and threads.

    `root` is a trust anchor in DER for tests and simulations; without it, it is Intel's.
    """

    __slots__ = ()
    _KIND = "teeproof_collateral"

    def __init__(self, *files: Data, root: bytes = b"") -> None:
        own = [data(file, f"collateral file {place}") for place, file in enumerate(files)]
        array, _kept = slices(own)
        anchor = lend(octets(root, "root"))
        self._hold(lib.teeproof_collateral_new, array, len(own), anchor, len(anchor))

    def __len__(self) -> int:
        return number(lib.teeproof_collateral_count, "size_t *", self._borrow())

    def __bool__(self) -> bool:
        return True

    def inspect(self) -> list[dict[str, Any]]:
        """What each file says: platform, evaluation numbers, windows."""
        inspections: list[dict[str, Any]] = json.loads(
            made_text(lib.teeproof_collateral_inspect, self._borrow())
        )
        return inspections


#: Bytes of a memory unless it is said: some hundred platforms.
_MEMORY = 4 * 1024 * 1024


@final
class Memory(Handle):
    """What verdicts with it have established and no instant changes, at most `limit` bytes of it,
    about. Windows, revocation, TCB and policy are judged every time, and so is the signature of every
    quote: the report is the one without a memory, and a platform that was seen costs less.
    """

    __slots__ = ()
    _KIND = "teeproof_memory"

    def __init__(self, limit: int = _MEMORY) -> None:
        if not isinstance(limit, int) or isinstance(limit, bool):
            raise TypeError(f"limit has to be a number of bytes, and is {type(limit).__name__}")
        if not 0 <= limit < 1 << 32:
            raise ValueError(f"limit is in bytes, below 2**32, and not {limit}")
        self._hold(lib.teeproof_memory_new, limit)


#: A policy that names nothing is the strict default.
_STRICT = 'schema = "teeproof.policy/1"\n'


@final
class Policy(Handle):
    """What a verdict accepts, from TOML or JSON. Without a text it is the strict default."""

    __slots__ = ()
    _KIND = "teeproof_policy"

    def __init__(self, text: Data = _STRICT) -> None:
        own = data(text, "a policy")
        self._hold(lib.teeproof_policy_parse, lend(own), len(own))

    def pin(
        self,
        *,
        compose_hash: bytes | None = None,
        app_id: bytes | None = None,
        report_data: bytes | None = None,
        os: str | None = None,
        rtmr3: bytes | None = None,
    ) -> Policy:
        """This policy, narrowed by what is expected of one piece of evidence: it can only refuse
        more. `os` is the name of an OS set in the policy."""
        pins: list[tuple[int, bytes]] = []
        for which, value, name in (
            (lib.TEEPROOF_PIN_COMPOSE_HASH, compose_hash, "compose_hash"),
            (lib.TEEPROOF_PIN_APP_ID, app_id, "app_id"),
            (lib.TEEPROOF_PIN_REPORT_DATA, report_data, "report_data"),
            (lib.TEEPROOF_PIN_RTMR3, rtmr3, "rtmr3"),
        ):
            if value is not None:
                pins.append((which, octets(value, name)))
        if os is not None:
            if not isinstance(os, str):
                raise TypeError(f"os has to be text, and is {type(os).__name__}")
            pins.append((lib.TEEPROOF_PIN_OS, os.encode()))
        pinned = self
        for which, octet in pins:
            narrower = Policy.__new__(Policy)
            narrower._hold(
                lib.teeproof_policy_pin, pinned._borrow(), which, lend(octet), len(octet)
            )
            pinned = narrower
        return pinned

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical form."""
        pointer = self._borrow()
        digest = lent(lib.teeproof_policy_digest, "teeproof_slice *", copied, pointer)
        return digest or b""

    def explain(self) -> dict[str, Any]:
        """The policy as sentences."""
        explanation: dict[str, Any] = json.loads(
            made_text(lib.teeproof_policy_explain, self._borrow())
        )
        return explanation


@dataclass(frozen=True)
class Challenge:
    """The caller's own challenge, and how REPORTDATA derives from it."""

    #: At most 1024 bytes.
    value: bytes
    rule: ChallengeRule


def _instant(options: Any, at: object) -> None:
    options.instant = lib.TEEPROOF_INSTANT_GIVEN
    if isinstance(at, datetime):
        if at.utcoffset() is None:
            raise ValueError("at has to have a time zone, as in datetime.now(timezone.utc)")
        seconds = math.floor(at.timestamp())
    elif isinstance(at, int) and not isinstance(at, bool):
        seconds = at
    elif at == "now":
        options.instant = lib.TEEPROOF_INSTANT_CLOCK
        seconds = math.floor(time.time())
    elif at == "captured":
        options.instant = lib.TEEPROOF_INSTANT_CAPTURED
        seconds = 0
    elif isinstance(at, str):
        raise ValueError(f'at is "now", "captured" or an instant, and not {at!r}')
    else:
        raise TypeError(f"at has to be an instant, and is {type(at).__name__}")
    if not 0 <= seconds < 1 << 64:
        raise ValueError(f"at is in seconds since 1970, and not {seconds}")
    options.at = seconds


def options(
    *,
    at: At,
    name: str,
    root: bytes,
    challenge: Challenge | None,
    live: bool,
    tls_key: bytes | None,
    flags: int,
) -> tuple[Any, list[Any]]:
    """The `teeproof_options`, and what keeps alive what they point to."""
    made = ffi.new("teeproof_options *")
    made.size = ffi.sizeof("teeproof_options")
    _instant(made, at)
    made.flags = flags | (lib.TEEPROOF_LIVE if live else 0)
    if challenge is not None and not isinstance(challenge, Challenge):
        raise TypeError(f"challenge has to be a Challenge, and is {type(challenge).__name__}")
    if not isinstance(name, str):
        raise TypeError(f"name has to be text, and is {type(name).__name__}")
    values = {
        "name": name.encode(),
        "root": octets(root, "root"),
        "challenge": b"" if challenge is None else octets(challenge.value, "a challenge"),
        "challenge_rule": b"" if challenge is None else challenge.rule.encode(),
        "tls_key": b"" if tls_key is None else octets(tls_key, "tls_key"),
    }
    kept = []
    for field, value in values.items():
        lent_value = lend(value)
        kept.append(lent_value)
        setattr(made, field, (lent_value, len(lent_value)))
    return made, kept


def compose_hash(app_compose: Data) -> bytes:
    """SHA-256 of an app-compose exactly as it is, which is what dstack measures."""
    own = data(app_compose, "an app-compose")
    out, error = ffi.new("uint8_t[32]"), ffi.new("teeproof_error **")
    demand(lib.teeproof_compose_hash(lend(own), len(own), out, 32, error), error)
    return bytes(ffi.buffer(out))
