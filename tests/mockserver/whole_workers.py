"""Several processes on one port, through ``nertwin serve --workers``: each session is in one.

``nox -s workers`` runs it; the default suite has the same protocol without processes.
"""

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from support.crowd import Member
from support.lifedrivers import OverSocket
from support.lifemachine import LifeMachine
from support.processes import WITHIN, Process, eventually

from nertwin.mockserver.control.client import Control
from nertwin.mockserver.control.wire import ControlError
from nertwin.mockserver.life import Life
from nertwin.mockserver.owners import owner_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers share nothing")

COUNT = 4
BODY = b'{"inputs": "Bob"}'
#: A session of each worker.
SPREAD = tuple(
    next(name for name in map("spread-{}".format, range(1000)) if owner_of(name, COUNT) == number)
    for number in range(COUNT)
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Four workers with models of their own."""
    models = ("--model", "acme/ner=conll", "--model", "acme/pos=conll")
    process = Process("--workers", str(COUNT), *models, cwd=tmp_path_factory.mktemp("workers"))
    yield process
    if process.popen.poll() is None:
        process.popen.terminate()
    process.popen.communicate(timeout=WITHIN)


@pytest.fixture(scope="module")
def url(server: Process) -> str:
    return server.url


@pytest.fixture
def control(url: str) -> Iterator[Control]:
    with Control(url) as control:
        yield control


@pytest.fixture
def sessions(control: Control) -> Iterator[tuple[str, ...]]:
    """A session of each worker, without calls."""
    for name in SPREAD:
        control.session(name)
    yield SPREAD
    for name in SPREAD:
        control.session(name).close()


def call(url: str, session: str, body: bytes = BODY, **headers: str) -> int:
    """The status of a call by a connection of its own."""
    sent = {"x-nertwin-session": session} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/", body, sent), timeout=WITHIN):
            return 200
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), parts.port or 0), timeout=WITHIN)


def post(session: str, body: bytes = BODY, *headers: str) -> bytes:
    """A call as it goes over the wire."""
    lines = ["POST / HTTP/1.1", "host: localhost", f"x-nertwin-session: {session}", *headers]
    head = "\r\n".join([*lines, f"content-length: {len(body)}"]).encode()
    return head + b"\r\n\r\n" + body


def read_status(reader: Any) -> int:
    """The status of the next response, of which all is read."""
    return read_reply(reader)[0]


def read_reply(reader: Any) -> tuple[int, bytes]:
    """The status and the body of the next response."""
    status = int(reader.readline().split()[1])
    headers = http.client.parse_headers(reader)
    if headers["transfer-encoding"] is None:
        return status, reader.read(int(headers["content-length"] or 0))
    body = b""
    while size := int(reader.readline(), 16):
        body += reader.read(size)
        reader.readline()
    reader.readline()
    return status, body


def numbers(control: Control, session: str) -> list[int]:
    """The numbers of the calls in the session's journal; repeats are counted with theirs."""
    found: list[int] = []
    for each in control.session(session).journal():
        kept: Any = each
        found += range(kept["number"], kept["number"] + 1 + kept["repeats"])
    return found


def children(process: Process) -> list[int]:
    """The workers, in the order in which they were started."""
    pid = process.popen.pid
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    lines = {int(each): Path(f"/proc/{each}/cmdline").read_bytes() for each in found}
    return sorted(child for child, line in lines.items() if b"spawn_main" in line)


def descriptors(process: Process) -> int:
    """How many files all workers have open."""
    return sum(len(list(Path(f"/proc/{child}/fd").iterdir())) for child in children(process))


def test_journal_has_the_calls_of_many_connections_without_gaps(
    url: str, control: Control, sessions: tuple[str, ...]
) -> None:
    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda number: call(url, sessions[number % 4]), range(80)))

    assert statuses == [200] * 80
    assert [numbers(control, session) for session in sessions] == [list(range(1, 21))] * 4


def test_quota_holds_over_many_connections(
    url: str, control: Control, sessions: tuple[str, ...]
) -> None:
    for session in sessions:
        control.session(session).change(quota={"calls": 3, "anonymous_calls": 3})

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda number: call(url, sessions[number % 4]), range(40)))

    assert (statuses.count(200), statuses.count(429)) == (12, 28)


