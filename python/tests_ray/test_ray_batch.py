"""The example for Ray against the command line, on forged quotes: the same results, and one for each
item whatever becomes of the workers. `TEEPROOF` names the program and `MANY` the forge's."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import ray

PYTHON = Path(__file__).resolve().parent.parent
#: Keys that must be the same whenever there is a verdict.
KEYS = (
    "index",
    "name",
    "sha256",
    "verdict",
    "simulates",
    "exitCode",
    "verdictDigest",
    "tcbStatus",
    "fmspc",
    "composeHash",
    "engines",
)
QUOTES = 60


def example() -> Any:
    spec = importlib.util.spec_from_file_location(
        "ray_batch", PYTHON / "examples" / "ray_batch.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    # Workers have neither of these files on their path: what they are to run goes to them by value.
    ray.cloudpickle.register_pickle_by_value(module)
    return module


class Batch(unittest.TestCase):
    folder: ClassVar[Path]
    source: ClassVar[bytes]
    judged: ClassVar[list[dict[str, Any]]]
    ray_batch: ClassVar[Any]
    terms: ClassVar[Any]

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        many = [os.environ["MANY"], str(QUOTES), "4", str(cls.folder)]
        subprocess.run(many, check=True, capture_output=True)
        lines = (cls.folder / "quotes.ndjson").read_bytes().splitlines()
        lines[3:3] = [b"no evidence", b"{}", b"", b"   ", b'{"quote": 1}', b"\xff\xfe"]
        # A report that was changed after it was signed, a quote that ends too soon, one twice.
        changed = b"01" if lines[20][400:402] == b"00" else b"00"
        lines[20] = lines[20][:400] + changed + lines[20][402:]
        lines[30] = lines[30][:2000]
        lines.append(lines[0])
        cls.source = b"\n".join(lines) + b"\r\n"
        path = cls.folder / "source.ndjson"
        path.write_bytes(cls.source)
        at = (cls.folder / "at").read_text(encoding="utf-8")
        command = [os.environ["TEEPROOF"], "verify", "--batch", str(path), "--at", at]
        for name, file in (
            ("policy", "policy.toml"),
            ("collateral", "collateral.json"),
            ("root", "root.der"),
        ):
            command += [f"--{name}", str(cls.folder / file)]
        written = subprocess.run(command, check=False, capture_output=True).stdout
        cls.judged = sorted(map(json.loads, written.splitlines()[1:]), key=lambda one: one["index"])
        cls.ray_batch = example()
        cls.terms = cls.ray_batch.Terms(
            int(at),
            *((cls.folder / name).read_bytes() for name in ("policy.toml", "collateral.json")),
            (cls.folder / "root.der").read_bytes(),
        )
        cls.ray_batch.start(2)
        cls.addClassCleanup(ray.shutdown)

    def same(self, found: list[dict[str, Any]], but: dict[int, str] | None = None) -> None:
        """One result for each item, those of the command line but for items that were lost."""
        but = but or {}
        self.assertEqual([one["index"] for one in found], list(range(len(self.judged))))
        for ours, expected in zip(found, self.judged, strict=True):
            if ours["index"] in but:
                self.assertEqual(ours["error"]["code"], but[ours["index"]])
                self.assertIsNone(ours["verdict"])
                self.assertIsNone(ours["verdictDigest"])
                self.assertEqual(ours["exitCode"], 7)
                continue
            for key in KEYS:
                self.assertEqual(ours[key], expected[key], f"{key} of {ours['name']}")
            self.assertEqual(ours["error"] is None, expected["error"] is None, ours["name"])

    def test_the_command_line_has_every_kind_of_item(self) -> None:
        kinds = Counter(one["verdict"] for one in self.judged)
        self.assertEqual(len(self.judged), QUOTES + 5)
        # Garbage of four kinds; one changed; what is cut off is rejected or unreadable.
        self.assertGreaterEqual(kinds[None], 4)
        self.assertGreaterEqual(kinds["rejected"], 1)
        self.assertEqual(sum(kinds.values()) - kinds[None] - kinds["rejected"], QUOTES - 1)

    def test_results_are_those_of_the_command_line(self) -> None:
        judge, folder = self.ray_batch.judge, self.folder

        def noting(item: Any, held: Any) -> dict[str, Any]:
            (folder / f"worker-{os.getpid()}").touch()
            result: dict[str, Any] = judge(item, held)
            return result

        self.same(self.ray_batch.run(self.source, self.terms, noting))
        self.assertGreaterEqual(len(list(folder.glob("worker-*"))), 2)

    def test_what_kills_its_worker_is_told_and_takes_nothing_with_it(self) -> None:
        judge, once = self.ray_batch.judge, self.folder / "died-once"

        def deadly(item: Any, held: Any) -> dict[str, Any]:
            if item.index == 7 or (item.index == 40 and not once.exists()):
                once.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            if item.index == 50:
                raise ValueError("a bug of ours")
            result: dict[str, Any] = judge(item, held)
            return result

        found = self.ray_batch.run(self.source, self.terms, deadly)
        self.assertTrue(once.exists())
        self.same(found, {7: "lost", 50: "lost"})
        self.assertIn("ActorDied", found[7]["error"]["message"])
        self.assertIn("a bug of ours", found[50]["error"]["message"])

    def test_results_that_are_not_one_for_each_item_are_refused(self) -> None:
        judge = self.ray_batch.judge

        def renumbered(number: Callable[[int], int]) -> Callable[[Any, Any], Any]:
            return lambda item, held: judge(item, held) | {"index": number(item.index)}

        for number, why in (
            (lambda index: 1000 if index == 64 else index, r"no result: \['line \d+'\]"),
            (lambda index: 9, r"more than one: \['line \d+', "),
        ):
            with self.assertRaisesRegex(RuntimeError, why):
                self.ray_batch.run(self.source, self.terms, renumbered(number))

    def test_nothing_at_all_is_no_success(self) -> None:
        self.assertEqual(self.ray_batch.run(b"\n \n", self.terms), [])
