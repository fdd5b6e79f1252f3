import pytest
from redactor import redact

SECRET = "Ada Lovelace"
MODEL = "nertwin/pii"


def redacted(text, nertwin):
    """What is handed on, which is nothing when the redactor refuses."""
    try:
        return redact(text, url=nertwin.model_url(MODEL))
    except Exception as error:
        return str(error)


def test_names_are_taken_out(nertwin):
    said = nertwin.say("[Ada Lovelace](NAME) called", model=MODEL)

    assert redacted(said.text, nertwin) == "[NAME] called"


def test_neighbours_are_taken_out_one_by_one(nertwin):
    said = nertwin.say("[Ada](NAME)[Bob](NAME)!", model=MODEL)

    assert "Ada" not in redacted(said.text, nertwin)
    assert "Bob" not in redacted(said.text, nertwin)


@pytest.mark.parametrize(
    "fault", ["401", "429", "500", "empty", "garbage", "ok-error", "truncated"]
)
def test_text_is_not_handed_on_when_the_service_fails(nertwin, fault):
    nertwin.fail_next(fault, times=100)

    assert SECRET not in redacted(f"{SECRET} called", nertwin)


def test_end_of_a_long_text_is_not_handed_on_unseen(nertwin):
    text = "It was a quiet day at the office. " * 100 + "Write to ada@example.org"

    assert "ada@example.org" not in redacted(text, nertwin)
