"""The code in the pages of the documentation, block by block."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_OPTION = re.compile(r":(\w+): (.+)\n")
# What Sphinx makes something of, and nobody runs.
_DIRECTIVES = re.compile(r"\{(toctree|nertwin-\w+)\}\Z")


@dataclass(frozen=True)
class Block:
    """A block of code; with a caption it is the file of that name."""

    page: str
    number: int
    language: str
    caption: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.page}-{self.number}-{self.caption or self.language}"


def blocks() -> list[Block]:
    """All of them."""
    return [block for path in sorted(DOCS.rglob("*.md")) for block in _blocks_of(path)]


def _blocks_of(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    page = str(path.relative_to(DOCS).with_suffix(""))
    found = list(_FENCE.finditer(text))
    fences = [line for line in text.splitlines() if line.lstrip().startswith(("```", "~~~", ":::"))]
    if len(fences) != 2 * len(found):
        raise ValueError(f"{path}: a block is not fenced by ``` at the beginning of its lines")
    return [
        _block(page, number, match)
        for number, match in enumerate(found, 1)
        if not _DIRECTIVES.match(match["info"])
    ]


def _block(page: str, number: int, match: re.Match[str]) -> Block:
    language = match["info"].removeprefix("{code-block} ").strip()
    text = match["text"]
    options: dict[str, str] = {}
    while match["info"].startswith("{") and (option := _OPTION.match(text)):
        options[option[1]] = option[2]
        text = text[option.end() :]
    return Block(page, number, language, options.get("caption", ""), text.lstrip("\n"))
