"""Judges a file of many quotes on a Ray cluster, or on this machine alone:

    ray_batch.py QUOTES RESULTS --at SECONDS [--policy FILE] [--collateral FILE] [--root FILE]
                 [--workers N]

QUOTES has one item in each line, as `teeproof verify --batch` reads it, and RESULTS gets one line of
JSON for each, with the keys and values that the command line writes. Ray shares the items out, starts
workers again that die, and moves bytes; what is judged is judged by this package, the same everywhere.

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
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
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
    found = []
    for number, line in enumerate(source.split(b"\n"), 1):
        content = line.removesuffix(b"\r")
        if content.strip():
            found.append(Item(len(found), f"line {number}", content))
    return found


@lru_cache(maxsize=1)
def held(terms: Terms) -> tuple[Policy, Collateral | None, Memory]:
    """What a worker keeps from one part to the next: collateral that is authentic, and a memory."""
    policy = Policy() if terms.policy is None else Policy(terms.policy)
    files = () if terms.collateral is None else (terms.collateral,)
    return policy, Collateral(*files, root=terms.root) if files else None, Memory()


def platform(item: Item) -> str:
    """The platform that an item says it is of: items of one belong together, as they share what a
    memory keeps. A claim, and good enough to sort by."""
    try:
        [instance] = Quote(item.content).inspect()["instances"]
        return str(instance["quote"]["attestationKey"])
    except (Error, KeyError, TypeError, ValueError):
        return ""


def judge(item: Item, terms: Terms) -> dict[str, Any]:
    """The result of one item."""
    policy, collateral, memory = held(terms)
    line = blank(item)
    try:
        report = verify(
            Quote(item.content),
            at=terms.at,
            policy=policy,
            collateral=collateral,
            memory=memory,
            root=terms.root,
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


Judge = Callable[[Item, Terms], "dict[str, Any]"]


def run(source: bytes, terms: Terms, judge_one: Judge = judge) -> list[dict[str, Any]]:
    """One result for each item, in their order, by the Ray that was initialised."""

    # Ray tries nothing again by itself: what is tried, and how often, is said below.
    @ray.remote(max_retries=0)
    def platforms(part: list[Item]) -> list[str]:
        return [platform(item) for item in part]

    @ray.remote(max_retries=0)
    def judged(part: list[Item], terms: Terms) -> list[dict[str, Any]]:
        return [judge_one(item, terms) for item in part]

    every = items(source)
    shared = ray.put(terms)
    ordered = sort(every, lambda part: ray.get(platforms.remote(part)))
    waiting = {judged.remote(part, shared): (part, 1) for part in parts(ordered)}
    results: dict[int, dict[str, Any]] = {}
    while waiting:
        [done], _ = ray.wait(list(waiting), num_returns=1)
        part, tries = waiting.pop(done)
        try:
            answers = ray.get(done)
        except ray.exceptions.RayError as error:
            if len(part) > 1:
                # Which of them it was nobody knows: each half is judged again.
                middle = len(part) // 2
                for half in (part[:middle], part[middle:]):
                    waiting[judged.remote(half, shared)] = (half, 1)
            elif tries < TRIES:
                waiting[judged.remote(part, shared)] = (part, tries + 1)
            else:
                message = f"its worker failed {tries} times: {type(error).__name__}"
                results[part[0].index] = blank(part[0]) | {
                    "error": {"code": "lost", "message": message}
                }
            continue
        for answer in answers:
            if results.setdefault(answer["index"], answer) is not answer:
                raise RuntimeError(f"item {answer['index']} has two results")
    # Whatever went wrong above: what has no result was not accepted.
    missing = [item.name for item in every if item.index not in results]
    if missing or len(results) != len(every):
        raise RuntimeError(f"{len(missing)} items have no result, the first is {missing[:1]}")
    return [results[item.index] for item in every]


def parts(every: list[Item]) -> list[list[Item]]:
    """The items in parts, of which each worker gets some at least."""
    workers = max(1, int(ray.available_resources().get("CPU", 1)))
    size = max(1, min(PART, -(-len(every) // (4 * workers))))
    return [every[start : start + size] for start in range(0, len(every), size)]


def sort(every: list[Item], platforms: Callable[[list[Item]], list[str]]) -> list[Item]:
    """By platform. Where that fails, as they came: the order decides about time and nothing else."""
    try:
        keys = [key for part in parts(every) for key in platforms(part)]
    except ray.exceptions.RayError:
        return every
    return [item for _, item in sorted(zip(keys, every, strict=True), key=lambda pair: pair[0])]


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
    """Ray on this machine and reachable from nowhere else, or the cluster that RAY_ADDRESS names."""
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
        _node_ip_address="127.0.0.1",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
