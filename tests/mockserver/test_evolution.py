import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nertwin.contract_tests.strategies import payloads
from nertwin.mockserver import Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.evolution import evolve, header_renamer
from nertwin.mockserver.faults import EVOLUTIONS
from nertwin.mockserver.float32 import to_float32
from nertwin.mockserver.incoming import Incoming
from nertwin.mockserver.profiles import PROFILES
from nertwin.mockserver.reply import Reply
from nertwin.schemas import validator

MODEL = "dslim/bert-base-NER"
ENDPOINTS = {name: create_endpoint(Settings(profile=name)) for name in PROFILES}
FIELDS = {"entity", "entity_group", "score", "index", "word", "start", "end"}


def answer(payload: Any, profile: str = "classic") -> Reply:
    endpoint = ENDPOINTS[profile]
    headers = {"content-type": "application/json"}
    incoming = Incoming(body=json.dumps(payload).encode(), headers=headers)
    return endpoint.reply(endpoint.models.model(MODEL), incoming)


def an_answer(profile: str = "classic", **parameters: Any) -> Reply:
    return answer({"inputs": "Ada met Bob in Paris.", "parameters": parameters}, profile)


def known(document: Any) -> Any:
    """The document with only those fields in its entities that clients know today."""
    if isinstance(document, list):
        return [known(item) for item in document]
    return {name: value for name, value in document.items() if name in FIELDS}


def without_scores(document: Any) -> Any:
    if isinstance(document, list):
        return [without_scores(item) for item in document]
    return {name: value for name, value in document.items() if name != "score"}


def scores(document: Any) -> list[float]:
    if isinstance(document, list):
        return [score for item in document for score in scores(item)]
    return [document["score"]]


CHOICES = st.sets(st.sampled_from(EVOLUTIONS), min_size=1)
SEEDS = st.integers(0, 1000)


@given(payloads(), st.sampled_from(sorted(PROFILES)), CHOICES, SEEDS)
def test_client_that_reads_what_it_knows_notices_nothing(
    payload: Any, profile: str, choices: set[str], seed: int
) -> None:
    reply = answer(payload, profile)
    assume(reply.status == 200)

    before = json.loads(reply.body)
    after = known(json.loads(evolve(reply, choices, seed=seed).body))

    assert without_scores(after) == without_scores(before)
    assert scores(after) == pytest.approx(scores(before), rel=0, abs=1e-7)
    assert list(map(to_float32, scores(after))) == list(map(to_float32, scores(before)))
    assert validator("answer").is_valid(after)


@given(payloads(), st.sampled_from(sorted(PROFILES)), SEEDS)
def test_evolved_answer_is_within_the_schema(payload: Any, profile: str, seed: int) -> None:
    reply = answer(payload, profile)
    assume(reply.status == 200)

    evolved = evolve(reply, EVOLUTIONS, seed=seed)

    assert validator("answer").is_valid(json.loads(evolved.body))


@given(CHOICES, SEEDS)
def test_same_seed_evolves_alike(choices: set[str], seed: int) -> None:
    reply = an_answer()

    assert evolve(reply, choices, seed=seed) == evolve(reply, choices, seed=seed)


@given(SEEDS)
def test_entities_have_fields_more(seed: int) -> None:
    evolved = evolve(an_answer(), ["extra-fields"], seed=seed)

    names = {frozenset(entity) for entity in json.loads(evolved.body)}
    assert len(names) == 1
    assert len(next(iter(names)) - FIELDS) == 2


@given(SEEDS)
def test_keys_stand_in_another_order(seed: int) -> None:
    reply = an_answer()

    orders = {tuple(entity) for entity in json.loads(evolve(reply, ["key-order"], seed=seed).body)}

    assert len(orders) == 1
    assert orders != {tuple(json.loads(reply.body)[0])}


@pytest.mark.parametrize("profile", PROFILES)
def test_scores_have_more_digits(profile: str) -> None:
    reply = an_answer(profile)

    evolved = evolve(reply, ["more-digits"])

    assert len(evolved.body) > len(reply.body)


def test_more_digits_of_a_widened_score_are_the_same_number() -> None:
    reply = an_answer("classic")

    evolved = evolve(reply, ["more-digits"])

    assert json.loads(evolved.body) == json.loads(reply.body)


@pytest.mark.parametrize("score", [0.0, 1.0, 0.5, 1e-30, 1.5e-6, 0.998])
def test_every_score_keeps_its_value(score: float) -> None:
    reply = Reply(200, (), json.dumps([{"score": score}]).encode())

    (entity,) = json.loads(evolve(reply, ["more-digits"]).body)

    assert isinstance(entity["score"], float)
    assert entity["score"] == pytest.approx(score, rel=0, abs=1e-7)
    assert 0 <= entity["score"] <= 1


@pytest.mark.parametrize("strategy", ["none", "simple"])
def test_batch_evolves_in_each_list(strategy: str) -> None:
    payload = {"inputs": ["Ada", "", "Bob"], "parameters": {"aggregation_strategy": strategy}}
    reply = answer(payload)

    evolved = json.loads(evolve(reply, ["extra-fields"]).body)

    assert known(evolved) == json.loads(reply.body)
    assert evolved != json.loads(reply.body)


@pytest.mark.parametrize("profile", PROFILES)
def test_length_is_that_of_the_evolved_body(profile: str) -> None:
    evolved = evolve(an_answer(profile), EVOLUTIONS)

    lengths = [value for name, value in evolved.headers if name == b"content-length"]
    assert lengths in ([], [str(len(evolved.body)).encode()])


def test_headers_are_added_to_those_that_are_there() -> None:
    reply = an_answer()

    evolved = evolve(reply, ["extra-headers"])

    assert evolved.headers[: len(reply.headers)] == reply.headers
    assert len(evolved.headers) > len(reply.headers)
    assert evolved.body == reply.body


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, (), b'[{"score":0.5}]'),
        Reply(200, (), b"data: []\n\n"),
        Reply(200, (), b'{"error":"not loaded yet"}'),
        Reply(200, (), b'[1,"a",null]'),
        Reply(200, (), b"[[],[]]"),
    ],
)
def test_what_holds_no_entities_stays_as_it_is(reply: Reply) -> None:
    choices = set(EVOLUTIONS) - {"extra-headers"}

    assert evolve(reply, choices) == reply


@given(SEEDS)
def test_names_of_headers_change_their_letters_only(seed: int) -> None:
    rename = header_renamer(seed)
    names = (b"content-type", b"x-compute-time", b"x-sha", b"vary", b"server")

    renamed = [rename(name) for name in names]

    assert [name.lower() for name in renamed] == list(names)
