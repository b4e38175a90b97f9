"""Judges many quotes with collateral that is authenticated once, in as many threads as there are
cores: fleet.py COLLATERAL AT POLICY QUOTE..., where AT is in seconds since 1970.

Prints a line for each, and ends with 0 if none was rejected and nothing was left open.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from teeproof import Collateral, Error, Policy, Quote, Report, Verdict, verify


def main(arguments: list[str]) -> int:
    if len(arguments) < 4:
        print("usage: fleet.py COLLATERAL AT POLICY QUOTE...", file=sys.stderr)
        return 2
    files, at, rules, *quotes = arguments
    try:
        collateral = Collateral(Path(files).read_bytes())
        policy = Policy(Path(rules).read_bytes())

        def judge(name: str) -> Report:
            quote = Quote(Path(name).read_bytes())
            return verify(quote, collateral=collateral, policy=policy, at=int(at))

        with ThreadPoolExecutor() as pool:
            reports = list(pool.map(judge, quotes))
    except Error as error:
        print(error, file=sys.stderr)
        return 7
    for name, report in zip(quotes, reports, strict=True):
        print(f"{name}: {report.headline}")
    accepted = (Verdict.TRUSTED, Verdict.GENUINE)
    return 0 if all(report.verdict in accepted for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
