"""What is installed, what its README says, and the examples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest
import zipfile
from importlib import metadata
from pathlib import Path

import teeproof
from teeproof._native import ffi, lib

from .support import AT, FIXTURES, ROOT

SAMPLE = FIXTURES / "real" / "tdx-v4"


class Wheel(unittest.TestCase):
    def test_it_holds_what_is_meant_and_nothing_else(self) -> None:
        path = Path(os.environ["TEEPROOF_WHEEL"])
        version = teeproof.__version__
        self.assertRegex(path.name, rf"^teeproof-{re.escape(version)}-cp310-abi3-\w+\.whl$")
        with zipfile.ZipFile(path) as wheel:
            names = set(wheel.namelist())
            record = wheel.read(f"teeproof-{version}.dist-info/METADATA").decode()
        info = f"teeproof-{version}.dist-info"
        self.assertEqual(
            names,
            {
                "teeproof/__init__.py",
                "teeproof/_call.py",
                "teeproof/_inputs.py",
                "teeproof/_native.abi3.so",
                "teeproof/_native.pyi",
                "teeproof/_report.py",
                "teeproof/_words.py",
                "teeproof/py.typed",
                f"{info}/METADATA",
                f"{info}/RECORD",
                f"{info}/WHEEL",
                f"{info}/top_level.txt",
            },
        )
        self.assertIn("Requires-Dist: cffi", record)
        self.assertEqual(record.count("Requires-Dist:"), 1)

    def test_it_is_what_runs_here(self) -> None:
        self.assertNotIn(str(ROOT / "python"), teeproof.__file__)
        self.assertEqual(metadata.version("teeproof"), teeproof.__version__)
        manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
        self.assertIn(f'\nversion = "{teeproof.__version__}"\n', manifest)

    def test_library_and_header_belong_together(self) -> None:
        self.assertEqual(lib.teeproof_abi_version(), lib.TEEPROOF_ABI_VERSION)

    def test_every_function_of_the_interface_can_be_called(self) -> None:
        interface = (ROOT / "ffi" / "abi.txt").read_text(encoding="utf-8")
        functions = re.findall(r"^\w+ \*?(teeproof_\w+)\(", interface, re.MULTILINE)
        self.assertGreater(len(functions), 40)
        for name in functions:
            self.assertEqual(ffi.typeof(getattr(lib, name)).kind, "function", name)

    def test_other_libraries_do_not_see_it(self) -> None:
        native = str(Path(teeproof.__file__).with_name("_native.abi3.so"))
        listed = subprocess.run(
            ["nm", "--dynamic", "--defined-only", "--format=posix", native],
            check=True,
            capture_output=True,
            text=True,
        )
        self.assertEqual(
            [line.split()[0] for line in listed.stdout.splitlines()], ["PyInit__native"]
        )


class Words(unittest.TestCase):
    def test_everything_named_is_there_and_documented(self) -> None:
        for name in teeproof.__all__:
            value = getattr(teeproof, name)
            if isinstance(value, type) or (callable(value) and hasattr(value, "__code__")):
                self.assertTrue(value.__doc__, name)


class Readme(unittest.TestCase):
    def test_its_five_lines_verify_a_real_quote(self) -> None:
        readme = (ROOT / "python" / "README.md").read_text(encoding="utf-8")
        program = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
        self.assertEqual(len([line for line in program.splitlines() if line.strip()]), 5)
        said = subprocess.run(
            [sys.executable, "-c", program], cwd=SAMPLE, check=True, capture_output=True, text=True
        )
        self.assertRegex(said.stdout, "^Verdict.GENUINE .*GENUINE, NOT PINNED")


def example(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = ROOT / "ffi" / "examples" / name
    words = [sys.executable, str(program), *map(str, arguments)]
    return subprocess.run(words, check=False, capture_output=True, text=True)


class Examples(unittest.TestCase):
    quote, collateral = SAMPLE / "quote.bin", SAMPLE / "collateral.json"
    policy = SAMPLE / "policy.toml"

    def test_verify(self) -> None:
        # It asks the clock, and the sample's collateral has lapsed: that is an answer.
        done = example("verify.py", self.quote, self.collateral, self.policy)
        self.assertEqual(done.returncode, 6, done)
        self.assertRegex(done.stdout, r"^INCONCLUSIVE: ")
        self.assertIn("\n  collateral.valid: ", done.stdout)

    def test_verify_of_something_else(self) -> None:
        done = example("verify.py", self.collateral, self.collateral)
        self.assertEqual(done.returncode, 7, done)
        self.assertTrue(done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(example("verify.py").returncode, 2)

    def test_fleet(self) -> None:
        done = example("fleet.py", self.collateral, AT, self.policy, self.quote, self.quote)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stdout.count("GENUINE, NOT PINNED"), 2)

    def test_fleet_with_a_stranger(self) -> None:
        foreign = FIXTURES / "forged" / "tdx-v4" / "quote.bin"
        done = example("fleet.py", self.collateral, AT, self.policy, self.quote, foreign)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(done.stdout.count("GENUINE, NOT PINNED"), 1)
