"""The built-in packs: their label tables, and how well they do on annotated sentences.

``tests/data/annotated`` holds two halves a pack. Rules are written and tuned on the development
half; the held-out half is only scored.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from nertwin.mockserver.packfile import read_table
from nertwin.mockserver.packreader import PackReader
from nertwin.mockserver.rules import BUILT_IN_PACKS, load_pack
from nertwin.mockserver.tagger import find_spans
from nertwin.mockserver.words import cut_words

ANNOTATED = Path(__file__).parents[1] / "data" / "annotated"
PACKS = Path(__file__).parents[2] / "mockserver" / "packs"
MARKED = re.compile(r"\[([^\]\[]+)\]\(([A-Z_]+)\)")


class Figures(NamedTuple):
    precision: float
    recall: float
    f1: float


def read_marked(line: str) -> tuple[str, set[tuple[int, int, str]]]:
    """The text of ``[Ada](PER) wrote`` and the entities that are marked in it."""
    text = ""
    entities: set[tuple[int, int, str]] = set()
    end = 0
    for mark in MARKED.finditer(line):
        text += line[end : mark.start()]
        entities.add((len(text), len(text) + len(mark[1]), mark[2]))
        text += mark[1]
        end = mark.end()
    return text + line[end:], entities


def found_in(text: str, pack: str) -> set[tuple[int, int, str]]:
    words = cut_words(text)
    spans = find_spans(text, words, load_pack(pack))
    return {(words.starts[span.first], words.ends[span.last - 1], span.label) for span in spans}


def entity_figures(pack: str, half: str) -> Figures:
    lines = (ANNOTATED / f"{pack}.{half}.txt").read_text(encoding="utf-8").splitlines()
    marked = [read_marked(line) for line in lines]
    pairs = [(entities, found_in(text, pack)) for text, entities in marked]
    right = sum(len(wanted & found) for wanted, found in pairs)
    wanted_count = sum(len(wanted) for wanted, _ in pairs)
    found_count = sum(len(found) for _, found in pairs)
    return Figures(
        right / found_count, right / wanted_count, 2 * right / (wanted_count + found_count)
    )


def tag_accuracy(half: str) -> float:
    lines = (ANNOTATED / f"pos.{half}.txt").read_text(encoding="utf-8").splitlines()
    tagged = [[item.rsplit("/", 1) for item in line.split()] for line in lines]
    wanted = [tag for items in tagged for _, tag in items]
    texts = [" ".join(word for word, _ in items) for items in tagged]
    spans = [span for text in texts for span in find_spans(text, cut_words(text), load_pack("pos"))]
    right = sum(span.label == tag for span, tag in zip(spans, wanted, strict=True))
    return right / len(wanted)


@pytest.mark.parametrize(
    ("pack", "half", "least"),
    [
        pytest.param("conll", "development", 0.97, id="conll-development"),
        pytest.param("conll", "heldout", 0.92, id="conll-heldout"),
        pytest.param("pii", "development", 0.97, id="pii-development"),
        pytest.param("pii", "heldout", 0.97, id="pii-heldout"),
        pytest.param("medical", "development", 0.95, id="medical-development"),
        pytest.param("medical", "heldout", 0.94, id="medical-heldout"),
    ],
)
def test_pack_finds_the_marked_entities(pack: str, half: str, least: float) -> None:
    figures = entity_figures(pack, half)

    print(f"{pack} {half}: P {figures.precision:.3f} R {figures.recall:.3f} F1 {figures.f1:.3f}")
    assert figures.f1 >= least


@pytest.mark.parametrize(("half", "least"), [("development", 0.97), ("heldout", 0.95)])
def test_pos_pack_gives_words_their_tags(half: str, least: float) -> None:
    accuracy = tag_accuracy(half)

    print(f"pos {half}: accuracy {accuracy:.3f}")
    assert accuracy >= least


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        pytest.param(
            "My name is Sarah Jessica Parker but you can call me Jessica",
            [("Sarah Jessica Parker", "PER"), ("Jessica", "PER")],
            id="person-and-given-name",
        ),
        pytest.param(
            "My name is Wolfgang and I live in Berlin",
            [("Wolfgang", "PER"), ("Berlin", "LOC")],
            id="person-and-city",
        ),
        pytest.param(
            "Hugging Face Inc. is based in New York City",
            [("Hugging Face Inc.", "ORG"), ("New York City", "LOC")],
            id="company-and-city",
        ),
        pytest.param("In May it rains.", [], id="months-are-no-names"),
        pytest.param("LONDON BANKS WAIT FOR HELP", [("LONDON", "LOC")], id="headline-in-capitals"),
        pytest.param("Reading is fun.", [], id="city-that-opens-a-sentence-as-a-word"),
        pytest.param("He lives in Reading.", [("Reading", "LOC")], id="city-that-is-a-word"),
        pytest.param("Conan O'Brien's show", [("Conan O'Brien", "PER")], id="possessive"),
    ],
)
def test_conll_pack_reads_ordinary_sentences(text: str, entities: list[tuple[str, str]]) -> None:
    found = sorted(found_in(text, "conll"))

    assert [(text[start:end], label) for start, end, label in found] == entities


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_built_in_pack_describes_itself(pack: str) -> None:
    loaded = load_pack(pack)

    assert loaded.name == pack
    assert loaded.description.endswith(".")


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_sequences_of_built_in_packs_compile(pack: str) -> None:
    # As they are known to, nothing is compiled before a text needs it.
    read = PackReader(read_table(PACKS / f"{pack}.toml"), pack).read()

    assert read.claims == load_pack(pack).claims


def test_conll_labels_stand_in_the_order_of_their_ids() -> None:
    wanted = "O B-MISC I-MISC B-PER I-PER B-ORG I-ORG B-LOC I-LOC"

    assert list(load_pack("conll").labels) == wanted.split()


def test_pos_labels_are_the_17_universal_tags_in_alphabetical_order() -> None:
    labels = load_pack("pos").labels

    assert len(labels) == 17
    assert list(labels) == sorted(labels)


@pytest.mark.parametrize(
    ("label", "label_id"),
    [
        ("O", 0),
        ("B-ACTIVITY", 1),
        ("I-ADMINISTRATION", 3),
        ("B-ADMINISTRATION", 4),
        ("I-DISEASE_DISORDER", 25),
        ("B-MEDICATION", 46),
        ("B-OUTCOME", 56),
    ],
)
def test_medical_labels_keep_the_irregular_order(label: str, label_id: int) -> None:
    assert load_pack("medical").labels.index(label) == label_id


def test_data_files_of_all_packs_stay_small() -> None:
    size = sum(path.stat().st_size for path in PACKS.rglob("*.*") if path.suffix != ".pyc")

    assert size < 1_500_000


def test_licence_of_every_data_file_is_noted() -> None:
    notes = (PACKS / "LICENSES.md").read_text(encoding="utf-8")

    files = [path.relative_to(PACKS).as_posix() for path in PACKS.rglob("*.txt")]
    assert [name for name in files if f"`{name}`" not in notes] == []


def test_data_files_repeat_no_line() -> None:
    files = {
        path.name: path.read_text(encoding="utf-8").splitlines() for path in PACKS.rglob("*.txt")
    }

    assert [name for name, lines in files.items() if len(lines) != len(set(lines))] == []