def test_cold_model_answers_after_so_many_calls_by_any_connection(
    url: str, control: Control, sessions: tuple[str, ...]
) -> None:
    life = Life(starts="cold", after_calls=4)
    for session in sessions:
        control.session(session).models["dslim/bert-base-NER"].set_life(life)

    statuses = {
        session: [call(url, session, x_use_cache="false") for _ in range(6)] for session in sessions
    }

    assert statuses == dict.fromkeys(sessions, [503] * 4 + [200] * 2)


def test_one_connection_goes_from_session_to_session(
    server: Process, url: str, control: Control, sessions: tuple[str, ...]
) -> None:
    call(url, "default")
    before = descriptors(server)

    with connect(url) as client, client.makefile("rb") as reader:
        statuses = []
        for number in range(200):
            client.sendall(post(sessions[number % 4]))
            statuses.append(read_status(reader))
        during = descriptors(server)

    assert statuses == [200] * 200
    assert [numbers(control, session) for session in sessions] == [list(range(1, 51))] * 4
    assert during <= before + 2
    control.close()
    assert eventually(lambda: descriptors(server) <= before, wanted=True)


@pytest.mark.parametrize("is_cut", [False, True], ids=["in one piece", "head and body"])
def test_equal_calls_whose_path_names_the_session_are_each_answered_in_theirs(
    url: str, control: Control, sessions: tuple[str, ...], is_cut: bool
) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        statuses = []
        for number in range(80):
            call = post("").replace(b"POST / ", b"POST /s/%b/ " % sessions[number % 4].encode())
            call = call.replace(b"x-nertwin-session: \r\n", b"")
            head = call.index(BODY) if is_cut else len(call)
            client.sendall(call[:head])
            client.sendall(call[head:])
            statuses.append(read_status(reader))

    assert statuses == [200] * 80
    assert [numbers(control, session) for session in sessions] == [list(range(1, 21))] * 4


def test_pipelined_calls_for_several_sessions_are_answered_in_order(
    url: str, sessions: tuple[str, ...]
) -> None:
    bodies = [BODY if number % 3 else b"{" for number in range(40)]
    sent = b"".join(post(sessions[n % 4], body) for n, body in enumerate(bodies))

    with connect(url) as client, client.makefile("rb") as reader:
        client.sendall(sent)
        statuses = [read_status(reader) for _ in bodies]

    assert statuses == [200 if body == BODY else 400 for body in bodies]


def test_equal_calls_in_one_piece_are_all_answered_however_often_they_come(
    url: str, control: Control, sessions: tuple[str, ...]
) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        statuses = []
        for _ in range(5):
            client.sendall(post(sessions[0]) * 2 + post(sessions[1]))
            statuses += [read_status(reader) for _ in range(3)]

    assert statuses == [200] * 15
    assert [len(numbers(control, session)) for session in sessions] == [10, 5, 0, 0]


@pytest.mark.parametrize("size", [70_000, 900_000])
def test_long_bodies_arrive_whole(url: str, sessions: tuple[str, ...], size: int) -> None:
    body = json.dumps({"inputs": "Bob", "padding": "x" * size}).encode()

    assert [call(url, session, body) for session in sessions] == [200] * 4


def test_long_head_arrives_whole(url: str, control: Control, sessions: tuple[str, ...]) -> None:
    filling = [f"x-filling-{number}: {'y' * 1000}" for number in range(100)]

    with connect(url) as client, client.makefile("rb") as reader:
        statuses = []
        for session in sessions:
            client.sendall(post(session, BODY, *filling))
            statuses.append(read_status(reader))

    assert statuses == [200] * 4
    assert [numbers(control, session) for session in sessions] == [[1]] * 4


def test_endless_head_is_refused(url: str) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        client.sendall(b"GET / HTTP/1.1\r\nx: " + b"y" * 300_000)

        assert read_status(reader) == 400


def test_head_may_come_in_pieces(url: str, sessions: tuple[str, ...]) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        statuses = []
        for session in sessions:
            for each in post(session):
                client.sendall(bytes([each]))
            statuses.append(read_status(reader))

    assert statuses == [200] * 4


def test_body_waits_for_the_server_to_continue(url: str, sessions: tuple[str, ...]) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        statuses = []
        for session in sessions:
            head, _, body = post(session, BODY, "expect: 100-continue").partition(b"\r\n\r\n")
            client.sendall(head + b"\r\n\r\n")
            statuses.append(read_status(reader))
            client.sendall(body)
            statuses.append(read_status(reader))

    assert statuses == [100, 200] * 4


