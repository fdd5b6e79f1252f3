"""Throughput: the stand-in beside a bare function and beside other stubs, in turns.

Each measurement is a pair: the bare function for a while, then the contestant for as long. What
is compared between contestants is what each is of the bare function beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias

from .load import BadAnswers, Request, drive, missing, sentence, wait_for_answer
from .peerfiles import PATH
from .processes import DidNotStart, Server
from .samples import Samples, collect, print_table
from .stubs import STUBS, served, skipped, versions

#: What was measured of the bare function, and of the contestant after it.
_Pair: TypeAlias = tuple[dict[str, float], dict[str, float]]

_BASE = "bare"
_CACHED = "cached answer"
_FAR = 10_000_000  # More than are asked in one round.
_FRESH = {"x-use-cache": "false"}
ASKED = Request(path=PATH, body=sentence())
FRESH = Request(path=PATH, body=sentence(), headers=_FRESH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """What is asked of which server."""

    name: str
    server: str
    request: Request = ASKED


_OURS = {
    _CACHED: ASKED,
    "computed answer": FRESH,
    "computed answer, another text each time": Request(
        path=PATH, body=sentence("and %d others call her Jess"), headers=_FRESH
    ),
    "hub look-up": Request(path="/api" + PATH, method="GET"),
    "cached answer, 1,000 sessions": Request(path=PATH, body=sentence(), sessions=1000),
    "computed answer, 1,000 sessions": Request(
        path=PATH, body=sentence(), headers=_FRESH, sessions=1000
    ),
}
CONTESTANTS = (
    *(Contestant(name=name, server="nertwin", request=asked) for name, asked in _OURS.items()),
    *(Contestant(name=name, server=name) for name in STUBS if name not in ("nertwin", _BASE)),
)


def run(*, rounds: int, seconds: float, is_short: bool = False) -> dict[str, object]:
    """Measure all that is installed in turns, print it and give it as JSON."""
    if reason := missing():
        print(f"throughput is skipped: {reason}")
        return {"skipped": {"throughput": reason}}
    missed = skipped(is_short=is_short)
    with ExitStack() as stack:
        servers = _start(stack, missed)
        for name, reason in missed.items():
            print(f"{name} is skipped: {reason}")
        contestants = [each for each in CONTESTANTS if each.server in servers]
        for each in contestants:
            wait_for_answer(servers[each.server], each.request)
            # Each of many sessions has to be asked more than once before it is used to it.
            warm_up = STUBS[each.server].warm_up * (5 if each.request.sessions else 1)
            drive(servers[each.server], each.request, warm_up)
        measured: dict[str, list[_Pair]] = {each.name: [] for each in contestants}
        # Rounds, so that no contestant has all of the machine's bad minutes.
        for turn in range(1, rounds + 1):
            for each in contestants:
                base = drive(servers[_BASE], ASKED, seconds)
                own = drive(servers[each.server], each.request, seconds, seed=turn * _FAR)
                measured[each.name].append((base, own))
    figures = {name: _figures(pairs) for name, pairs in measured.items()}
    _tell(figures)
    return {
        "skipped": missed,
        "versions": versions(),
        "contestants": {
            name: {key: samples.to_json() for key, samples in each.items()}
            for name, each in figures.items()
        },
    }


def _start(stack: ExitStack, missed: dict[str, str]) -> dict[str, Server]:
    """All servers but those that are missed; a peer that fails to serve is too."""
    servers = {}
    for name in STUBS:
        if name in missed:
            continue
        try:
            servers[name] = stack.enter_context(served(name))
            wait_for_answer(servers[name], ASKED)
        except (DidNotStart, BadAnswers) as error:
            # Ours have to.
            if name in ("nertwin", _BASE):
                raise
            missed[name] = str(error)
            servers.pop(name, None)
    return servers


def _figures(pairs: list[_Pair]) -> dict[str, Samples]:
    """What was measured, and what it is of the bare function: more is better but for waits."""
    base, own = collect([each[0] for each in pairs]), collect([each[1] for each in pairs])
    return {
        **own,
        "ratio": own["a_second"].to(base["a_second"]),
        "ratio_of_cpu": base["cpu"].to(own["cpu"]),
        "ratio_of_p99": own["p99"].to(base["p99"]),
        "base_a_second": base["a_second"],
    }


def _tell(figures: Mapping[str, dict[str, Samples]]) -> None:
    rows = [
        (
            name,
            str(each["a_second"]),
            str(each["ratio"]),
            f"{each['cpu'].median * 1e6:.1f}",
            str(each["ratio_of_cpu"]),
            f"{each['p99'].median * 1e3:.2f}",
            str(each["ratio_of_p99"]),
        )
        for name, each in figures.items()
    ]
    columns = ("", "answers/s", "ratio", "cpu us", "by cpu", "p99 ms", "ratio")
    print_table("Throughput, 64 connections; ratios to the bare function beside it", columns, rows)
    peers = [each.name for each in CONTESTANTS if each.name in figures and each.name not in _OURS]
    cached = figures[_CACHED]
    told = [
        (
            name,
            str(cached["ratio"].to(figures[name]["ratio"])),
            str(cached["ratio_of_cpu"].to(figures[name]["ratio_of_cpu"])),
        )
        for name in peers
    ]
    print_table("A cached answer beside other stubs", ("times as fast as", "", "by cpu"), told)
