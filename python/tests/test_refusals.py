"""What is refused: by the library with a code, by the package with Python's own exceptions."""

from __future__ import annotations

import copy
import gc
import pickle
import unittest
import weakref
from datetime import datetime, timezone
from typing import Any

from teeproof import (
    Challenge,
    Collateral,
    Error,
    Outcome,
    Policy,
    Quote,
    Sameness,
    Verdict,
    call,
    compare,
    compose_hash,
    verify,
)

from .support import AT, FIXTURES, altered, sample


class Codes(unittest.TestCase):
    def refused(self, code: str, make: Any) -> Error:
        with self.assertRaises(Error) as caught:
            make()
        self.assertEqual(caught.exception.code, code)
        self.assertTrue(caught.exception.message)
        self.assertIn(caught.exception.message, str(caught.exception))
        return caught.exception

    def test_inputs_that_are_no_evidence(self) -> None:
        one = sample()
        self.refused("unreadable", lambda: Quote(b"no quote"))
        self.refused("unreadable", lambda: Quote(b""))
        self.refused("unreadable", lambda: Quote(one.quote, b"{}"))
        self.refused("not-one-instance", lambda: Quote())
        self.refused("not-one-instance", lambda: Quote(one.quote, sample("tdx-v5-td15").quote))

    def test_collateral_of_nobody(self) -> None:
        one = sample()
        self.refused("collateral-format", lambda: Collateral(b"{}"))
        self.refused("collateral-format", lambda: Collateral(one.quote))
        place = one.collateral.index(b'tcb_info_signature": "') + 30
        digit = b"1" if one.collateral[place : place + 1] != b"1" else b"2"
        forged = one.collateral[:place] + digit + one.collateral[place + 1 :]
        self.refused("collateral-refused", lambda: Collateral(forged))
        root = (FIXTURES / "forged" / "tdx-v4" / "root.der").read_bytes()
        self.refused("collateral-refused", lambda: Collateral(one.collateral, root=root))
        self.refused("root", lambda: Collateral(one.collateral, root=b"no certificate"))

    def test_policies(self) -> None:
        refused = self.refused("policy", lambda: Policy("schema = 'teeproof.policy/1'\nfoo = 1\n"))
        self.assertIn("foo", refused.message)
        self.refused("policy", lambda: Policy(""))
        self.refused("policy", lambda: sample().policy().pin(os="another"))
        self.refused("bad-length", lambda: Policy().pin(compose_hash=b"short"))
        self.refused("policy", lambda: Policy(b"\xff\xfe"))

    def test_options(self) -> None:
        quote = sample().evidence()
        rule: Any = "rot13"
        self.refused("instant", lambda: verify(quote, at=1 << 62))
        self.refused("instant", lambda: verify(quote, at="captured"))
        self.refused("root", lambda: verify(quote, at=AT, root=b"x"))
        self.refused("challenge", lambda: verify(quote, at=AT, challenge=Challenge(b"1", rule)))
        long = Challenge(bytes(1025), "sha512")
        self.refused("challenge", lambda: verify(quote, at=AT, challenge=long))
        self.refused("bad-length", lambda: verify(quote, at=AT, live=True, tls_key=b"short"))

    def test_an_app_compose_that_is_too_large(self) -> None:
        self.refused("compose", lambda: compose_hash(bytes((4 << 20) + 1)))

    def test_the_universal_door(self) -> None:
        self.refused("request", lambda: call("verify", {}))
        self.refused("unknown-operation", lambda: call("trust", {}))
        self.refused("request", lambda: call("verify", {"schema": "teeproof.request/1", "x": 1}))

    def test_an_error_is_pickled_whole(self) -> None:
        error = self.refused("unreadable", lambda: Quote(b"no quote"))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((again.code, again.message), (error.code, error.message))


