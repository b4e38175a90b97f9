"""Threads: the interpreter's lock is released while the library works, and handles are shared."""

from __future__ import annotations

import sys
import threading
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from teeproof import Collateral, Quote, call, verify

from .support import AT, sample


def others_run_during(work: Callable[[], object], rounds: int) -> bool:
    """Whether another thread gets the interpreter while `work` is called again and again.

    With a switch interval beyond every test a thread gives up the interpreter only where it waits or
    says so. The worker does neither outside of `work`: if the other thread runs before the rounds are
    over, `work` let it.
    """
    begun, seen = threading.Event(), threading.Event()
    ran_during = []

    def worker() -> None:
        begun.set()
        for _ in range(rounds):
            work()
            if seen.is_set():
                ran_during.append(True)
                return

    before = sys.getswitchinterval()
    sys.setswitchinterval(600)
    try:
        thread = threading.Thread(target=worker)
        thread.start()
        begun.wait()
        seen.set()
        thread.join()
    finally:
        sys.setswitchinterval(before)
    return bool(ran_during)


class Lock(unittest.TestCase):
    def test_it_is_released(self) -> None:
        one = sample()
        quote, policy = one.evidence(), one.policy()
        works: list[Callable[[], object]] = [
            lambda: verify(quote, policy=policy, at=AT),
            lambda: Collateral(one.collateral),
            lambda: call("checks", {"schema": "teeproof.request/1"}),
        ]
        for work in works:
            self.assertTrue(others_run_during(work, 20_000))

    def test_the_test_can_tell(self) -> None:
        self.assertFalse(others_run_during(lambda: sum(range(1000)), 20_000))


class Shared(unittest.TestCase):
    def test_one_collateral_serves_all_threads(self) -> None:
        one = sample()
        collateral, policy, quote = Collateral(one.collateral), one.policy(), Quote(one.quote)
        expected = verify(quote, collateral=collateral, policy=policy, at=AT)

        def judge(place: int) -> bool:
            own = quote if place % 2 else Quote(one.quote)
            report = verify(own, collateral=collateral, policy=policy, at=AT)
            return report == expected and report.checks == expected.checks

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(judge, range(64))), [True] * 64)

    def test_a_handle_that_is_closed_meanwhile_serves_who_has_it(self) -> None:
        one = sample()
        quote, policy = Quote(one.quote), one.policy()
        for _ in range(20):
            collateral = Collateral(one.collateral)
            ready = threading.Barrier(5)

            def judge(shared: Collateral = collateral, ready: threading.Barrier = ready) -> str:
                ready.wait()
                try:
                    return verify(quote, collateral=shared, policy=policy, at=AT).verdict.value
                except ValueError as error:
                    return str(error)

            with ThreadPoolExecutor(4) as pool:
                answers = [pool.submit(judge) for _ in range(4)]
                ready.wait()
                collateral.close()
                for answer in answers:
                    self.assertIn(answer.result(), ("genuine", "this Collateral was closed"))
