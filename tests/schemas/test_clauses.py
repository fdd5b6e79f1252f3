"""The clauses: well formed, complete, and about everything the schemas name."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from nertwin import schemas
from nertwin.schemas import Clause, Level, Profile

CLAUSES = schemas.clauses()
IDS = {clause.id for clause in CLAUSES}
TOPICS = (
    "shape", "span", "score", "label", "aggregation", "long-input", "request", "header", "cache",
    "availability", "auth", "stream", "route", "relation", "security", "limits",
)  # fmt: skip
WORDS = " ".join(
    " ".join((clause.text, clause.source, *clause.readings.values())) for clause in CLAUSES
)

REQUEST: Any = schemas.load("request")
COMPONENTS: Any = schemas.openapi()["components"]
REQUEST_FIELDS = [
    *REQUEST["properties"],
    *REQUEST["$defs"]["parameters"]["properties"],
    *REQUEST["$defs"]["options"]["properties"],
]


def properties(name: str) -> Any:
    return schemas.load(name)["properties"]


ANSWER_FIELDS = [
    field
    for name in ("entity-group", "token-entity", "error", "model-loading")
    for field in properties(name)
]
LOOK_UP_FIELDS = [
    "id", "pipeline_tag", "inferenceProviderMapping", "models", "widgetModels", "loaded", "state",
    "compute_type", "framework", "model_id", "task",
]  # fmt: skip
HEADERS = [
    "authorization",
    *(each["name"] for each in COMPONENTS["parameters"].values() if each["in"] == "header"),
    *(name for name in COMPONENTS["headers"] if not name.startswith("x-nertwin-")),
]

# Where the page contradicts itself, the recordings, the library or later pages; and the clause
# that says so.
CONTRADICTIONS = [
    ("which strategy is the default", "aggregation.default"),
    ("entity or entity_group", "shape.token-fields"),
    ("the output schema required a label", "shape.no-label"),
    ("a colon after Bearer", "auth.bearer"),
    ("the colon's use", "auth.colon"),
    ("a stream is promised", "stream.is-no-feature"),
    ("booleans in headers", "header.flag-values"),
    ("headers dropped later", "header.ignored-flags"),
    ("offsets of slow tokenizers", "span.null-pair"),
    ("a list as inputs", "shape.batch-nests"),
    ("an object as the answer", "shape.one-text-one-list"),
    ("status for a wrong token", "auth.wrong-token"),
    ("whether a token is required", "auth.anonymous"),
    ("which host", "route.inference"),
    ("the retired host", "route.retired"),
    ("503 or refusal", "availability.warm-only"),
    ("an unknown model", "route.unknown-model"),
    ("digits of scores", "score.single-precision"),
    ("order of keys", "shape.key-order"),
    ("nulls for absent labels", "shape.group-fields"),
    ("none and the JavaScript client", "aggregation.none-lists-tokens"),
    ("an unknown parameter", "request.unknown-parameter"),
    ("malformed JSON", "request.malformed-json"),
    ("ignore_labels and its default", "label.ignore-replaces-default"),
    ("ignore_labels and group names", "label.ignore-group-names"),
    ("stride with none", "long-input.stride-with-none"),
    ("stride and its limit", "long-input.stride-fills-window"),
    ("string or list of errors", "shape.error-kind"),
    ("estimated_time, a float", "availability.loading-form"),
    ("no retry-after", "availability.no-retry-after"),
    ("when to wait", "availability.wait-when-ready"),
    ("compute time on a cache hit", "cache.first-time"),
    ("loading with status 200", "shape.error-has-error-status"),
    ("loading with x-load-model", "availability.load-model-off"),
    ("a wrong path in a snippet", "route.unknown-path"),
    ("recommended models", "route.recommended-models"),
    ("rates and their limits", "limits.rate"),
]

each_clause = pytest.mark.parametrize(
    "clause", [pytest.param(each, id=each.id) for each in (*CLAUSES, *schemas.clauses("client"))]
)


def test_ids_are_unique() -> None:
    assert len(IDS) == len(CLAUSES)


def test_clauses_of_clients_stand_apart() -> None:
    assert {clause.topic for clause in schemas.clauses("client")} == {"client"}
    assert {clause.of for clause in CLAUSES} == {"endpoint"}


def test_topics_are_all_there_in_order() -> None:
    assert tuple(dict.fromkeys(clause.topic for clause in CLAUSES)) == TOPICS


def test_clauses_are_parsed_once() -> None:
    assert schemas.clauses() is schemas.clauses()


@each_clause
def test_id_is_words_with_one_dot(clause: Clause) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", clause.id)


@each_clause
def test_text_is_one_sentence(clause: Clause) -> None:
    assert clause.text.endswith(".")
    assert ". " not in clause.text
    assert len(clause.text) <= 300


@each_clause
def test_source_is_told(clause: Clause) -> None:
    assert len(clause.source) >= len("choice")


@each_clause
def test_level_is_known(clause: Clause) -> None:
    assert clause.level in schemas.LEVELS


@each_clause
def test_profiles_are_known_and_in_order(clause: Clause) -> None:
    assert clause.profiles
    assert clause.profiles == tuple(each for each in schemas.PROFILES if each in clause.profiles)


@each_clause
def test_readings_are_of_profiles_of_the_clause(clause: Clause) -> None:
    assert set(clause.readings) <= set(clause.profiles)
    assert all(clause.readings.values())


@each_clause
def test_reason_stands_where_nothing_can_be_observed(clause: Clause) -> None:
    assert bool(clause.why_not) is not clause.observable


@each_clause
def test_clause_is_hashable(clause: Clause) -> None:
    assert clause in {clause}


def test_must_is_observable() -> None:
    assert [each.id for each in CLAUSES if each.level == "MUST" and not each.observable] == []


def test_levels_and_profiles_are_those_of_the_types() -> None:
    assert get_args(Level) == schemas.LEVELS
    assert get_args(Profile) == schemas.PROFILES


@pytest.mark.parametrize("field", REQUEST_FIELDS)
def test_field_of_the_request_has_a_clause(field: str) -> None:
    assert re.search(rf"`{field}\b", WORDS)


@pytest.mark.parametrize("field", sorted(set(ANSWER_FIELDS)))
def test_field_of_the_answer_has_a_clause(field: str) -> None:
    assert re.search(rf"`{field}\b", WORDS)


@pytest.mark.parametrize("field", LOOK_UP_FIELDS)
def test_field_of_a_look_up_has_a_clause(field: str) -> None:
    assert re.search(rf"\b{field}\b", WORDS)


@pytest.mark.parametrize("header", sorted(set(HEADERS)))
def test_header_has_a_clause(header: str) -> None:
    assert re.search(rf"`{header}\b", WORDS)


@pytest.mark.parametrize(
    "clause", [pytest.param(clause, id=subject) for subject, clause in CONTRADICTIONS]
)
def test_contradiction_of_the_page_has_a_clause(clause: str) -> None:
    assert clause in IDS


@pytest.mark.parametrize(
    "line",
    ["inputs", "parameters", "ignore_labels", "stride", "aggregation_strategy", "authorization",
     "x-use-cache", "x-wait-for-model", "Using the API", "Response", "entity_group", "score",
     "start"],
)  # fmt: skip
def test_line_of_the_page_is_a_source(line: str) -> None:
    assert any(line in each.source and "task page" in each.source for each in CLAUSES)
