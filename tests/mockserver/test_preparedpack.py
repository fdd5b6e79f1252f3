"""Prepared packs: that they hold what their sources say, and that their trust is deserved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nertwin.mockserver import packs
from nertwin.mockserver.lategazetteer import LateGazetteer, TermFile
from nertwin.mockserver.packfile import BadPack, read_table
from nertwin.mockserver.packreader import PackReader
from nertwin.mockserver.preparedpack import prepare, read_prepared
from nertwin.mockserver.rulepack import RulePack
from nertwin.mockserver.rules import BUILT_IN_PACKS, load_pack
from nertwin.mockserver.tagger import Span, find_spans
from nertwin.mockserver.words import cut_words

PACKS = Path(packs.__file__).parent  # As they are installed.
ANNOTATED = Path(__file__).parents[1] / "data" / "annotated"
FILES = [path for path in sorted(PACKS.rglob("*.txt")) if "#" not in path.read_text("utf-8")]


def texts_for(pack: str) -> list[str]:
    lines = (ANNOTATED / f"{pack}.heldout.txt").read_text(encoding="utf-8").splitlines()
    return [*lines, *map(str.upper, lines[::4])]


def spans_in(text: str, pack: RulePack) -> list[Span]:
    return find_spans(text, cut_words(text), pack)


def files_of(pack: str) -> tuple[TermFile, ...]:
    """The gazetteers of a pack; conll heeds case in all of them, medical in none."""
    loaded = load_pack(pack)
    gazetteer = loaded.exact_terms or loaded.lowered_terms
    assert isinstance(gazetteer, LateGazetteer)
    return gazetteer.files


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_prepared_is_what_the_sources_give(pack: str) -> None:
    kept = (PACKS / f"{pack}.json").read_bytes()

    assert kept == prepare(PACKS / f"{pack}.toml"), "run python tools/prepare_packs.py"


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_prepared_pack_finds_what_its_sources_find(pack: str) -> None:
    path = PACKS / f"{pack}.toml"
    prepared, source = read_prepared(path), PackReader(read_table(path), pack).read()

    found = [spans_in(text, prepared) for text in texts_for(pack)]

    assert found == [spans_in(text, source) for text in texts_for(pack)]


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_pack_is_prepared_by_its_path_too(pack: str) -> None:
    assert load_pack(str(PACKS / f"{pack}.toml")) is load_pack(pack)


def test_other_file_beside_the_built_in_packs_is_read_as_any() -> None:
    with pytest.raises(BadPack, match=r"none\.toml: can't be read"):
        load_pack(str(PACKS / "none.toml"))


def test_threads_that_use_a_fresh_pack_at_once_find_what_one_finds() -> None:
    fresh, texts = read_prepared(PACKS / "conll.toml"), texts_for("conll")

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: spans_in(text, fresh), 4 * texts))

    assert found == 4 * [spans_in(text, load_pack("conll")) for text in texts]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKS).as_posix())
def test_words_of_a_file_are_sorted_and_each_line_is_ended(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text == "".join(f"{word}\n" for word in sorted(set(text.splitlines())))


@pytest.mark.parametrize("pack", ["conll", "medical"])
def test_term_is_read_for_its_first_word(pack: str) -> None:
    missed = [
        term
        for each in files_of(pack)
        for term in each.terms
        if term not in each.terms.starting_with(cut_words(term).texts[0])
    ]

    assert missed == []


def test_terms_that_ignore_case_are_kept_in_lower_case() -> None:
    terms = [term for each in files_of("medical") for term in each.terms]

    assert [term for term in terms if term != term.lower()] == []
