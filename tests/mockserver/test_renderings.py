"""Bodies are found again for the same request to the same model, and for no other."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from nertwin.mockserver import Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.authoring import Rule
from nertwin.mockserver.endpoint import Endpoint
from nertwin.mockserver.models import Model
from nertwin.mockserver.payload import parse_request
from nertwin.mockserver.renderings import Renderings
from nertwin.mockserver.rulebook import Rulebook

ADA = parse_request(b'{"inputs": "Ada"}')
BOB = parse_request(b'{"inputs": "Bob"}')


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    return create_endpoint(Settings())


@pytest.fixture
def model(endpoint: Endpoint) -> Model:
    return endpoint.models.model("dslim/bert-base-NER")


def test_body_is_found_by_profile_model_and_request(model: Model, endpoint: Endpoint) -> None:
    renderings = Renderings()
    renderings.keep("classic", model, ADA, b"[]")

    assert renderings.find("classic", model, ADA) == b"[]"
    assert renderings.find("router", model, ADA) is None
    assert renderings.find("classic", model, BOB) is None
    other = endpoint.models.model("dbmdz/bert-large-cased-finetuned-conll03-english")
    assert renderings.find("classic", other, ADA) is None


def test_oldest_body_goes_when_there_are_too_many(model: Model) -> None:
    renderings = Renderings(most=1)
    renderings.keep("classic", model, ADA, b"[]")
    renderings.keep("classic", model, BOB, b"[]")

    assert renderings.find("classic", model, ADA) is None
    assert len(renderings) == 1


@pytest.mark.parametrize(
    "text", ["hf_0123456789abcdefghijklmnopqrstuvwx", "a" * 5000], ids=["a token", "long"]
)
def test_body_with_a_token_or_a_long_text_is_not_kept(text: str, model: Model) -> None:
    renderings = Renderings()
    renderings.keep("classic", model, parse_request(b'{"inputs": "%b"}' % text.encode()), b"[]")

    assert len(renderings) == 0


def test_long_body_is_not_kept(model: Model) -> None:
    renderings = Renderings()
    renderings.keep("classic", model, ADA, b" " * 5000)

    assert len(renderings) == 0


def test_rules_of_a_session_that_is_gone_are_not_held(model: Model) -> None:
    renderings = Renderings()
    rules = Rulebook([Rule(terms=("Ada",), label="LOC")])
    dressed = ref(rules.dress(model))
    renderings.keep("classic", rules.dress(model), ADA, b"[]")
    del rules
    gc.collect()

    assert dressed() is None


@pytest.fixture
def small_heap() -> Iterator[None]:
    """Collections look at nothing older; in a whole run each would take half a second."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("small_heap")
def test_body_of_a_model_that_is_gone_is_not_that_of_another_in_its_place(model: Model) -> None:
    renderings = Renderings()
    for _ in range(20):
        book = Rulebook([Rule(terms=("Ada",), label="LOC")])
        dressed = book.dress(model)
        assert renderings.find("classic", dressed, ADA) is None
        renderings.keep("classic", dressed, ADA, b"[]")
        del book, dressed
        gc.collect()
