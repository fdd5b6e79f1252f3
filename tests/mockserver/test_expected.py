"""Expected answers: nobody counts offsets, and the server keeps what they promise."""

from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver import Settings
from nertwin.mockserver.aggregation import STRATEGIES
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.authoring import BadRule, Rule
from nertwin.mockserver.expected import Expected, expected, utf16_offset
from nertwin.mockserver.incoming import Incoming
from nertwin.mockserver.markup import parse_markup
from nertwin.mockserver.models import Model
from nertwin.mockserver.profiles import PROFILES
from nertwin.mockserver.rulebook import Rulebook

ENDPOINT = create_endpoint(Settings())
NER = "dslim/bert-base-NER"
FAST = [
    card.id
    for card in ENDPOINT.models
    if card.pack == "conll" and card.tokenizer != "wordpiece-slow"
]
WORDS = st.sampled_from(
    [
        "Ada",
        "of",
        "Łódź",
        "e\u0301te\u0301",
        "\U0001d538\U0001d539",
        "\U0001f973",
        "漢字",
        "O'Neil",
        "Zürichbergstrasse",
        "4,5",
    ]
)
STRETCHES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


class Marked(NamedTuple):
    """A markup, drawn mark by mark, and what it marks."""

    markup: str
    text: str
    spans: list[tuple[int, int, str]]


@st.composite
def markups(draw: st.DrawFn) -> Marked:
    marks = st.tuples(STRETCHES, st.sampled_from(["PER", "ORG", "LOC", "MISC"]))
    markup, text, spans = [], "", []
    for stretch, label in draw(st.lists(marks, min_size=1, max_size=5)):
        between = draw(STRETCHES)
        start = len(text) + len(between) + 1
        text += f"{between} {stretch} "
        markup.append(f"{between} [{stretch}]({label}) ")
        spans.append((start, start + len(stretch), label))
    return Marked("".join(markup), text, spans)


def model_of(model_id: str = NER) -> Model:
    return ENDPOINT.models.model(model_id)


def expect(markup: str, model_id: str = NER, *, utf16: bool = False) -> Expected:
    return expected(model_of(model_id), markup, score=ENDPOINT.profile.score, utf16=utf16)


def spans_of(answer: Any) -> list[tuple[int, int, str]]:
    return [(each["start"], each["end"], each["entity_group"]) for each in answer]


@given(markups(), st.sampled_from(FAST))
def test_every_aggregated_answer_has_the_marked_spans(marked: Marked, model_id: str) -> None:
    answers = dict(expect(marked.markup, model_id).answers)
    del answers["none"]

    assert [spans_of(answer) for answer in answers.values()] == [marked.spans] * 4


@given(markups())
@example(Marked("\U0001f973 [e\u0301](PER)", "\U0001f973 e\u0301", [(2, 4, "PER")]))
def test_tokens_of_strategy_none_lie_in_the_marks(marked: Marked) -> None:
    found = expect(marked.markup).answers["none"]

    assert found[0]["start"] == marked.spans[0][0]
    assert found[-1]["end"] == marked.spans[-1][1]
    assert all(
        any(start <= each["start"] < each["end"] <= end for start, end, _ in marked.spans)  # type: ignore[operator]
        for each in found
    )


@given(markups())
def test_javascript_slices_the_marked_text_at_utf16_offsets(marked: Marked) -> None:
    found = expect(marked.markup, utf16=True)

    units = marked.text.encode("utf-16-le")
    slices = [
        units[2 * start : 2 * end].decode("utf-16-le")
        for start, end, _ in spans_of(found.answers["simple"])
    ]
    assert slices == [marked.text[start:end] for start, end, _ in marked.spans]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_server_answers_as_expected(strategy: str, profile: str) -> None:
    markup = "[Sarah Jessica Parker](PER) \U0001f973 met [Unbelievableton](ORG:0.97) in [Zü](LOC)"
    endpoint = create_endpoint(Settings(profile=profile))
    model = endpoint.models.model(NER)
    promised = expected(model, markup, score=endpoint.profile.score)
    body = {"inputs": promised.text, "parameters": {"aggregation_strategy": strategy}}

    incoming = Incoming(body=orjson.dumps(body), headers={"content-type": "application/json"})
    reply = endpoint.reply(Rulebook([Rule(say=markup)]).dress(model), incoming)

    assert orjson.loads(reply.body) == promised.answers[strategy]  # type: ignore[index]  # One of them.


def test_pinned_score_is_in_every_answer() -> None:
    answers = expect("[Ada](ORG:0.75)").answers

    assert {each["score"] for answer in answers.values() for each in answer} == {0.75}


def test_text_that_is_parsed_already_is_taken() -> None:
    marked = parse_markup("[Ada](PER)")

    assert expected(model_of(), marked, score=float) == expected(
        model_of(), "[Ada](PER)", score=float
    )


def test_strategies_that_the_tokenizer_refuses_are_left_out() -> None:
    found = expect("[Ada](PER)", "nertwin/slow-tokenizer", utf16=True)

    assert list(found.answers) == ["none", "simple"]
    assert found.answers["simple"][0]["start"] is None


def test_label_that_the_model_lacks_is_refused() -> None:
    with pytest.raises(BadRule, match="has no 'NOUN'"):
        expect("[Ada](NOUN)")


def test_utf16_offset_counts_pairs() -> None:
    assert [utf16_offset("a\U0001f600b", offset) for offset in range(4)] == [0, 1, 3, 4]
