"""Verdicts on real evidence, and everything a report gives."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import unittest
from datetime import datetime, timedelta, timezone
from typing import cast

from teeproof import (
    Challenge,
    ChallengeRule,
    Collateral,
    Outcome,
    Policy,
    Quote,
    Verdict,
    compose_hash,
    verify,
)
from teeproof._native import ffi, lib

from .support import AT, FIXTURES, altered, sample


class Verdicts(unittest.TestCase):
    def setUp(self) -> None:
        self.sample = sample()
        self.quote = self.sample.evidence()
        self.policy = self.sample.policy()

    def test_a_real_quote(self) -> None:
        report = verify(self.quote, policy=self.policy, at=AT, name="prod9")
        self.assertIs(report.verdict, Verdict.GENUINE)
        self.assertIsNone(report.simulates)
        self.assertEqual(report.exit_code, 3)
        self.assertIn("GENUINE, NOT PINNED", report.headline)
        self.assertEqual(report.tcb_status, "UpToDate")
        self.assertIn(report.engines, ("both", "single"))
        answer = json.loads(report.to_json())
        self.assertEqual(answer["schema"], "teeproof.answer/1")
        self.assertEqual(answer["verdict"], report.verdict.value)
        self.assertEqual(answer["input"]["name"], "prod9")
        assert report.digest is not None
        self.assertEqual(answer["verdictDigest"], report.digest.hex())

    def test_to_be_genuine_can_be_all_that_is_asked(self) -> None:
        report = verify(self.quote, policy=self.policy, at=AT, genuine_only=True)
        self.assertIs(report.verdict, Verdict.GENUINE)
        self.assertEqual(report.exit_code, 0)

    def test_every_bit_of_a_signed_quote_counts(self) -> None:
        for place in (48, 184, 567, 640, 700):
            quote = Quote(altered(self.sample.quote, place), self.sample.collateral)
            report = verify(quote, policy=self.policy, at=AT)
            self.assertIs(report.verdict, Verdict.REJECTED, place)
            failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
            self.assertTrue(failed)
            for check in failed:
                self.assertTrue(check.reason and check.because and check.next, check)

    def test_a_quote_that_is_cut_off_is_rejected(self) -> None:
        report = verify(Quote(self.sample.quote[:-200], self.sample.collateral), at=AT)
        self.assertIs(report.verdict, Verdict.REJECTED)
        self.assertIs(report.check("quote.format").outcome, Outcome.FAILED)

    def test_without_collateral_nothing_is_proven(self) -> None:
        report = verify(Quote(self.sample.quote), policy=self.policy, at=AT)
        self.assertIs(report.verdict, Verdict.INCONCLUSIVE)
        self.assertEqual(report.exit_code, 6)
        self.assertIs(report.check("collateral.present").outcome, Outcome.SKIPPED)

    def test_the_strict_default_is_the_policy_where_there_is_none(self) -> None:
        by_default = verify(self.quote, at=AT)
        by_name = verify(self.quote, policy=Policy(), at=AT)
        self.assertEqual(by_default, by_name)
        self.assertNotEqual(by_default.digest, verify(self.quote, policy=self.policy, at=AT).digest)

    def test_collateral_that_is_shared_gives_the_same_verdict(self) -> None:
        shared = Collateral(self.sample.collateral)
        self.assertEqual(len(shared), 1)
        self.assertEqual(len(shared.inspect()), 1)
        bare = Quote(self.sample.quote)
        self.assertEqual(
            verify(bare, policy=self.policy, collateral=shared, at=AT),
            verify(self.quote, policy=self.policy, at=AT),
        )

    def test_inputs_may_be_text_or_any_bytes(self) -> None:
        expected = verify(self.quote, policy=self.policy, at=AT)
        for quote in (
            self.sample.quote.hex(),
            bytearray(self.sample.quote),
            memoryview(b"x" + self.sample.quote)[1:],
        ):
            evidence = Quote(quote, self.sample.collateral.decode())
            policy = Policy(bytearray(self.sample.policy_text.encode()))
            self.assertEqual(verify(evidence, policy=policy, at=AT), expected)

    def test_a_buffer_that_changes_later_changes_nothing(self) -> None:
        content = bytearray(self.sample.quote)
        quote = Quote(content, self.sample.collateral)
        content[:] = bytes(len(content))
        self.assertIs(verify(quote, policy=self.policy, at=AT).verdict, Verdict.GENUINE)

    def test_a_bundle_is_evidence(self) -> None:
        bundle = self.quote.to_bundle()
        self.assertEqual(
            verify(Quote(bundle), policy=self.policy, at=AT).digest,
            verify(self.quote, policy=self.policy, at=AT).digest,
        )

    def test_an_inspection(self) -> None:
        self.assertEqual(self.quote.inspect()["schema"], "teeproof.inspection/1")


class Instants(unittest.TestCase):
    def setUp(self) -> None:
        self.quote = sample().evidence()

    def test_a_datetime_is_an_instant_in_any_zone(self) -> None:
        expected = verify(self.quote, at=AT)
        utc = datetime.fromtimestamp(AT, timezone.utc)
        there = utc.astimezone(timezone(timedelta(hours=9))) + timedelta(microseconds=999_999)
        for at in (utc, there):
            self.assertEqual(verify(self.quote, at=at), expected)

    def test_now_is_past_the_sample(self) -> None:
        report = verify(self.quote, at="now")
        self.assertIs(report.verdict, Verdict.INCONCLUSIVE)
        self.assertIs(report.check("collateral.valid").outcome, Outcome.SKIPPED)
        self.assertNotIn("AS OF", report.headline)


class Registers(unittest.TestCase):
    """Against the quote itself: a version 4 quote has its TD report from byte 48 on."""

    def test_a_trust_domain(self) -> None:
        one = sample()
        found = verify(one.evidence(), at=AT).measurements
        places = {
            "tee_tcb_svn": (48, 16),
            "mr_seam": (64, 48),
            "mr_signer_seam": (112, 48),
            "td_attributes": (168, 8),
            "xfam": (176, 8),
            "mrtd": (184, 48),
            "mr_config_id": (232, 48),
            "mr_owner": (280, 48),
            "mr_owner_config": (328, 48),
            "rtmr0": (376, 48),
            "rtmr1": (424, 48),
            "rtmr2": (472, 48),
            "rtmr3": (520, 48),
            "report_data": (568, 64),
        }
        for name, value in dataclasses.asdict(found).items():
            start, size = places.get(name, (0, 0))
            expected = one.quote[start : start + size] if size else None
            self.assertEqual(value, expected, name)

    def test_an_enclave(self) -> None:
        one = sample("sgx-v3")
        found = verify(one.evidence(), policy=one.policy(), at=AT).measurements
        places = {
            "attributes": (96, 16),
            "mr_enclave": (112, 32),
            "mr_signer": (176, 32),
            "isv_prod_id": (304, 2),
            "isv_svn": (306, 2),
            "report_data": (368, 64),
        }
        for name, value in dataclasses.asdict(found).items():
            start, size = places.get(name, (0, 0))
            expected = one.quote[start : start + size] if size else None
            self.assertEqual(value, expected, name)


class Checks(unittest.TestCase):
    def test_they_are_those_that_the_library_tells_one_by_one(self) -> None:
        one = sample()
        for quote in (one.evidence(), Quote(altered(one.quote, 200), one.collateral)):
            report = verify(quote, policy=one.policy(), at=AT)
            pointer = report._pointer
            count = ffi.new("size_t *")
            self.assertEqual(lib.teeproof_report_check_count(pointer, count), 0)
            self.assertEqual(len(report.checks), count[0])
            self.assertGreater(count[0], 40)
            for index, check in enumerate(report.checks):
                number, outcome = ffi.new("uint32_t *"), ffi.new("uint32_t *")
                self.assertEqual(lib.teeproof_report_check_number(pointer, index, number), 0)
                self.assertEqual(check.number, number[0])
                lib.teeproof_report_check_outcome(pointer, check.number, outcome)
                name = f"TEEPROOF_OUTCOME_{check.outcome.name}"
                self.assertEqual(outcome[0], getattr(lib, name), check)
                for which in ("id", "title", "reason", "because", "next", "anchor", "depends_on"):
                    said = ffi.new("teeproof_str *")
                    place = getattr(lib, f"TEEPROOF_CHECK_TEXT_{which.upper()}")
                    result = lib.teeproof_report_check_text(pointer, check.number, place, said)
                    expected = getattr(check, which)
                    if result == lib.TEEPROOF_RESULT_ABSENT:
                        self.assertIsNone(expected)
                    else:
                        self.assertEqual(expected.encode(), ffi.unpack(said.data, said.len))

    def test_a_check_says_what_was_found_and_expected(self) -> None:
        check = verify(sample().evidence(), at=AT).check("tcb.status")
        self.assertEqual(check.found, {"status": "UpToDate"})
        self.assertIsInstance(check.expected, dict)

    def test_there_is_none_of_another_name(self) -> None:
        with self.assertRaises(KeyError):
            verify(sample().evidence(), at=AT).check("quote.signed")

    def test_they_are_dataclasses_that_do_not_change(self) -> None:
        report = verify(sample().evidence(), at=AT)
        for one, field in (
            (report, "verdict"),
            (report.checks[0], "outcome"),
            (report.measurements, "mrtd"),
        ):
            with self.assertRaises(dataclasses.FrozenInstanceError):
                setattr(one, field, None)
        self.assertEqual(len({hash(check) for check in report.checks}), len(report.checks))


class Forged(unittest.TestCase):
    """Evidence of the repository's own test root."""

    def setUp(self) -> None:
        folder = FIXTURES / "forged" / "tdx-v4"
        names = (
            "quote.bin",
            "collateral.json",
            "event-log.json",
            "app-compose.json",
            "vm-config.json",
        )
        self.parts = [(folder / name).read_bytes() for name in names]
        self.root = (folder / "root.der").read_bytes()
        self.policy = Policy((folder / "policy.toml").read_text(encoding="utf-8"))
        expected = (folder / "expect.toml").read_text(encoding="utf-8")
        said = dict(re.findall(r'^([\w-]+) = "(.*)"$', expected, re.MULTILINE))
        self.would_be = said["would-be"]
        self.at = datetime.fromisoformat(said["at"].replace("Z", "+00:00"))
        rule = cast(ChallengeRule, said["challenge-rule"])
        self.challenge = Challenge(bytes.fromhex(said["challenge"]), rule)

    def test_under_its_root_it_is_simulated_at_best(self) -> None:
        report = verify(
            Quote(*self.parts),
            policy=self.policy,
            root=self.root,
            at=self.at,
            challenge=self.challenge,
        )
        self.assertIs(report.verdict, Verdict.SIMULATED)
        self.assertIs(report.simulates, Verdict(self.would_be))
        self.assertEqual(report.exit_code, 10)
        self.assertIs(report.check("freshness.challenge").outcome, Outcome.PASSED)

    def test_under_intels_root_it_is_rejected(self) -> None:
        report = verify(
            Quote(*self.parts), policy=self.policy, at=self.at, challenge=self.challenge
        )
        self.assertIs(report.verdict, Verdict.REJECTED)
        self.assertIsNone(report.simulates)

    def test_a_challenge_that_it_does_not_answer_rejects_it(self) -> None:
        report = verify(
            Quote(*self.parts),
            policy=self.policy,
            root=self.root,
            at=self.at,
            challenge=Challenge(b"nonce", "sha512"),
        )
        self.assertIs(report.verdict, Verdict.REJECTED)
        self.assertIs(report.check("freshness.challenge").outcome, Outcome.FAILED)


