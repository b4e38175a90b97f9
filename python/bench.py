"""This package beside PyPI's dcap-qvl: `python bench.py [ROUNDS]`, in an environment that has both.

Both verify the same real quote in one process, taking turns round by round, and CPU time is counted,
so that what else the machine does falls on both alike. Medians are printed, and their ratio. dcap-qvl
gives a status and advisories; this package judges all that the command line judges, with the second
engine, which is dcap-qvl as well.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dcap_qvl  # type: ignore[import-untyped]

import teeproof

SAMPLE = Path(__file__).resolve().parent.parent / "fixtures" / "real" / "tdx-v4"
QUOTE = (SAMPLE / "quote.bin").read_bytes()
COLLATERAL = (SAMPLE / "collateral.json").read_text(encoding="utf-8")
AT = 1751000000
#: Calls of one that are timed together.
CALLS = 20


def ours_cold() -> None:
    quote = teeproof.Quote(QUOTE, COLLATERAL)
    report = teeproof.verify(quote, policy=teeproof.Policy(), at=AT)
    assert report.verdict is teeproof.Verdict.GENUINE


def ours_shared() -> Callable[[], None]:
    collateral, policy = teeproof.Collateral(COLLATERAL), teeproof.Policy()

    def run() -> None:
        quote = teeproof.Quote(QUOTE)
        report = teeproof.verify(quote, collateral=collateral, policy=policy, at=AT)
        assert report.verdict is teeproof.Verdict.GENUINE

    return run


def ours_read() -> Callable[[], None]:
    """The same, and everything the report has is read as well."""
    collateral, policy = teeproof.Collateral(COLLATERAL), teeproof.Policy()

    def run() -> None:
        quote = teeproof.Quote(QUOTE)
        report = teeproof.verify(quote, collateral=collateral, policy=policy, at=AT)
        assert len(report.checks) > 40
        assert report.measurements.mrtd is not None

    return run


def theirs_cold() -> None:
    collateral = dcap_qvl.QuoteCollateralV3.from_json(COLLATERAL)
    assert dcap_qvl.verify(QUOTE, collateral, AT).status == "UpToDate"


def theirs_shared() -> Callable[[], None]:
    collateral = dcap_qvl.QuoteCollateralV3.from_json(COLLATERAL)

    def run() -> None:
        assert dcap_qvl.verify(QUOTE, collateral, AT).status == "UpToDate"

    return run


def milliseconds(run: Callable[[], None]) -> float:
    begun = time.process_time()
    for _ in range(CALLS):
        run()
    return (time.process_time() - begun) * 1000 / CALLS


def main(rounds: int) -> None:
    runs: dict[str, Callable[[], None]] = {
        "teeproof, cold": ours_cold,
        "dcap-qvl, cold": theirs_cold,
        "teeproof, collateral reused": ours_shared(),
        "dcap-qvl, collateral reused": theirs_shared(),
        "teeproof, collateral reused, all checks read": ours_read(),
    }
    for run in runs.values():
        milliseconds(run)
    timed: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            timed[name].append(milliseconds(run))
    medians = {name: statistics.median(times) for name, times in timed.items()}
    versions = f"teeproof {teeproof.__version__}, dcap-qvl {dcap_qvl.__version__}"
    print(f"{versions}, {rounds} rounds of {CALLS} calls, CPU time, median\n")
    print("| | ms |\n|---|---:|")
    for name, median in medians.items():
        print(f"| {name} | {median:.3f} |")
    for kind in ("cold", "collateral reused"):
        ratio = medians[f"teeproof, {kind}"] / medians[f"dcap-qvl, {kind}"]
        print(f"\n{kind}: teeproof takes {ratio:.2f} of dcap-qvl's time", end="")
    print()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 51)
