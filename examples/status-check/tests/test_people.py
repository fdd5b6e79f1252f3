import people
import pytest


def test_people_are_found(nertwin):
    said = nertwin.say("[Ada Lovelace](PER) met [Charles Babbage](PER) in [London](LOC)")

    found = people.people(said.text, url=nertwin.model_url())

    assert found == ["Ada Lovelace", "Charles Babbage"]


def test_text_without_people_is_no_error(nertwin):
    said = nertwin.say("It rains in [London](LOC)")

    assert people.people(said.text, url=nertwin.model_url()) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_error_of_the_service_is_not_taken_for_entities(nertwin, status):
    nertwin.fail_next(status)

    with pytest.raises(Exception, match=str(status)):
        people.people("Ada met nobody", url=nertwin.model_url())


@pytest.mark.nertwin(auth="token", token="hf_the_right_one")
def test_bad_key_is_told(nertwin):
    with pytest.raises(Exception, match="400"):
        people.people("Ada met nobody", url=nertwin.model_url(), token="hf_a_wrong_one")


def test_page_in_front_of_the_service_is_not_taken_for_an_answer(nertwin):
    nertwin.fail_next("503-html")

    with pytest.raises(Exception, match="503"):
        people.people("Ada met nobody", url=nertwin.model_url())
