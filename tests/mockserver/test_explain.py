"""Explanations: they tell what the tagger does, in words, and change nothing."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.contract_tests.strategies import texts
from nertwin.mockserver import ModelCard, Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.authoring import Rule
from nertwin.mockserver.classifier import InferenceError
from nertwin.mockserver.explain import Explanation, explain
from nertwin.mockserver.models import Model, make_model
from nertwin.mockserver.payload import Parameters
from nertwin.mockserver.rulebook import Rulebook
from nertwin.mockserver.rules import BUILT_IN_PACKS
from nertwin.mockserver.tagger import find_spans
from nertwin.mockserver.verdicts import Verdict, reach_verdicts
from nertwin.mockserver.words import cut_words

ANNOTATED = Path(__file__).parents[1] / "data" / "annotated"
ENDPOINT = create_endpoint(Settings())
BOOK = Rulebook(
    [
        Rule(terms=("New York City", "Sarah", "the"), label="O", case="ignore"),
        Rule(terms=("York", "of England", "-"), label="O", priority=60),
        Rule(regex="[A-Z]{2,}", label="O", priority=40),
    ]
)
MODELS = {pack: make_model(ModelCard(id=f"acme/{pack}", pack=pack)) for pack in BUILT_IN_PACKS}
NAMES = ["Sarah", "Jessica", "of", "England", "New", "York", "City", "Inc", ".", "-", "The", "AT"]
TEXTS = st.one_of(texts(), st.lists(st.sampled_from(NAMES)).map(" ".join))


def a_pack(folder: Path, rules: str) -> Model:
    path = folder / "acme.toml"
    path.write_text(f'labels = ["O", "ONE", "TWO"]\n{rules}', encoding="utf-8")
    return make_model(ModelCard(id="acme/ner", pack=str(path)))


def explained(
    text: str, *rules: Rule, model: Model | None = None, most: int = 200, **parameters: Any
) -> Explanation:
    dressed = Rulebook(rules).dress(model or MODELS["conll"])
    return explain(dressed, text, Parameters(**parameters), default_strategy="simple", most=most)


def won_spans(model: Model, text: str) -> list[tuple[int, int, str, str]]:
    verdicts, _ = reach_verdicts(model, text, cut_words(text))
    return [
        (each.start, each.end, each.label, each.rule)
        for each in verdicts
        if each.won and each.label != "O"
    ]


def tagged_spans(model: Model, text: str) -> list[tuple[int, int, str, str]]:
    words = cut_words(text)
    return [
        (words.starts[span.first], words.ends[span.last - 1], span.label, span.rule)
        for span in find_spans(text, words, model.pack, model.extra)
    ]


def verdict_on(explanation: Explanation, rule: str, text: str) -> Verdict:
    (verdict,) = [each for each in explanation.verdicts if each.rule == rule and each.text == text]
    return verdict


def split_tags(tagger: Any, model: Model, text: str) -> list[tuple[int, int, str, str]]:
    """What the tagger finds; a rule's stretch word by word in packs that label every word."""
    found: list[tuple[int, int, str, str]] = tagger(model, text)
    if model.pack.tags is None:
        return found
    words = cut_words(text)
    return [
        (start, end, label, rule)
        for first, last, label, rule in found
        for start, end in zip(words.starts, words.ends, strict=True)
        if first <= start < last
    ]


@given(TEXTS, st.sampled_from(BUILT_IN_PACKS), st.booleans())
@example("NEW YORK CITY AND THE BANK OF ENGLAND", "conll", True)
@example("Sarah Jessica Parker met Jessica", "conll", False)
@example("the old house of England", "pos", True)
def test_winners_are_what_the_tagger_finds(text: str, pack: str, is_dressed: bool) -> None:
    model = BOOK.dress(MODELS[pack]) if is_dressed else MODELS[pack]

    assert split_tags(won_spans, model, text) == split_tags(tagged_spans, model, text)


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_winners_of_the_annotated_sentences_are_what_the_tagger_finds(pack: str) -> None:
    text = (ANNOTATED / f"{pack}.heldout.txt").read_text(encoding="utf-8")[:40_000]
    model = MODELS[pack]

    assert split_tags(won_spans, model, text) == split_tags(tagged_spans, model, text)


@given(TEXTS, st.sampled_from(BUILT_IN_PACKS))
def test_each_loser_names_a_winner_of_one_of_its_words(text: str, pack: str) -> None:
    verdicts, _ = reach_verdicts(BOOK.dress(MODELS[pack]), text, cut_words(text))

    winners = [each for each in verdicts if each.won]
    assert all(
        any(
            winner.rule == loser.lost_to and winner.start < loser.end and loser.start < winner.end
            for winner in winners
        )
        for loser in verdicts
        if not loser.won
    )


