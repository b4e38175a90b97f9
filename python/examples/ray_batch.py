"""Judges a file of many quotes on a Ray cluster, or on this machine alone:

    ray_batch.py QUOTES RESULTS --at SECONDS [--policy FILE] [--collateral FILE] [--root FILE]
                 [--workers N]

QUOTES has one item in each line, as `teeproof verify --batch` reads it, and RESULTS gets one line of
JSON for each, with the keys and values that the command line writes. Ray shares the items out, starts
workers and moves bytes; what is judged is judged by this package, the same everywhere.

No item is lost without a word. Parts of which the worker died are cut in halves and judged again, and
an item that is alone and fails `TRIES` times has a result that says so. At the end there is exactly
one result for each item, or an error and no file. It ends with 0 if every item was accepted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from teeproof import Collateral, Error, Memory, Policy, Quote, verify

#: Items that a worker gets at once: large enough to be worth a message, small enough to share out.
PART = 200
#: How often an item is tried whose worker dies.
TRIES = 3


@dataclass(frozen=True)
class Terms:
    """What decides every verdict beside the item. Bytes, since handles stay in their process."""

    at: int
    policy: bytes | None
    collateral: bytes | None
    root: bytes


@dataclass(frozen=True)
class Item:
    """One line of the source."""

    index: int
    name: str
    content: bytes


def items(source: bytes) -> list[Item]:
    """Each line that is not blank."""
    found: list[Item] = []
    for number, line in enumerate(source.split(b"\n"), 1):
        content = line.removesuffix(b"\r")
        if content.strip():
            found.append(Item(len(found), f"line {number}", content))
    return found


class Held:
    """What a worker keeps from one part to the next: collateral that is authentic, and a memory."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.policy = Policy() if terms.policy is None else Policy(terms.policy)
        self.collateral = (
            None if terms.collateral is None else Collateral(terms.collateral, root=terms.root)
        )
        self.memory = Memory()


def platform(item: Item) -> str:
    """The platform that an item says it is of: items of one belong together, as they share what a
    memory keeps. A claim, and good enough to sort by."""
    try:
        [instance] = Quote(item.content).inspect()["instances"]
        return str(instance["quote"]["attestationKey"])
    except (Error, KeyError, TypeError, ValueError):
        return ""


def judge(item: Item, held: Held) -> dict[str, Any]:
    """The result of one item."""
    line = blank(item)
    try:
        report = verify(
            Quote(item.content),
            at=held.terms.at,
            policy=held.policy,
            collateral=held.collateral,
            memory=held.memory,
            root=held.terms.root,
            name=item.name,
        )
    except Error as error:
        return line | {"error": {"code": error.code, "message": error.message}}
    answer = json.loads(report.to_json())
    return line | {
        "verdict": answer["verdict"],
        "simulates": answer["simulates"],
        "exitCode": answer["exitCode"],
        "verdictDigest": answer["verdictDigest"],
        "tcbStatus": answer["tcb"]["status"],
        "fmspc": (answer["platform"] or {}).get("fmspc"),
        "composeHash": (answer["events"] or {}).get("composeHash"),
        "engines": answer["engines"],
    }


def blank(item: Item) -> dict[str, Any]:
    """A result that accepts nothing."""
    words = ("verdict", "simulates", "verdictDigest", "tcbStatus", "fmspc", "composeHash", "engines")
    return {
        "index": item.index,
        "name": item.name,
        "sha256": hashlib.sha256(item.content).hexdigest(),
        "exitCode": 7,
        **dict.fromkeys(words),
        "error": None,
    }


Judge = Callable[[Item, Held], "dict[str, Any]"]


class Worker:
    """A process of the cluster: an actor, with what it keeps."""

    def __init__(self, terms: Terms, judge_one: Judge) -> None:
        self.held = Held(terms)
        self.judge_one = judge_one

    def judge(self, part: list[Item]) -> list[dict[str, Any]]:
        return [self.judge_one(item, self.held) for item in part]


