"""Memory: what other threads of a server's process see of its sessions."""

import urllib.request

from nertwin.mockserver import Control, RunningServer, running_server


def post(url: str) -> None:
    body = b'{"inputs": "Ada"}'
    urllib.request.urlopen(urllib.request.Request(url, body), timeout=10).close()


def test_memory_of_a_server_in_this_process_tells_what_came() -> None:
    with running_server() as server, Control(server.url) as control:
        post(f"{server.url}/s/one/models/dslim/bert-base-NER")
        assert server.memory is not None
        journal = control.session("one").journal()

        assert [each.to_json() for each in server.memory.peek("one") or ()] == journal
        assert server.memory.peek("other") == ()


def test_memory_makes_no_session() -> None:
    with running_server() as server, Control(server.url) as control:
        assert server.memory is not None
        server.memory.peek("one")
        server.memory.forget("one")

        assert control.sessions() == []


def test_memory_does_not_tell_of_a_journal_that_lacks_a_request() -> None:
    with running_server() as server, Control(server.url) as control:
        post(f"{server.url}/s/one/models/dslim/bert-base-NER")
        control.session("one").reset("journal")

        assert server.memory is not None
        assert server.memory.peek("one") is None


def test_session_is_forgotten_from_memory() -> None:
    with running_server() as server, Control(server.url) as control:
        post(f"{server.url}/s/one/models/dslim/bert-base-NER")
        assert server.memory is not None

        server.memory.forget("one")

        assert control.sessions() == []


def test_address_of_another_process_has_no_memory() -> None:
    assert RunningServer("http://127.0.0.1:1").memory is None