def test_reset_after_a_handover_is_a_reset(url: str, sessions: tuple[str, ...]) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        client.sendall(post(sessions[0]))
        statuses = [read_status(reader)]
        client.sendall(post(sessions[1]))
        statuses.append(read_status(reader))
        client.sendall(post(sessions[2], BODY, "x-nertwin-fault: reset"))

        with pytest.raises(ConnectionResetError):
            client.recv(1)

    assert statuses == [200, 200]


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("empty", rb"\Z"),
        ("truncated", rb"HTTP/1.1 200 .*[^\]]\Z"),
        ("garbage", rb".*\x15\x03\xff.*"),
    ],
)
def test_broken_reply_after_a_handover_ends_the_connection(
    url: str, sessions: tuple[str, ...], fault: str, end: bytes
) -> None:
    with connect(url) as client, client.makefile("rb") as reader:
        client.sendall(post(sessions[0]))
        read_status(reader)
        client.sendall(post(sessions[3], BODY, f"x-nertwin-fault: {fault}"))

        assert re.match(end, reader.read(), re.DOTALL)


def test_dribble_after_a_handover_arrives_and_the_connection_goes_on(
    url: str, sessions: tuple[str, ...]
) -> None:
    with requests.Session() as client:
        answers = [
            client.post(
                url,
                BODY,
                headers={"x-nertwin-session": session, "x-nertwin-fault": "dribble; seconds=0.05"},
                timeout=WITHIN,
            ).json()[0]["word"]
            for session in sessions
        ]

    assert answers == ["Bob"] * 4


def by_requests(url: str, names: tuple[str, ...]) -> None:
    with requests.Session() as client:
        for name in names:
            assert client.post(f"{url}/s/{name}/", BODY, timeout=WITHIN).status_code == 200


def by_httpx(url: str, names: tuple[str, ...]) -> None:
    async def post_all() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            for name in names:
                headers = {"authorization": f"Bearer hf_nertwin_{name}"}
                assert (await client.post(url, content=BODY, headers=headers)).status_code == 200

    asyncio.run(post_all())


def by_urllib(url: str, names: tuple[str, ...]) -> None:
    assert {call(url, name) for name in names} == {200}


def by_curl(url: str, names: tuple[str, ...]) -> None:
    """One process, which keeps its connection and offers HTTP/2."""
    body = BODY.decode()
    each = [["--http2", "-s", "-o", os.devnull, "-d", body, f"{url}/s/{name}/"] for name in names]
    arguments = [word for request in each for word in ["--next", *request]][1:]
    subprocess.run(["curl", "--max-time", "20", *arguments], check=True, timeout=WITHIN)


@pytest.mark.parametrize("client", [by_requests, by_httpx, by_urllib, by_curl])
def test_clients_go_from_session_to_session(
    url: str,
    control: Control,
    sessions: tuple[str, ...],
    client: Callable[[str, tuple[str, ...]], None],
) -> None:
    client(url, sessions * 5)

    assert [numbers(control, session) for session in sessions] == [[1, 2, 3, 4, 5]] * 4


def test_client_that_leaves_in_a_handover_costs_nothing(
    server: Process, url: str, sessions: tuple[str, ...]
) -> None:
    call(url, "default")
    before = descriptors(server)

    for number in range(40):
        with connect(url) as client:
            client.sendall(post(sessions[number % 4]))

    assert eventually(lambda: descriptors(server) <= before, wanted=True)


def test_all_sessions_are_listed_the_one_that_was_idle_longest_first(
    url: str, control: Control, sessions: tuple[str, ...]
) -> None:
    order = [sessions[2], sessions[0], sessions[3], sessions[1]]
    for session in order:
        call(url, session)

    listed = [each for each in control.sessions() if each in sessions]

    assert listed == order


def test_free_ids_follow_each_other_whoever_gives_them(url: str, control: Control) -> None:
    first = int(control.session().id.removeprefix("session-"))
    control.session(f"session-{first + 3}")

    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: new_session(url), range(20)))

    assert sorted(given) == [n for n in range(first + 1, first + 22) if n != first + 3]
    for number in range(first, first + 22):
        control.session(f"session-{number}").close()
    assert new_session(url) == first + 22


def new_session(url: str) -> int:
    """The number in the id of a session that is made by a connection of its own."""
    with Control(url) as control:
        return int(control.session().id.removeprefix("session-"))