class Types(unittest.TestCase):
    def test_what_is_no_bytes_is_named(self) -> None:
        one = sample()
        wrongs: list[Any] = [None, 7, [one.quote], FIXTURES, {"quote": one.quote}, 1.5]
        for wrong in wrongs:
            with self.subTest(wrong=type(wrong)):
                for make in (
                    lambda: Quote(one.quote, wrong),
                    lambda: Collateral(wrong),
                    lambda: Collateral(one.collateral, root=wrong),
                    lambda: Policy(wrong),
                    lambda: compose_hash(wrong),
                ):
                    with self.assertRaisesRegex(TypeError, f"{type(wrong).__name__}"):
                        make()
        with self.assertRaisesRegex(TypeError, "part 1 of a quote"):
            Quote(one.quote, wrong)

    def test_bytes_of_a_fixed_length_are_no_text(self) -> None:
        text: Any = "00" * 32
        quote = sample().evidence()
        for make in (
            lambda: Policy().pin(compose_hash=text),
            lambda: verify(quote, at=AT, root=text),
            lambda: verify(quote, at=AT, live=True, tls_key=text),
            lambda: verify(quote, at=AT, challenge=Challenge(text, "sha512")),
        ):
            with self.assertRaisesRegex(TypeError, "str"):
                make()

    def test_handles_do_not_take_each_others_place(self) -> None:
        one = sample()
        quote: Any = one.evidence()
        policy: Any = one.policy()
        collateral: Any = Collateral(one.collateral)
        raw: Any = one.quote
        for make in (
            lambda: verify(policy, at=AT),
            lambda: verify(raw, at=AT),
            lambda: verify(quote, at=AT, policy=collateral),
            lambda: verify(quote, at=AT, policy=one.policy_text),  # type: ignore[arg-type]
            lambda: verify(quote, at=AT, collateral=policy),
            lambda: compare([quote, collateral], at=AT),
            lambda: compare(quote, at=AT),
            lambda: verify(quote, at=AT, challenge=(b"1", "sha512")),  # type: ignore[arg-type]
            lambda: verify(quote, at=AT, name=7),  # type: ignore[arg-type]
            lambda: call("checks", b"{}"),  # type: ignore[arg-type]
            lambda: call(7, {}),  # type: ignore[arg-type]
            lambda: Policy().pin(os=7),  # type: ignore[arg-type]
        ):
            with self.assertRaises(TypeError):
                make()

    def test_an_instant_has_to_be_one(self) -> None:
        quote = sample().evidence()
        wrong: Any
        for wrong in (None, True, 1.5, b"now", [AT]):
            with self.assertRaises(TypeError):
                verify(quote, at=wrong)
        for wrong in ("", "yesterday", "2025-06-27", -1, 1 << 64, datetime(2025, 6, 27)):
            with self.assertRaises(ValueError):
                verify(quote, at=wrong)
        with self.assertRaises(ValueError):
            verify(quote, at=datetime(1969, 12, 31, tzinfo=timezone.utc))
        with self.assertRaises(TypeError):
            verify(quote)  # type: ignore[call-arg]


class Truth(unittest.TestCase):
    """Where a wrong idiom would take a rejection for a yes."""

    def test_no_answer_is_a_yes_or_no(self) -> None:
        one = sample()
        rejected = verify(Quote(altered(one.quote, 200), one.collateral), at=AT)
        compared = compare([one.evidence(), one.evidence()], at=AT)
        for value in (
            rejected,
            rejected.verdict,
            compared,
            compared.sameness,
            Verdict.TRUSTED,
            Outcome.PASSED,
            Sameness.SAME_CODE,
        ):
            with self.assertRaises(TypeError):
                bool(value)


class Closed(unittest.TestCase):
    def test_a_closed_handle_is_refused(self) -> None:
        one = sample()
        quote, policy, collateral = one.evidence(), one.policy(), Collateral(one.collateral)
        for handle in (quote, policy, collateral):
            self.assertFalse(handle.closed)
            handle.close()
            handle.close()
            self.assertTrue(handle.closed)
        fresh = one.evidence()
        for make in (
            lambda: verify(quote, at=AT),
            lambda: verify(fresh, at=AT, policy=policy),
            lambda: verify(fresh, at=AT, collateral=collateral),
            lambda: compare([fresh, quote], at=AT),
            quote.inspect,
            quote.to_bundle,
            policy.explain,
            lambda: policy.digest,
            lambda: policy.pin(rtmr3=bytes(48)),
            lambda: len(collateral),
            collateral.inspect,
            quote.__enter__,
        ):
            with self.assertRaisesRegex(ValueError, "was closed"):
                make()

    def test_a_report_outlives_what_it_was_made_from(self) -> None:
        one = sample()
        with Quote(one.quote) as quote, Collateral(one.collateral) as files, one.policy() as policy:
            report = verify(quote, collateral=files, policy=policy, at=AT)
        self.assertTrue(quote.closed and files.closed and policy.closed)
        self.assertIs(report.check("quote.signature").outcome, Outcome.PASSED)
        self.assertEqual(report.measurements.mrtd, one.quote[184:232])

    def test_what_nobody_holds_is_gone(self) -> None:
        quote = sample().evidence()
        seen = weakref.ref(quote)
        del quote
        gc.collect()
        self.assertIsNone(seen())


class Pickling(unittest.TestCase):
    def test_handles_and_reports_stay_in_their_process(self) -> None:
        one = sample()
        quote = one.evidence()
        for value in (
            quote,
            one.policy(),
            Collateral(one.collateral),
            verify(quote, at=AT),
            compare([quote], at=AT),
        ):
            for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
                with self.assertRaisesRegex(TypeError, "stays in its process"):
                    attempt(value)

    def test_what_is_plain_data_travels(self) -> None:
        report = verify(sample().evidence(), at=AT)
        for value in (report.checks, report.measurements, report.verdict):
            self.assertEqual(pickle.loads(pickle.dumps(value)), value)
