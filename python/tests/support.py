"""The evidence of the repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from teeproof import Policy, Quote

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
#: Inside of the windows of the sample's collateral.
AT = 1751000000


@dataclass(frozen=True)
class Sample:
    """Real evidence, as files."""

    quote: bytes
    collateral: bytes
    policy_text: str

    def evidence(self) -> Quote:
        return Quote(self.quote, self.collateral)

    def policy(self) -> Policy:
        return Policy(self.policy_text)


def sample(name: str = "tdx-v4") -> Sample:
    folder = FIXTURES / "real" / name
    return Sample(
        (folder / "quote.bin").read_bytes(),
        (folder / "collateral.json").read_bytes(),
        (folder / "policy.toml").read_text(encoding="utf-8"),
    )


def altered(content: bytes, place: int) -> bytes:
    """With one bit turned over."""
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)