class Policies(unittest.TestCase):
    def test_a_pin_narrows(self) -> None:
        one = sample()
        policy = one.policy()
        zeros = policy.pin(rtmr3=bytes(48))
        other = policy.pin(rtmr3=b"\1" * 48)
        self.assertEqual(len({policy.digest, zeros.digest, other.digest}), 3)
        self.assertIs(verify(one.evidence(), policy=other, at=AT).verdict, Verdict.REJECTED)
        self.assertEqual(policy.pin().digest, policy.digest)

    def test_several_pins_at_once_are_one_after_the_other(self) -> None:
        policy = Policy()
        together = policy.pin(compose_hash=b"\1" * 32, app_id=b"\2" * 20, report_data=b"\3" * 64)
        singly = policy.pin(report_data=b"\3" * 64).pin(app_id=b"\2" * 20)
        self.assertEqual(together.digest, singly.pin(compose_hash=b"\1" * 32).digest)

    def test_a_policy_explains_itself(self) -> None:
        policy = sample().policy()
        self.assertIn(policy.digest.hex(), json.dumps(policy.explain()))
        os = policy.pin(os="sample-os")
        self.assertEqual(len(os.digest), 32)

    def test_the_compose_hash_is_of_the_bytes(self) -> None:
        text = (FIXTURES / "forged" / "tdx-v4" / "app-compose.json").read_bytes()
        self.assertEqual(compose_hash(text), hashlib.sha256(text).digest())
        self.assertEqual(compose_hash(text.decode()), compose_hash(text))
