"""Few tokens are put together for an answer, and it is the one that all of them give."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.contract_tests.strategies import texts
from nertwin.mockserver import ModelCard, aggregate_windows
from nertwin.mockserver.aggregation import STRATEGIES, Strategy
from nertwin.mockserver.authoring import Rule
from nertwin.mockserver.classifier import classify, tag_text, tag_windows
from nertwin.mockserver.models import Model, make_model
from nertwin.mockserver.payload import Parameters
from nertwin.mockserver.rulebook import Rulebook

PINS = ("[Ada](PER) of[Rome](LOC)[Inc](ORG:0.6) and [\u6771\u4eac](LOC)",)
NAMES = ["Sarah", "Jessica Parker", "London", "Acme Corp.", "Zo\u0308e", "a\u200bb", "x@y.z", "\n"]
TEXTS = st.one_of(
    texts(),
    st.lists(st.sampled_from([*NAMES, "said", "in", " ", "."])).map(" ".join),
    st.lists(st.sampled_from(NAMES)).map("".join),
)


def a_model(**card: object) -> Model:
    return make_model(ModelCard(id="acme/ner", pins=PINS, **card))  # type: ignore[arg-type]  # By the tests.


MODELS = {
    "wordpiece": a_model(),
    "small windows": a_model(max_length=9, scheme="iob1"),
    "uncased": a_model(lowercase=True, max_length=12),
    "metaspace": a_model(tokenizer="metaspace", max_length=12),
    "dressed": Rulebook([Rule(regex="[a-z]+", label="ORG", score=0.6)]).dress(a_model()),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
@given(text=TEXTS, strategy=st.sampled_from(STRATEGIES), stride=st.sampled_from([None, 0, 3]))
@example(text="Ada ofRomeInc and \u6771\u4eac", strategy="average", stride=None)
def test_answer_is_that_of_all_tokens(
    model: Model, text: str, strategy: Strategy, stride: int | None
) -> None:
    decode = model.tokenizer.decode
    parameters = Parameters(aggregation_strategy=strategy, stride=stride)

    entities = classify(model, text, parameters, default_strategy=strategy)

    windows = tag_windows(model, text, stride)
    assert entities == aggregate_windows(windows, model.labels, strategy=strategy, decode=decode)


@given(text=TEXTS)
def test_stretches_are_apart_and_in_order(text: str) -> None:
    tagged, _ = tag_text(MODELS["metaspace"], text, 0)

    edges = [edge for stretch in tagged.stretches(whole_words=True) for edge in stretch]

    assert edges == sorted(set(edges))


def test_tokens_between_entities_are_not_put_together() -> None:
    tagged, _ = tag_text(MODELS["wordpiece"], "I met Ada Smith in the very old town of Rome", None)

    assert tagged.stretches(whole_words=False) == [(2, 4), (10, 11)]