def test_session_that_is_there_can_t_be_made_by_another_worker(
    url: str, sessions: tuple[str, ...]
) -> None:
    body = json.dumps({"id": sessions[0]}).encode()
    made = urllib.request.Request(f"{url}/_nertwin/sessions", body, method="POST")

    refusals = []
    for _ in range(8):
        with pytest.raises(urllib.error.HTTPError) as caught, urllib.request.urlopen(made):
            pass
        refusals.append(caught.value.code)
        caught.value.close()

    assert refusals == [409] * 8


def test_made_session_has_its_settings_and_is_found_by_all(url: str, control: Control) -> None:
    for name in SPREAD:
        control.session(f"made-{name}", settings={"clock": "frozen", "profile": "router"})

    shown = []
    for name in SPREAD:
        with Control(url) as another:
            shown.append(another.session(f"made-{name}").settings["profile"])

    assert shown == ["router"] * 4
    for name in SPREAD:
        control.session(f"made-{name}").close()
    assert not [each for each in control.sessions() if each.startswith("made-")]


def test_controlled_connection_goes_on_behind_a_request_with_a_body_nobody_reads(
    url: str, sessions: tuple[str, ...]
) -> None:
    get = b"GET /_nertwin/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nab"

    with connect(url) as client, client.makefile("rb") as reader:
        client.sendall(get)
        client.sendall(b"cde" + post(sessions[0]) + get)
        client.sendall(b"cde")

        assert [read_status(reader) for _ in range(3)] == [200] * 3


def test_model_s_life_is_kept_by_four_workers(url: str) -> None:
    seen: set[str] = set()

    with Control(url) as control:
        run_state_machine_as_test(
            lambda: LifeMachine(partial(OverSocket, control), seen),  # type: ignore[arg-type]  # Any callable that makes one.
            settings=settings(
                max_examples=15,
                stateful_step_count=25,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )

    assert seen >= {"rule", "cache", "availability"}


def test_parallel_sessions_never_see_each_other(control: Control) -> None:
    with ThreadPoolExecutor(4) as threads:
        members = [Member(control, number) for number in range(1, 41)]

        list(threads.map(Member.play, members))

        list(threads.map(Member.leave, members))


@dataclass(frozen=True)
class Pair:
    """Two workers that start again when their settings change."""

    process: Process
    url: str
    token: str  #: Which the control API wants, because it does not take 127.1 for loopback.
    told: str  #: The first line of standard error.
    config: Path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    config = folder / "nertwin.toml"
    config.write_text("")
    process = Process("--workers", "2", "--reload", "--host", "127.1", cwd=folder)
    url = process.url
    assert process.popen.stderr is not None
    told = process.popen.stderr.readline()
    yield Pair(process, url, told.rpartition(" ")[2].strip(), told, config)
    process.popen.terminate()
    process.popen.communicate(timeout=WITHIN)


def test_random_control_token_is_that_of_each_worker(pair: Pair) -> None:
    headers = {"x-nertwin-token": pair.token}
    urls = [f"{pair.url}/_nertwin/sessions/nobody-{number}" for number in range(10)]

    statuses = [httpx.get(url, headers=headers, trust_env=False).status_code for url in urls]

    assert pair.told == f"nertwin: the control token is {pair.token}\n"
    assert statuses == [404] * 10


def test_connection_that_was_on_its_way_to_a_killed_worker_is_answered_by_the_next(
    pair: Pair,
) -> None:
    url = pair.url
    names = [next(n for n in map(str, range(99)) if owner_of(n, 2) == k) for k in range(2)]
    assert [call(url, name) for name in names] == [200, 200]
    first = children(pair.process)[0]

    with stopped(first), connect(url) as client, client.makefile("rb") as reader:
        client.sendall(post(names[1]))
        statuses = [read_status(reader)]
        client.sendall(post(names[0]))
        statuses.append(call(url, names[1]))
        os.kill(first, signal.SIGKILL)
        statuses.append(read_status(reader))

    assert statuses == [200, 200, 200]


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stop the process, and kill it in the end; it would outlive its parent."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_changed_settings_are_those_of_all_sessions_after_a_reload(pair: Pair) -> None:
    before = clocks(pair)

    pair.config.write_text('clock = "frozen"\n')

    assert before == {"real"}
    assert eventually(lambda: clocks(pair), wanted={"frozen"}) == {"frozen"}


def clocks(pair: Pair) -> set[str]:
    """The clocks of new sessions, on connections of their own; none between two lives."""
    try:
        with Control(pair.url, pair.token) as control:
            return {str(control.session().settings["clock"]) for _ in range(6)}
    except ControlError:
        return set()
