"""Judges one quote: verify.py QUOTE COLLATERAL [POLICY], each a file.

Ends with the exit code of the verdict: 0 is trusted.
"""

import sys
from pathlib import Path

from teeproof import Error, Outcome, Policy, Quote, verify


def main(arguments: list[str]) -> int:
    if not 2 <= len(arguments) <= 3:
        print("usage: verify.py QUOTE COLLATERAL [POLICY]", file=sys.stderr)
        return 2
    files = [Path(name).read_bytes() for name in arguments]
    try:
        quote = Quote(*files[:2])
        policy = Policy(files[2]) if len(files) == 3 else None
        report = verify(quote, policy=policy, at="now")
    except Error as error:
        print(error, file=sys.stderr)
        return 7
    print(report.headline)
    for check in report.checks:
        if check.outcome in (Outcome.FAILED, Outcome.SKIPPED):
            print(f"  {check.id}: {check.because}")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
