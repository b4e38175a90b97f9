"""The evidence on which core, bindings, C and C++ agree, through this package: one verdict, one
digest. The list is described in `ffi/tests/c/vectors.c`; TEEPROOF_VECTORS names where it was written.
"""

from __future__ import annotations

import json
import os
import unittest
from pathlib import Path
from typing import cast

from teeproof import (
    Challenge,
    ChallengeRule,
    Collateral,
    Error,
    Policy,
    Quote,
    Report,
    call,
    verify,
)


def numbered(folder: Path, stem: str) -> list[bytes]:
    files: list[bytes] = []
    while (path := folder / f"{stem}-{len(files)}").exists():
        files.append(path.read_bytes())
    return files


def optional(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


class Vectors(unittest.TestCase):
    def hold(self, name: str, at_least: int) -> None:
        root = Path(os.environ["TEEPROOF_VECTORS"]) / name
        cases = shared = 0
        for line in (root / "list.tsv").read_text(encoding="utf-8").splitlines():
            case, at, rule, verdict, digest = line.split("\t")
            expected = (case, verdict, digest)
            shared += self.judge(root / case, int(at), rule, expected)
            cases += 1
        self.assertGreaterEqual(cases, at_least)
        self.assertGreater(shared, 0)

    def judge(self, folder: Path, at: int, rule: str, expected: tuple[str, str, str]) -> bool:
        case = folder.name
        answer = call("verify", json.loads((folder / "request.json").read_bytes()))[0]
        self.assertEqual((case, answer["verdict"], answer["verdictDigest"]), expected)

        parts, files = numbered(folder, "part"), numbered(folder, "collateral")
        policy = Policy((folder / "policy.toml").read_bytes())
        root, nonce = optional(folder / "root.der"), optional(folder / "challenge")
        challenge = Challenge(nonce, cast(ChallengeRule, rule)) if nonce else None

        def found(quote: Quote, collateral: Collateral | None) -> tuple[str, str, str]:
            report: Report = verify(
                quote, collateral=collateral, policy=policy, at=at, root=root, challenge=challenge
            )
            assert report.digest is not None
            return (case, report.verdict.value, report.digest.hex())

        self.assertEqual(found(Quote(*parts, *files), None), expected)
        try:
            collateral = Collateral(*files, root=root)
        except Error:
            return False
        self.assertEqual(found(Quote(*parts), collateral), expected)
        return True

    def test_real_samples(self) -> None:
        self.hold("vectors-real", 4)

    def test_forged_cases(self) -> None:
        self.hold("vectors-forged", 250)

    def test_the_corpus(self) -> None:
        if not (Path(os.environ["TEEPROOF_VECTORS"]) / "vectors-corpus").is_dir():
            self.skipTest("no corpus on this machine")
        self.hold("vectors-corpus", 100)
