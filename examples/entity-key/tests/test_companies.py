import pytest
from companies import companies


def test_organisations_are_found(nertwin, nertwin_inference_client):
    said = nertwin.say("[Ada](PER) works at [Acme](ORG) and [Globex](ORG)")

    assert companies(said.text, nertwin_inference_client) == ["Acme", "Globex"]


def test_word_that_the_model_cuts_is_one_organisation(nertwin, nertwin_inference_client):
    said = nertwin.say("[Wolfschlegelsteinhausen](ORG) grows")

    assert companies(said.text, nertwin_inference_client) == ["Wolfschlegelsteinhausen"]


def test_text_without_organisations_has_none(nertwin, nertwin_inference_client):
    said = nertwin.say("nobody is at home")

    assert companies(said.text, nertwin_inference_client) == []


@pytest.mark.parametrize("status", [401, 429])
def test_refusal_is_told(nertwin, nertwin_inference_client, status):
    nertwin.fail_next(status)

    with pytest.raises(Exception, match=str(status)):
        companies("Acme", nertwin_inference_client)