def run(source: bytes, terms: Terms, judge_one: Judge = judge) -> list[dict[str, Any]]:
    """One result for each item, in their order, by the Ray that was initialised."""
    # A policy or a root that cannot be read is told here, and not by every worker.
    Held(terms)
    every = items(source)
    # Sorted before there are workers: they take every processor, and tasks would wait for one.
    waiting = deque((part, 1) for part in parts(sort(every)))
    # Ray starts nothing again by itself: what is tried, and how often, is said below.
    actor = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Worker)
    shared = ray.put(terms)
    idle: list[Any] = []
    busy: dict[Any, tuple[Any, list[Item], int]] = {}
    results: dict[int, dict[str, Any]] = {}
    twice: list[str] = []
    most = workers()
    while waiting or busy:
        while waiting and len(busy) < most:
            (part, tries) = waiting.popleft()
            # One is made when there is work for it, in place of one that died as well.
            worker = idle.pop() if idle else actor.remote(shared, judge_one)
            busy[worker.judge.remote(part)] = (worker, part, tries)
        [done], _ = ray.wait(list(busy), num_returns=1)
        worker, part, tries = busy.pop(done)
        try:
            answers = ray.get(done)
            idle.append(worker)
        except ray.exceptions.RayError as error:
            if isinstance(error, ray.exceptions.RayTaskError):
                # Only the task raised. What died, or may have, is not used again.
                idle.append(worker)
            else:
                ray.kill(worker)
            if len(part) > 1:
                # Which of them it was nobody knows: each half is judged again.
                middle = len(part) // 2
                waiting.extend([(part[:middle], 1), (part[middle:], 1)])
            elif tries < TRIES:
                waiting.append((part, tries + 1))
            else:
                results[part[0].index] = lost(part[0], tries, error)
            continue
        for answer in answers:
            if results.setdefault(answer["index"], answer) is not answer:
                twice.append(answer["name"])
    for worker in idle:
        ray.kill(worker)
    # Whatever went wrong above: what has no result was not accepted.
    missing = [item.name for item in every if item.index not in results]
    if missing or twice or len(results) != len(every):
        raise RuntimeError(f"no result: {missing[:3]}; more than one: {twice[:3]}")
    return [results[item.index] for item in every]


def lost(item: Item, tries: int, error: Exception) -> dict[str, Any]:
    """The result of an item that nobody could judge."""
    last = str(error).strip().splitlines()[-1:]
    message = f"its worker failed {tries} times: {type(error).__name__}: {''.join(last)}"
    return blank(item) | {"error": {"code": "lost", "message": message}}


def workers() -> int:
    """As many as the cluster has processors."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def parts(every: list[Item]) -> list[list[Item]]:
    """The items in parts, of which each worker gets some at least."""
    size = max(1, min(PART, -(-len(every) // (4 * workers()))))
    return [every[start : start + size] for start in range(0, len(every), size)]


def sort(every: list[Item]) -> list[Item]:
    """By platform. Where that fails, as they came: the order decides about time and nothing else."""

    def keys_of(part: list[Item]) -> list[str]:
        return [platform(item) for item in part]

    keyed = ray.remote(max_retries=0)(keys_of)
    try:
        answers = ray.get([keyed.remote(part) for part in parts(every)])
    except ray.exceptions.RayError:
        return every
    keys = [key for answer in answers for key in answer]
    pairs = sorted(zip(keys, every, strict=True), key=lambda pair: pair[0])
    return [item for _, item in pairs]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Judges many quotes on Ray.")
    parser.add_argument("quotes", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--at", type=int, required=True)
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--collateral", type=Path)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--workers", type=int, help="start Ray here, with so many")
    given = parser.parse_args(arguments)

    def content(path: Path | None) -> bytes | None:
        return None if path is None else path.read_bytes()

    terms = Terms(
        given.at, content(given.policy), content(given.collateral), content(given.root) or b""
    )
    start(given.workers)
    results = run(given.quotes.read_bytes(), terms)
    given.results.write_text("".join(json.dumps(one) + "\n" for one in results), encoding="utf-8")
    return 0 if results and all(one["exitCode"] == 0 for one in results) else 1


def start(workers: int | None) -> None:
    """Ray on this machine, or the cluster that RAY_ADDRESS names."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if workers is None and "RAY_ADDRESS" in os.environ:
        ray.init()
        return
    ray.init(
        address="local",
        num_cpus=workers,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=128 * 1024 * 1024,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
