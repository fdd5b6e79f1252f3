"""What the package gives by name, and what it costs to import."""

from __future__ import annotations

import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from nertwin import schemas


@pytest.mark.parametrize("name", schemas.names())
def test_schema_is_valid_in_its_draft(name: str) -> None:
    Draft202012Validator.check_schema(schemas.load(name))


@pytest.mark.parametrize("name", schemas.names())
def test_schema_introduces_itself(name: str) -> None:
    schema = schemas.load(name)

    assert schema["$id"] == f"https://nertwin.invalid/schemas/{name}.schema.json"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"]


def test_names_are_those_of_the_contract() -> None:
    assert schemas.names() == (
        "answer",
        "entity-group",
        "error",
        "model-info",
        "model-loading",
        "report",
        "request",
        "token-entity",
    )


def test_each_load_is_a_copy_of_its_own() -> None:
    schemas.load("error").clear()

    assert schemas.load("error")["title"] == "Error"


def test_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(schemas.UnknownSchema) as caught:
        schemas.load("requests")

    assert caught.value.name == "requests"
    assert caught.value.nearest == "request"
    assert str(caught.value).endswith("Did you mean 'request'?")


def test_name_unlike_any_gets_no_suggestion() -> None:
    with pytest.raises(schemas.SchemasError) as caught:
        schemas.load("zzz")

    assert str(caught.value).startswith("no schema 'zzz'; there are answer, entity-group,")
    assert "Did you mean" not in str(caught.value)


def test_validator_of_an_unknown_name_says_so() -> None:
    with pytest.raises(schemas.UnknownSchema):
        schemas.validator("answers")


def test_import_leaves_jsonschema_alone() -> None:
    code = "import sys, nertwin.schemas as s; s.names(); s.load('answer'); s.clauses();" + (
        "print('jsonschema' in sys.modules, 'referencing' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
