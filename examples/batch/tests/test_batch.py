import batch
import pytest

PEOPLE = ["Ada", "Bob", "Cem", "Dora", "Emil"]
TEXTS = [f"{name} sleeps" for name in PEOPLE]


@pytest.fixture
def url(nertwin):
    for name in PEOPLE:
        nertwin.say(f"[{name}](PER) sleeps")
    return nertwin.model_url()


def test_each_text_has_its_own_entities(url):
    assert batch.tag_all(TEXTS, url=url) == [(f"{name} sleeps", [name]) for name in PEOPLE]


def test_batch_is_sent_in_parts(url, nertwin):
    batch.tag_all(TEXTS, url=url)

    nertwin.assert_called(times=3)
    nertwin.assert_called(times=1, inputs=TEXTS[2:4])


def test_text_without_entities_keeps_its_place(nertwin):
    texts = [nertwin.say("nothing").text, nertwin.say("[Ada](PER)").text]

    assert batch.tag_all(texts, url=nertwin.model_url()) == [("nothing", []), ("Ada", ["Ada"])]


def test_failure_in_the_middle_moves_no_answer(url, nertwin):
    nertwin.script("200", "429", "200")

    assert dict(batch.tag_all(TEXTS, url=url))["Cem sleeps"] == ["Cem"]


def test_refused_key_is_not_an_empty_answer(nertwin):
    nertwin.fail_next(401, times=10)

    with pytest.raises(Exception, match="401"):
        batch.tag_all(TEXTS, url=nertwin.model_url())
