"""Four worker processes and one state: whatever worker is asked, one server answers."""

from collections import Counter

from support.sharedservers import ask, ask_at_once, found_in, numbers_in, session

from nertwin.mockserver.life import Life

CLIENTS = 64


def test_exactly_as_many_calls_as_the_quota_has_come_through(url: str) -> None:
    with session(url, quota={"anonymous_calls": 10}) as quoted:
        statuses = Counter(answer.status for answer in ask_at_once(quoted.url, CLIENTS))

        assert statuses == {200: 10, 429: CLIENTS - 10}


def test_script_is_played_exactly_once(url: str) -> None:
    with session(url) as scripted:
        scripted.script("503", "503", "404", "200")

        statuses = Counter(answer.status for answer in ask_at_once(scripted.url, CLIENTS))

        assert statuses == {503: 2, 404: 1, 200: CLIENTS - 3}


def test_journal_has_each_call_once_and_no_number_is_missing(url: str) -> None:
    with session(url, cache=False) as crowded:
        answers = ask_at_once(crowded.url, CLIENTS)
        # Each text is another one, so that none stands for several.
        texts = [ask(crowded.url, body={"inputs": f"Call {each}"}).status for each in range(4)]

        numbers = numbers_in(crowded)

        assert texts == [200] * 4
        assert numbers == list(range(1, CLIENTS + 5))
        assert len({answer.headers["x-request-id"] for answer in answers}) == CLIENTS


def test_hot_loop_is_found_whichever_worker_was_asked(url: str) -> None:
    with session(url, clock="frozen") as hot:
        hot.fail_next("500", times=20)

        statuses = {ask(hot.url).status for _ in range(11)}

        assert statuses == {500}
        assert "retry.hot-loop" in [str(each["id"]) for each in found_in(hot)]


def test_model_warms_up_by_the_calls_of_all(url: str) -> None:
    with session(url, cache=False) as cold:
        cold.models["dslim/bert-base-NER"].set_life(Life(starts="cold", after_calls=20))

        statuses = Counter(answer.status for answer in ask_at_once(cold.url, CLIENTS))

        assert statuses == {503: 20, 200: CLIENTS - 20}
