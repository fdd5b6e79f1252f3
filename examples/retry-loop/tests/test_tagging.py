import pytest
import tagging


class Slept:
    """Takes the place of time.sleep: nobody waits, and a loop without end has one."""

    def __init__(self, twin):
        self.twin, self.total, self.times = twin, 0.0, 0

    def __call__(self, seconds):
        self.total += seconds
        self.times += 1
        self.twin.clock.advance(seconds)
        assert self.times < 50, "it sleeps for ever"


def test_model_that_loads_is_waited_for(nertwin):
    nertwin.cold(after_seconds=15, estimated_time=20)
    said = nertwin.say("[Ada](PER) sleeps")
    slept = Slept(nertwin)

    assert tagging.tag(said.text, url=nertwin.model_url(), sleep=slept) == said.answers["simple"]
    assert slept.times == 1


def test_short_load_is_not_slept_through(nertwin):
    # What the 503 announces is a guess of the service's, often a bad one.
    nertwin.cold(after_seconds=2, estimated_time=300)
    slept = Slept(nertwin)

    tagging.tag("Ada sleeps", url=nertwin.model_url(), sleep=slept)

    assert slept.total <= 30


def test_patience_ends(nertwin):
    nertwin.fail_next(503, times=1000)
    slept = Slept(nertwin)

    with pytest.raises(Exception, match="not ready"):
        tagging.tag("Ada sleeps", url=nertwin.model_url(), sleep=slept)

    assert slept.total <= 120


def test_second_call_lets_the_service_wait(nertwin):
    nertwin.script("503", "200")

    tagging.tag("Ada sleeps", url=nertwin.model_url(), sleep=Slept(nertwin))

    first, second = ({name.lower() for name, _ in headers(call)} for call in nertwin.journal)
    assert "x-wait-for-model" not in first
    assert "x-wait-for-model" in second


def headers(call):
    return call["request"]["headers"]
