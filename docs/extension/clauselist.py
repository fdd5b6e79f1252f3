"""Clauses: the contract as Markdown, from ``clauses.toml``."""

from __future__ import annotations

from itertools import groupby

from nertwin.schemas import Clause, clauses

from .text import code, plain


def markdown() -> str:
    """A section a topic, that of clients last, with a target for each clause."""
    topics = groupby((*clauses(), *clauses("client")), key=lambda clause: clause.topic)
    return "\n".join(_topic(topic, list(found)) for topic, found in topics)


def _topic(topic: str, found: list[Clause]) -> str:
    count = f"{len(found)} clause{'' if len(found) == 1 else 's'}"
    head = f"(topic-{topic})=\n## `{topic}`\n\n{count}; `nertwin clauses '{topic}.*'` lists them.\n"
    return "\n".join([head, *map(_clause, found)])


def _clause(clause: Clause) -> str:
    lines = [
        f"({clause.id})=",
        f"{code(clause.id)} **{clause.level}** for {', '.join(clause.profiles)}",
        "",
        f"> {plain(clause.text)}",
        ">",
        f"> *Source*: {plain(clause.source)}",
    ]
    for profile, reading in clause.readings.items():
        lines += [">", f"> *In {profile}*: {plain(reading)}"]
    if not clause.observable:
        lines += [">", f"> *Not to be seen from outside*: {plain(clause.why_not)}"]
    return "\n".join([*lines, ""])