@given(texts(), st.sampled_from([card.id for card in ENDPOINT.models]))
def test_explaining_changes_no_answer(text: str, model_id: str) -> None:
    model = BOOK.dress(ENDPOINT.models.model(model_id))
    body = orjson.dumps({"inputs": text})
    before = ENDPOINT.answer(model, body)

    explanation = explain(
        model, text, Parameters(), default_strategy="simple", score=ENDPOINT.profile.score
    )

    assert ENDPOINT.answer(model, body) == before
    assert orjson.loads(before.body) == list(explanation.entities)


@pytest.mark.parametrize(
    ("rules", "lost_to", "why"),
    [
        pytest.param(
            '[[gazetteer]]\nid = "one"\nlabel = "ONE"\nterms = ["b"]\n'
            '[[gazetteer]]\nid = "two"\nlabel = "TWO"\nterms = ["a"]\npriority = 60\n'
            '[[pattern]]\nid = "x"\nlabel = "ONE"\nregex = "a b"\n',
            "gazetteer.two",
            "higher priority, 60 > 50",
            id="priority",
        ),
        pytest.param(
            '[[gazetteer]]\nid = "one"\nlabel = "ONE"\nterms = ["a b c"]\n'
            '[[pattern]]\nid = "x"\nlabel = "ONE"\nregex = "a b"\n',
            "gazetteer.one",
            "longer, 3 words > 2",
            id="length",
        ),
        pytest.param(
            '[[gazetteer]]\nid = "one"\nlabel = "ONE"\nterms = ["0 a"]\n'
            '[[pattern]]\nid = "x"\nlabel = "ONE"\nregex = "a b"\n',
            "gazetteer.one",
            "further to the left",
            id="leftmost",
        ),
        pytest.param(
            '[[sequence]]\nid = "one"\nlabel = "ONE"\nmatch = "\'a\' \'b\'"\n'
            '[[pattern]]\nid = "x"\nlabel = "ONE"\nregex = "a b"\n',
            "sequence.one",
            "a sequence goes before a pattern",
            id="kind",
        ),
        pytest.param(
            '[[pattern]]\nid = "one"\nlabel = "ONE"\nregex = "a (b)"\n'
            '[[pattern]]\nid = "x"\nlabel = "ONE"\nregex = "a b"\n',
            "pattern.one",
            "the winner stands first in the pack",
            id="place",
        ),
    ],
)
def test_loser_is_told_to_whom_and_why(tmp_path: Path, rules: str, lost_to: str, why: str) -> None:
    explanation = explained("0 a b c", model=a_pack(tmp_path, rules))

    verdict = verdict_on(explanation, "pattern.x", "a b")
    assert (verdict.won, verdict.lost_to) == (False, lost_to)
    assert verdict.why == f"lost to {lost_to}: {why}"


def test_weaker_gazetteer_of_one_term_is_told_too(tmp_path: Path) -> None:
    model = a_pack(
        tmp_path,
        '[[gazetteer]]\nid = "one"\nlabel = "ONE"\nterms = ["a b"]\n'
        '[[gazetteer]]\nid = "two"\nlabel = "TWO"\nterms = ["a b"]\n',
    )

    verdict = verdict_on(explained("a b", model=model), "gazetteer.two", "a b")

    assert verdict.why == "lost to gazetteer.one: the winner stands first in the pack"


def test_weaker_list_of_an_author_is_told_too() -> None:
    rule = Rule(terms=("Acme",), label="ORG", case="ignore")

    verdict = verdict_on(explained("acme", rule, rule), "terms.1", "acme")

    assert verdict.lost_to == "terms.2"
    assert verdict.why.endswith("an author's rule goes first, the latest before all others")


def test_repeat_loses_to_rules_of_its_priority(tmp_path: Path) -> None:
    model = a_pack(
        tmp_path,
        '[[gazetteer]]\nid = "one"\nlabel = "ONE"\nterms = ["Ada Bell", "Ada"]\n'
        '[[repeat]]\nid = "again"\nlabel = "ONE"\n',
    )

    explanation = explained("Ada Bell met Ada", model=model)

    last = explanation.verdicts[-1]
    assert (last.rule, last.lost_to) == ("repeat.again", "gazetteer.one")
    assert last.why.endswith("a repeat goes behind all rules of its priority")


def test_word_by_itself_loses_to_any_rule() -> None:
    rule = Rule(terms=("house",), label="X", priority=0)

    explanation = explained("house", rule, model=MODELS["pos"])

    assert [(each.kind, each.won) for each in explanation.verdicts] == [
        ("terms", True),
        ("tags", False),
    ]
    assert explanation.verdicts[1].why.endswith("a rule goes before what a word is by itself")


