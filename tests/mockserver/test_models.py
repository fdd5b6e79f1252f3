import pytest

from nertwin.mockserver import ModelCard
from nertwin.mockserver.models import (
    BadModel,
    ModelRegistry,
    UnknownModel,
    built_in_cards,
    make_model,
)

DSLIM_LABELS = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


@pytest.mark.parametrize("card", built_in_cards(), ids=lambda card: card.id)
def test_built_in_model_can_be_made(card: ModelCard) -> None:
    assert len(make_model(card).labels) > 1


def test_labels_stand_in_the_order_of_the_real_table() -> None:
    model = ModelRegistry(built_in_cards()).model("dslim/bert-base-NER")

    assert model.labels.names == DSLIM_LABELS


def test_commit_is_the_recorded_one_or_forty_digits_of_the_id() -> None:
    registry = ModelRegistry(built_in_cards())

    recorded = registry.card("dbmdz/bert-large-cased-finetuned-conll03-english").commit
    derived = ModelCard(id="acme/ner").commit
    assert recorded == "4c534963167c08d4b8ff1f88733cf2930f86add0"
    assert len(derived) == 40
    assert derived != ModelCard(id="acme/pos").commit


def test_model_is_made_once() -> None:
    registry = ModelRegistry([ModelCard(id="acme/ner")])

    assert registry.model("acme/ner") is registry.model("acme/ner")


def test_unknown_id_is_refused_with_the_nearest_and_the_remedy() -> None:
    with pytest.raises(UnknownModel, match=r"Did you mean 'acme/ner'\?.*--model acme/nerr=PACK"):
        ModelRegistry([ModelCard(id="acme/ner")]).model("acme/nerr")


def test_any_model_serves_any_well_formed_id() -> None:
    registry = ModelRegistry([], any_model=True)

    assert registry.model("some/body").card.id == "some/body"


@pytest.mark.parametrize("model_id", ["", "a/b/c", "a b", "a/", "/a", "..", "a/..", "x" * 200])
def test_any_model_refuses_what_is_no_id(model_id: str) -> None:
    with pytest.raises(UnknownModel):
        ModelRegistry([], any_model=True).model(model_id)


def test_rules_that_do_not_fit_the_label_table_are_refused() -> None:
    with pytest.raises(BadModel, match="the label table has no 'LOC'"):
        make_model(ModelCard(id="acme/ner", labels=("O", "B-PER", "I-PER")))


def test_label_table_without_an_outside_label_is_refused() -> None:
    with pytest.raises(BadModel, match="no 'O' for words outside"):
        make_model(ModelCard(id="acme/ner", labels=("PER", "ORG", "LOC", "MISC")))


@pytest.mark.parametrize("sha", ["x\r\ny: 1", "4C53", "0" * 39])
def test_commit_that_is_none_is_refused(sha: str) -> None:
    with pytest.raises(BadModel, match="forty hexadecimal digits"):
        ModelCard(id="acme/ner", sha=sha)


def test_pin_with_an_unknown_label_is_refused() -> None:
    with pytest.raises(BadModel, match="the label table has no 'FOOD'"):
        make_model(ModelCard(id="acme/ner", pins=("[Soup](FOOD)",)))


def test_pin_with_a_score_that_cannot_win_is_refused() -> None:
    with pytest.raises(BadModel, match="can't be the largest"):
        make_model(ModelCard(id="acme/ner", pins=("[Ada](PER:0.1)",)))
