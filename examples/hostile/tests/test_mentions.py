import asyncio
import socket
import unittest
import urllib.request

import mentions
import pytest

import mockserver
import schemas


def test_schemas_are_the_projects_own():
    assert schemas.Mention("Ada", 0).name == "Ada"


def test_mockserver_is_the_published_client():
    assert mockserver.HttpRequest(path="/ner").path == "/ner"


@pytest.mark.parametrize("name", ["Ada", "Bob", "Cem", "Zoë"])
def test_mention_is_found(nertwin, name):
    said = nertwin.say(f"now [{name}](PER) sleeps")

    assert mentions.mentions(said.text, url=nertwin.model_url()) == [schemas.Mention(name, 4)]
    nertwin.assert_called(times=1)


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_refusal_is_told(nertwin, status):
    nertwin.fail_next(status)

    with pytest.raises(Exception, match=str(status)):
        mentions.mentions("Ada", url=nertwin.model_url())


@pytest.mark.nertwin(profile="router")
def test_client_of_the_hub_is_answered(nertwin_inference_client):
    (entity,) = nertwin_inference_client.token_classification("Angela Merkel sleeps")

    assert entity.entity_group == "PER"


def test_coroutine_is_answered(nertwin):
    async def ask():
        return await asyncio.to_thread(mentions.mentions, "nobody", url=nertwin.model_url())

    assert asyncio.run(ask()) == []


@pytest.mark.usefixtures("nertwin")
class TestOldStyle(unittest.TestCase):
    def test_case_is_answered(self):
        self.assertEqual(mentions.mentions("nobody", url=self.nertwin.model_url()), [])


def test_no_socket_is_to_be_had_without_a_stand_in():
    # pytest-socket warns first, and here a warning is an error.
    with pytest.raises(UserWarning, match="tried to use socket"):
        socket.socket()


def test_only_this_machine_is_to_be_had_with_one(nertwin):
    with pytest.raises(UserWarning, match='host "192.0.2.1"'):
        urllib.request.urlopen("http://192.0.2.1/", timeout=5)

    nertwin.assert_not_called()
