"""Runs all tests. With a file named, the counts go there as well, as comments of TAP. A folder named
after it is run in place of this one."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path


def main(arguments: list[str]) -> int:
    here = Path(__file__).resolve().parent
    here = here.with_name(arguments[1]) if len(arguments) > 1 else here
    suite = unittest.defaultTestLoader.discover(str(here), top_level_dir=str(here.parent))
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    for case, why in result.skipped:
        print(f"SKIPPED: {case}: {why}")
    passed = result.testsRun - failed - skipped
    if arguments:
        with Path(arguments[0]).open("a", encoding="utf-8") as log:
            log.write(f"# pass {passed}\n# fail {failed}\n# skipped {skipped}\n")
    # No test at all is none that passed.
    return 0 if passed > 0 and failed == 0 else 1


sys.exit(main(sys.argv[1:]))
