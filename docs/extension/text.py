"""Text: Markdown that shows what it was made of, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MEANS_SOMETHING = re.compile(r"([\\*_\[\]<>#|$~^{}])")


def plain(text: str) -> str:
    """The text with nothing in it that means something, but for what stands in backticks."""
    parts = text.replace("``", "`").split("`")
    shown = [_MEANS_SOMETHING.sub(r"\\\1", part) for part in parts[::2]]
    codes = [code(part) for part in parts[1::2]]
    pairs = zip(shown, [*codes, ""], strict=True)
    return "".join(before + inside for before, inside in pairs)


def code(text: str) -> str:
    """The text as code."""
    fence = "``" if "`" in text else "`"
    gap = " " if "`" in text else ""
    return f"{fence}{gap}{text}{gap}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a pipe in a cell is one."""
    lines = [head, ["---"] * len(head), *([_cell(each) for each in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
