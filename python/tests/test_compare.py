"""Several machines against each other, and the universal door."""

from __future__ import annotations

import json
import unittest

from teeproof import Quote, Sameness, call, compare, verify

from .support import AT, altered, sample


class Comparisons(unittest.TestCase):
    def test_of_machines_that_are_not_pinned(self) -> None:
        one = sample()
        quotes = [one.evidence(), one.evidence()]
        comparison = compare(quotes, policy=one.policy(), at=AT)
        self.assertIsNot(comparison.sameness, Sameness.SAME_CODE)
        self.assertNotEqual(comparison.exit_code, 0)
        answer = json.loads(comparison.to_json())
        self.assertEqual(answer["schema"], "teeproof.comparison/1")
        self.assertEqual(answer["headline"], comparison.headline)
        self.assertIn(comparison.sameness.value, comparison.to_json())

    def test_the_order_does_not_matter(self) -> None:
        one, other = sample(), sample("tdx-v5-td15")
        quotes = [one.evidence(), other.evidence()]
        forth = compare(quotes, at=AT)
        back = compare(iter(reversed(quotes)), at=AT)
        self.assertIsNotNone(forth.digest)
        self.assertEqual(forth.digest, back.digest)

    def test_one_that_is_rejected_is_no_proof(self) -> None:
        one = sample()
        quotes = [one.evidence(), Quote(altered(one.quote, 200), one.collateral)]
        comparison = compare(quotes, policy=one.policy(), at=AT, different_machines=True)
        self.assertIn(comparison.sameness, (Sameness.UNPROVEN, Sameness.REFUTED))
        self.assertNotEqual(comparison.exit_code, 0)


class Door(unittest.TestCase):
    def test_a_verdict_is_that_of_the_handles(self) -> None:
        one = sample()
        parts = [{"hex": one.quote.hex()}, {"hex": one.collateral.hex()}]
        answer = call(
            "verify",
            {
                "schema": "teeproof.request/1",
                "inputs": [{"name": "", "parts": parts}],
                "policy": one.policy_text,
                "at": AT,
            },
        )
        report = verify(one.evidence(), policy=one.policy(), at=AT)
        self.assertEqual(answer, [json.loads(report.to_json())])

    def test_the_check_table(self) -> None:
        table = call("checks", {"schema": "teeproof.request/1"})
        report = verify(sample().evidence(), at=AT)
        self.assertEqual([check["id"] for check in table], [check.id for check in report.checks])
