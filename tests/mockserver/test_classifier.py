from nertwin.mockserver import Entity, ModelCard
from nertwin.mockserver.aggregation import Strategy
from nertwin.mockserver.classifier import classify
from nertwin.mockserver.models import Model, make_model
from nertwin.mockserver.payload import Parameters

NONE = Parameters(aggregation_strategy="none", ignore_labels=frozenset())


def a_model(**card: object) -> Model:
    return make_model(ModelCard(id="acme/ner", **card))  # type: ignore[arg-type]  # By the test.


def entities_of(
    model: Model, text: str, parameters: Parameters = NONE, strategy: Strategy = "simple"
) -> list[Entity]:
    return classify(model, text, parameters, default_strategy=strategy)


def test_index_counts_from_the_beginning_of_its_window() -> None:
    # Windows of four tokens that share two: [CLS] a b c d [SEP], [CLS] c d e f [SEP].
    # Of equally good overlapping tokens the earlier window's stays.
    model = a_model(max_length=6)
    parameters = Parameters(ignore_labels=frozenset(), stride=2, aggregation_strategy="none")

    entities = entities_of(model, "a b c d e f", parameters)

    assert [(entity.word, entity.index) for entity in entities] == [
        ("a", 1),
        ("b", 2),
        ("c", 3),
        ("d", 4),
        ("e", 3),
        ("f", 4),
    ]


def test_iob1_model_begins_a_tag_only_between_neighbours_of_one_type() -> None:
    model = a_model(scheme="iob1", pack="conll")

    entities = entities_of(model, "London France said", Parameters(aggregation_strategy="none"))

    assert [entity.label for entity in entities] == ["I-LOC", "B-LOC"]


def test_iob2_model_begins_every_entity() -> None:
    entities = entities_of(a_model(), "London France said", Parameters(aggregation_strategy="none"))

    assert [entity.label for entity in entities] == ["B-LOC", "B-LOC"]


def test_text_after_the_window_changes_nothing_in_it() -> None:
    model = a_model(max_length=6)
    seen = "Bob met Ann in"

    assert entities_of(model, f"{seen} Paris, and more") == entities_of(model, seen)


def test_room_of_deleted_words_is_filled_by_later_ones() -> None:
    model = a_model(max_length=5, lowercase=True)

    entities = entities_of(model, "\u0301 \u0301 \u0301 a b c d")

    assert [entity.word for entity in entities] == ["a", "b", "c"]


def test_text_is_cut_off_silently_without_a_stride() -> None:
    entities = entities_of(a_model(max_length=5), "a b c d e")

    assert [entity.word for entity in entities] == ["a", "b", "c"]
