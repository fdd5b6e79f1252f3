"""Calls: what a stand-in's journal says of the code under test, in the words of its tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from nertwin.mockserver.errors import quote
from nertwin.schemas import JSON

#: An exchange as the control API tells it.
Told: TypeAlias = Mapping[str, JSON]

_MOST_MISSES = 3
_MOST_LINES = 50
# A look-up that huggingface_hub makes by itself and whose 404 it takes for an answer.
_OWN_LOOKUPS = ("/api/agent-harnesses",)
_NOT_THERE = (404, 405)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCall:
    """What a call of a model should be like; None allows anything."""

    model: str | None = None
    inputs: str | Sequence[str] | None = None  #: All of them, as the body has them.
    status: int | None = None

    def misses(self, call: Told) -> list[str]:
        """Each respect in which the call is not like that, in words."""
        wanted: dict[str, object] = {"model": self.model, "status": self.status}
        came: dict[str, object] = {"model": call["model"], "status": call["status"]}
        if self.inputs is not None:
            is_text = isinstance(self.inputs, str)
            wanted["inputs"] = self.inputs if is_text else [*self.inputs]
            came["inputs"] = inputs_of(call)
        return [
            f"{name} is {quote(came[name])}, wanted {quote(value)}"
            for name, value in wanted.items()
            if value is not None and came[name] != value
        ]

    def __str__(self) -> str:
        names = ("model", "inputs", "status")
        given = [(name, getattr(self, name)) for name in names]
        words = [f"{name} {quote(value)}" for name, value in given if value is not None]
        return f" with {' and '.join(words)}" if words else ""


def inputs_of(call: Told) -> object:
    """The ``inputs`` of a call's body, or the body's text where it has none."""
    body = str(cast("Told", call["request"])["body"])
    try:
        document = json.loads(body)
    except ValueError:
        return body
    return document.get("inputs", body) if isinstance(document, dict) else body


def difference(journal: Sequence[Told], wanted: WantedCall, times: int | None) -> str:
    """What is wrong with ``times`` calls like ``wanted``, or nothing; None is at least one."""
    calls = [each for each in journal if _is_call(each)]
    fitting = [call for call in calls if not wanted.misses(call)]
    found = sum(map(_count, fitting))
    dropped = cast("int", journal[0]["number"]) - 1 if journal else 0
    is_known = times is None or not dropped
    if is_known and (found > 0 if times is None else found == times):
        return ""
    number = "at least 1 call" if times is None else _calls(times)
    lines = [f"wanted {number}{wanted}; found {found or 'none'}."]
    if dropped:
        lines.append(f"No longer kept: the first {dropped} exchanges, so the rest is unknown.")
    if times is not None and found > times:
        lines += [f"  {describe(call)}" for call in fitting[-_MOST_MISSES:]]
    else:
        lines += _near_misses(calls, wanted)
    return "\n".join(lines)


def unexpected(journal: Sequence[Told]) -> list[str]:
    """What no test wants: requests for what is not there, and failures of nertwin's own."""
    found = []
    for each in journal:
        if ["x-nertwin-error", "internal"] in _headers(each):
            found.append(f"{describe(each)}: nertwin itself failed; please report it")
        elif each["gate"] == "route" and each["status"] in _NOT_THERE:
            path = str(each["path"]).partition("?")[0]
            if path not in _OWN_LOOKUPS:
                found.append(describe(each))
    return found


def surprises_in(journal: Sequence[Told]) -> str:
    """What no test wants, and what to do about it; or nothing."""
    found = unexpected(journal)
    if not found:
        return ""
    lines = "\n".join(f"  {line}" for line in found)
    return (
        f"nertwin was asked what it does not have:\n{lines}\nAsk for what is there, or mark the"
        " test @pytest.mark.nertwin(models=['ORG/NAME']); if the test means it, plan it with"
        " fail_next(404) or mark the test strict=False."
    )


def describe(exchange: Told) -> str:
    """An exchange in a line: what was asked, what was answered and what decided it."""
    line = f"#{exchange['number']} {exchange['method']} {exchange['path']}"
    if _is_call(exchange):
        line += f" {quote(inputs_of(exchange))}"
    line += f" -> {exchange['status']}"
    if exchange["why"]:
        line += f" ({exchange['gate']}: {exchange['why']})"
    return f"{line}, {_count(exchange)} times" if exchange["repeats"] else line


def account(journal: Sequence[Told], findings: Sequence[Told]) -> str:
    """The end of the journal and what clients do wrong, a line each."""
    lines = [f"{cast('float', each['time']):8.3f} s {describe(each)}" for each in journal]
    if len(lines) > _MOST_LINES:
        lines = [f"{len(lines) - _MOST_LINES} earlier exchanges", *lines[-_MOST_LINES:]]
    lines = lines or ["no request came"]
    lines += [f"finding {each['id']}: {each['message']} ({each['count']}×)" for each in findings]
    return "\n".join(lines)


def _near_misses(calls: Sequence[Told], wanted: WantedCall) -> list[str]:
    """The calls with the fewest differences, and of equals the latest."""
    missed = [(wanted.misses(call), call) for call in calls]
    near = sorted(
        ((misses, call) for misses, call in missed if misses),
        key=lambda miss: (len(miss[0]), -cast("int", miss[1]["number"])),
    )
    return [
        f"  near: {describe(call)}: {'; '.join(misses)}" for misses, call in near[:_MOST_MISSES]
    ] or ["  nothing came near."]


def _is_call(exchange: Told) -> bool:
    return exchange["method"] == "POST" and bool(exchange["model"])


def _count(exchange: Told) -> int:
    return 1 + cast("int", exchange["repeats"])


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _headers(exchange: Told) -> Any:  # noqa: ANN401  # JSON, pairs of strings.
    return cast("Told", exchange["response"])["headers"]