def test_rule_of_nothing_wins_and_says_so() -> None:
    explanation = explained("Berlin", Rule(terms=("Berlin",), label="O"))

    assert explanation.verdicts[0].why == "won: no entity is here"
    assert explanation.verdicts[0].source == "rules"
    assert explanation.entities == ()


def test_pinned_text_asks_no_other_rule() -> None:
    explanation = explained("Ada in Berlin", Rule(say="[Ada](ORG) in Berlin"))

    assert explanation.pinned_by == "say.1"
    assert explanation.verdicts == ()
    assert explanation.notes == ("The text is pinned by say.1, so no other rule was asked.",)


def test_text_that_the_model_itself_pins_is_told() -> None:
    model = make_model(ModelCard(id="acme/ner", pins=("[Ada](ORG)",)))

    explanation = explained("Ada", model=model)

    assert explanation.pinned_by == "pins"
    assert "pinned by the pins of acme/ner" in explanation.notes[0]


def test_rules_that_do_not_fit_the_model_are_told() -> None:
    rules = (Rule(say="[a](NOUN)"), Rule(say="[b](NOUN)"), Rule(regex="a", label="VERB"))

    notes = explained("a", *rules).notes

    assert [note.partition(":")[0] for note in notes] == [
        "The rule regex.3 is not asked",
        "The rule say.1 is not asked",
    ]


def test_words_and_tokens_bear_their_places() -> None:
    explanation = explained("Ada \U0001f600 Unbelievableton")

    assert [(each.word, each.start, each.end) for each in explanation.words] == [
        ("Ada", 0, 3),
        ("\U0001f600", 4, 5),
        ("Unbelievableton", 6, 21),
    ]
    assert explanation.tokens[2].piece == "Unbel"
    assert [each.word for each in explanation.tokens][:3] == [0, 1, 2]
    assert explanation.tokens[-1].end == 21
    assert (explanation.tokens[0].label, explanation.tokens[0].index) == ("B-PER", 1)


def test_cut_off_rest_is_told() -> None:
    model = make_model(ModelCard(id="acme/ner", max_length=6))

    explanation = explained("a b c d e f", model=model)

    assert explanation.token_count == 4
    assert explanation.notes == (
        "The text has 6 tokens and the model reads 4; without a stride the rest, from character"
        " 8, is not read.",
    )


def test_text_that_fills_the_window_is_not_cut_off() -> None:
    model = make_model(ModelCard(id="acme/ner", max_length=6))

    assert explained("a b c d", model=model).notes == ()


def test_rest_is_cut_off_where_deleted_words_have_left_room() -> None:
    model = make_model(ModelCard(id="acme/ner", max_length=5, lowercase=True))

    explanation = explained("\u0301 \u0301 \u0301 a b c d", model=model)

    assert [token.piece for token in explanation.tokens] == ["a", "b", "c"]
    assert explanation.token_count == 3
    assert explanation.notes[0].startswith("The text has 4 tokens and the model reads 3;")


def test_tokens_say_which_windows_hold_them() -> None:
    model = make_model(ModelCard(id="acme/ner", max_length=6))

    explanation = explained("a b c d e f", model=model, stride=2)

    assert [token.windows for token in explanation.tokens] == [
        (0, 0),
        (0, 0),
        (0, 1),
        (0, 1),
        (1, 1),
        (1, 1),
    ]
    assert explanation.notes == ("The text is read in 2 windows of at most 4 tokens.",)


def test_explanation_is_bounded_and_counts_the_rest() -> None:
    explanation = explained("Berlin " * 20, most=5)

    lengths = [
        len(items)
        for items in (
            explanation.words,
            explanation.tokens,
            explanation.verdicts,
            explanation.entities,
        )
    ]
    assert lengths == [5] * 4
    assert (explanation.word_count, explanation.token_count) == (20, 20)
    assert explanation.verdict_count == explained("Berlin " * 20).verdict_count > 5
    assert explanation.entity_count == 20


def test_refused_parameters_are_refused_here_too() -> None:
    with pytest.raises(InferenceError):
        explained("a", stride=512)


def test_empty_text_is_explained() -> None:
    assert explained("").verdict_count == 0


def test_explanation_can_be_written_as_json() -> None:
    explanation = explained("Ada in Berlin", aggregation_strategy="none")

    document = orjson.loads(orjson.dumps(explanation.to_json()))

    assert document["strategy"] == "none"
    assert document["entities"][0]["entity"] == "B-PER"
    assert document["verdicts"][0]["rule"] == explanation.verdicts[0].rule
