import json

import pytest
from hypothesis import given

from nertwin.contract_tests.mutations import MUTATIONS, Mutation, mutations_of
from nertwin.contract_tests.strategies import Malformed, malformed_payloads
from nertwin.contract_tests.validity import find_fault
from nertwin.schemas import clauses, validator

REQUEST = validator("request")


def is_valid(body: bytes) -> bool:
    """Whether a strict reader takes the bytes for JSON, and the schema takes them for a call."""
    try:
        payload = json.loads(body.decode(), parse_constant=int)
        json.dumps(payload, ensure_ascii=False).encode()
    except ValueError:
        return False
    return REQUEST.is_valid(payload)


@given(malformed_payloads())
def test_no_malformed_payload_validates(malformed: Malformed) -> None:
    assert not is_valid(malformed.body), malformed.mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_every_mutation_makes_the_plainest_call_malformed(mutation: Mutation) -> None:
    assert find_fault(mutation.mutate({"inputs": "Ada"}).body)


def test_names_of_mutations_tell_them_apart() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


def test_mutations_are_of_clauses() -> None:
    assert {mutation.clause for mutation in MUTATIONS} <= {clause.id for clause in clauses()}


def test_malformed_tells_place_before_and_after() -> None:
    mutation = mutations_of("long-input.stride-whole-numbers")[0]

    malformed = mutation.mutate({"inputs": "Ada", "parameters": {"stride": 8}})

    assert malformed.mutation == "parameters.stride is -1"
    assert (malformed.path, malformed.before, malformed.after) == ("parameters.stride", "8", "-1")
    assert json.loads(malformed.body) == {"inputs": "Ada", "parameters": {"stride": -1}}


def test_malformed_tells_that_nothing_was_there_before() -> None:
    mutation = mutations_of("stream.as-parameter")[0]

    assert mutation.mutate({"inputs": "Ada"}).before == "nothing"


def test_mutated_field_leaves_its_neighbours_alone() -> None:
    mutation = mutations_of("request.strategy-value")[0]

    malformed = mutation.mutate({"inputs": "Ada", "parameters": {"batch_size": 2}})

    parameters = json.loads(malformed.body)["parameters"]
    assert parameters == {"batch_size": 2, "aggregation_strategy": "bogus"}
