"""Prepared packs: what it takes long to find out of a built-in pack, kept beside it as JSON.

The TOML file is the source. ``python tools/prepare_packs.py`` writes the JSON anew, and a test
demands that it was run. Prepared packs are known to be right: their files of words are sorted,
their terms are not too long, their sequences compile.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from .packfile import Table, read_table
from .packreader import PackReader
from .rulepack import RulePack


def read_prepared(path: Path) -> RulePack:
    """The built-in pack of that TOML file, which itself is not read."""
    prepared = orjson.loads(path.with_suffix(".json").read_bytes())
    top = Table(path.name, prepared["table"], path.parent)
    return PackReader(top, path.stem, kinds=prepared["kinds"]).read()


def prepare(path: Path) -> bytes:
    """What is kept of the pack in that TOML file."""
    top = read_table(path)
    word_codes = PackReader(top, path.stem).read().word_codes
    kinds = word_codes.spell_kinds() if word_codes else []
    prepared = {"table": top.values, "kinds": kinds}
    return orjson.dumps(prepared, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
