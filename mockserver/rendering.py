"""Rendering: an explanation as lines for a terminal, entities marked with carets."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .explain import ExplainedToken, Explanation
from .verdicts import Verdict

_WIDTH = 96
_INDENT = "  "
_LONGEST = 40  # Of what is quoted of a stretch.


class Mark(NamedTuple):
    """A stretch of a text with what is to be said of it."""

    start: int
    end: int
    name: str


def render_explanation(explanation: Explanation) -> str:
    """The explanation as text, lines ended by newlines."""
    lines = [
        f"{explanation.model} · rules of {explanation.pack} · strategy {explanation.strategy}",
        "",
        *mark_text(explanation.text, _marks(explanation)),
        *_more(explanation.entity_count - len(explanation.entities), "entities"),
        "",
    ]
    for note in explanation.notes:
        lines += textwrap.wrap(note, _WIDTH, subsequent_indent=_INDENT)
    if explanation.notes:
        lines.append("")
    if explanation.verdicts:
        lines += ["Rules that matched", *_verdict_lines(explanation.verdicts)]
        lines += [*_more(explanation.verdict_count - len(explanation.verdicts), "matches"), ""]
    elif not explanation.pinned_by:
        lines += ["No rule matched.", ""]
    lines += [f"{explanation.token_count} tokens of {explanation.word_count} words"]
    lines += _token_lines(explanation.tokens)
    lines += _more(explanation.token_count - len(explanation.tokens), "tokens")
    return "\n".join(lines) + "\n"


def mark_text(text: str, marks: Sequence[Mark]) -> Iterator[str]:
    """The lines of ``text``, each with carets and names under what is marked in it."""
    # Where two marks touch, the second has other signs.
    signs = ["^"] * len(marks)
    for place in range(1, len(marks)):
        if marks[place].start <= marks[place - 1].end and signs[place - 1] == "^":
            signs[place] = "~"
    for first, last in _lines(text):
        yield (_INDENT + "".join(_visible(character) for character in text[first:last])).rstrip()
        inside = [
            (max(mark.start, first), min(mark.end, last), mark, sign)
            for mark, sign in zip(marks, signs, strict=True)
            if mark.start < last and first < mark.end
        ]
        if not inside:
            continue
        carets = ""
        names: list[str] = []
        for start, end, mark, sign in inside:
            column = len(_INDENT) + _columns(text[first:start])
            carets = carets.ljust(column) + sign * max(_columns(text[start:end]), 1)
            if mark.start >= first:
                _put(names, column, mark.name)
        yield carets
        yield from names


def _put(rows: list[str], column: int, name: str) -> None:
    """Write a name at a column of the first row that has room there."""
    for number, row in enumerate(rows):
        if len(row) < column:
            rows[number] = row.ljust(column) + name
            return
    rows.append(" " * column + name)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """First and one-past-last character of each line, at most so wide; cut at blanks."""
    first = blank = width = 0
    for place, character in enumerate(text):
        if character == "\n":
            yield first, place + 1
            first, blank, width = place + 1, 0, 0
            continue
        width += _columns(character)
        if width > _WIDTH and place > first:
            cut = blank if blank > first else place
            yield first, cut
            first, blank, width = cut, 0, _columns(text[cut : place + 1])
        if character == " ":
            blank = place + 1
    if first < len(text) or not text:
        yield first, len(text)


def _visible(character: str) -> str:
    """The character, or what is shown for one that would disturb the terminal."""
    if character == "\n":
        return ""
    return "·" if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(map(_column, text))


def _column(character: str) -> int:
    if character == "\n" or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _marks(explanation: Explanation) -> list[Mark]:
    marks = []
    for entity in explanation.entities:
        start, end, score = entity["start"], entity["end"], entity["score"]
        # A slow tokenizer gives no offsets, so nothing can be marked.
        if isinstance(start, int) and isinstance(end, int):
            label = entity.get("entity_group", entity.get("entity"))
            marks.append(Mark(start, end, f"{label} {score:.4f}"))
    return marks


def _verdict_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Each winner, and below it those that lost to it."""
    winners = [verdict for verdict in verdicts if verdict.won]
    shown = {id(winner) for winner in winners}
    for winner in winners:
        meaning = ": no entity here" if winner.label == "O" else ""
        yield f"{_INDENT}{_claim(winner)}, priority {winner.priority}{meaning}"
        for loser in verdicts:
            if id(loser) not in shown and _lost_to(loser, winner):
                shown.add(id(loser))
                reason = loser.why.removeprefix(f"lost to {winner.rule}: ")
                yield f"{_INDENT * 3}{_claim(loser)} lost: {reason}"
    for loser in verdicts:
        if id(loser) not in shown:
            yield f"{_INDENT}{_claim(loser)} {loser.why}"


def _lost_to(loser: Verdict, winner: Verdict) -> bool:
    return loser.lost_to == winner.rule and loser.start < winner.end and winner.start < loser.end


def _claim(verdict: Verdict) -> str:
    text = " ".join("".join(map(_visible, verdict.text)).split())
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f"{verdict.start}–{verdict.end} [{text}]({verdict.label}) {verdict.rule}"


def _token_lines(tokens: Sequence[ExplainedToken]) -> list[str]:
    """The tokens in reading order, each with its label unless that is O."""
    shown = (
        token.piece if token.label == "O" else f"{token.piece}/{token.label}" for token in tokens
    )
    line = " ".join("".join(map(_visible, token)) for token in shown)
    return textwrap.wrap(
        line,
        _WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _more(count: int, things: str) -> list[str]:
    return [f"{_INDENT}… and {count} more {things}"] if count > 0 else []
