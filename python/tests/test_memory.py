"""A memory: the same reports as without one, whatever it has seen before."""

from __future__ import annotations

import unittest
from concurrent.futures import ThreadPoolExecutor

from teeproof import Collateral, Memory, Quote, Report, Verdict, verify

from .support import AT, altered, sample


class Remembered(unittest.TestCase):
    def test_reports_are_those_without_a_memory(self) -> None:
        one = sample()
        policy, collateral = one.policy(), Collateral(one.collateral)
        quotes = [
            Quote(one.quote),
            # One bit of the report, of the signature over it, and of the quoting enclave's report.
            *(Quote(altered(one.quote, place)) for place in (200, 640, 900)),
        ]
        for limit in (0, 1, 100_000, 4 << 20):
            memory = Memory(limit)
            for at in (AT, AT + 40 * 86400, AT):
                for quote in quotes:
                    for own in (collateral, None):
                        plain = verify(quote, policy=policy, collateral=own, at=at)
                        warm = verify(quote, policy=policy, collateral=own, at=at, memory=memory)
                        self.assertEqual(warm, plain)
                        self.assertEqual(warm.to_json(), plain.to_json())
        self.assertIs(
            verify(quotes[0], collateral=collateral, at=AT, memory=Memory()).verdict,
            Verdict.GENUINE,
        )

    def test_threads_share_one(self) -> None:
        one = sample()
        memory, expected = Memory(), verify(one.evidence(), at=AT)

        def judge(_: int) -> Report:
            return verify(one.evidence(), at=AT, memory=memory)

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(judge, range(64))), [expected] * 64)

    def test_a_memory_is_nothing_else(self) -> None:
        one = sample()
        for limit in ("1", 1.5, True, None):
            with self.assertRaises(TypeError):
                Memory(limit)  # type: ignore[arg-type]
        for limit in (-1, 1 << 32):
            with self.assertRaises(ValueError):
                Memory(limit)
        with self.assertRaises(TypeError):
            verify(one.evidence(), at=AT, memory=Collateral(one.collateral))  # type: ignore[arg-type]
        memory = Memory()
        memory.close()
        with self.assertRaises(ValueError):
            verify(one.evidence(), at=AT, memory=memory)
