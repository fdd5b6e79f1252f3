"""Each library by itself, over real sockets: who names the API's hosts gets the stand-in."""

import asyncio
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from support.redirected import ELSEWHERE, MODEL, NEW_URL, OLD_URL, TEXT, WORDS, redirected

from nertwin.contract_tests.redirecting.detour import Leak
from nertwin.mockserver import RunningServer

Post = Callable[[str], Any]
BODY = json.dumps({"inputs": TEXT}).encode()


def by_requests(url: str) -> Any:
    response = requests.post(url, json={"inputs": TEXT}, timeout=10)
    assert response.url == url
    return response.json()


def by_session_of_requests(url: str) -> Any:
    with requests.Session() as session:
        return session.post(url, json={"inputs": TEXT}, timeout=10).json()


def by_urllib3(url: str) -> Any:
    with urllib3.PoolManager() as pool:
        return json.loads(pool.request("POST", url, body=BODY).data)  # 1.26 has no json().


def by_httpx(url: str) -> Any:
    response = httpx.post(url, json={"inputs": TEXT})
    assert str(response.url) == url
    return response.json()


def by_httpx2(url: str) -> Any:
    httpx2 = pytest.importorskip("httpx2")
    return httpx2.post(url, json={"inputs": TEXT}).json()


def by_async_httpx(url: str) -> Any:
    async def post() -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.post(url, json={"inputs": TEXT})).json()

    return asyncio.run(post())


def by_stream_of_httpx(url: str) -> Any:
    with httpx.Client() as client, client.stream("POST", url, json={"inputs": TEXT}) as response:
        return json.loads(b"".join(response.iter_bytes()))


def by_aiohttp(url: str) -> Any:
    async def post() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={"inputs": TEXT}) as response,
        ):
            return await response.json()

    return asyncio.run(post())


def by_aiohttp_with_a_base(url: str) -> Any:
    base, _, path = url.partition(".co/")

    async def post() -> Any:
        async with (
            aiohttp.ClientSession(f"{base}.co") as session,
            session.post(f"/{path}", json={"inputs": TEXT}) as response,
        ):
            return await response.json()

    return asyncio.run(post())


def by_urllib(url: str) -> Any:
    request = urllib.request.Request(url, BODY, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.url == url
        return json.load(response)


def by_http_client(url: str) -> Any:
    host, _, path = url.partition("://")[2].partition("/")
    connection = http.client.HTTPSConnection(host, timeout=10)
    connection.connect()
    connection.request("POST", f"/{path}", BODY)
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


LIBRARIES = [
    by_requests,
    by_session_of_requests,
    by_urllib3,
    by_httpx,
    by_httpx2,
    by_async_httpx,
    by_stream_of_httpx,
    by_aiohttp,
    by_aiohttp_with_a_base,
    by_urllib,
    by_http_client,
]
every_library = pytest.mark.parametrize("post", LIBRARIES)


@every_library
@pytest.mark.parametrize("url", [OLD_URL, NEW_URL], ids=["old", "new"])
def test_call_is_answered_by_the_stand_in(server: RunningServer, post: Post, url: str) -> None:
    with redirected(server.url) as there:
        answer = post(url)

        assert [entity["word"] for entity in answer] == WORDS
        assert there.asked() == [f"POST {url.removeprefix('https://')}"]
        assert there.refused == []


@every_library
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_of_the_environment_is_not_asked(
    server: RunningServer, post: Post, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setattr(urllib.request, "_opener", None)  # It keeps the proxies of its first call.

    with redirected(server.url):
        answer = post(NEW_URL.replace("https", scheme, 1))

    assert [entity["word"] for entity in answer] == WORDS


ERRORS = [
    pytest.param(by_requests, requests.ConnectionError, id="requests"),
    pytest.param(by_urllib3, Leak, id="urllib3"),
    pytest.param(by_httpx, httpx.ConnectError, id="httpx"),
    pytest.param(by_async_httpx, httpx.ConnectError, id="async httpx"),
    pytest.param(by_aiohttp, aiohttp.ClientConnectionError, id="aiohttp"),
    pytest.param(by_urllib, urllib.error.URLError, id="urllib"),
    pytest.param(by_http_client, Leak, id="http.client"),
]


@pytest.mark.parametrize(("post", "error"), ERRORS)
def test_refusal_is_the_librarys_own_error_of_a_connection(
    server: RunningServer, post: Post, error: type[Exception]
) -> None:
    with redirected(server.url) as there:
        with pytest.raises(error, match=r"nertwin refused"):
            post(ELSEWHERE)

        assert there.asked() == []
        assert {each.host for each in there.refused} == {"cdn-lfs.huggingface.co"}


@pytest.mark.parametrize("post", [by_requests, by_urllib3, by_httpx, by_aiohttp, by_urllib])
def test_refused_request_is_told_with_method_and_path(server: RunningServer, post: Post) -> None:
    with redirected(server.url) as there:
        with pytest.raises(Exception, match="nertwin refused"):
            post(f"{ELSEWHERE}?token=hf_secret")

        assert [(each.method, each.path) for each in there.refused] == [("POST", "/repos/file")]
        assert there.refused[0].where.startswith("test_libraries.py:")


@pytest.mark.parametrize(
    "post", [by_requests, by_urllib3, by_httpx, by_async_httpx, by_aiohttp, by_urllib]
)
def test_call_of_this_machine_is_left_alone(server: RunningServer, post: Post) -> None:
    with redirected(server.url, guard="any") as there:
        answer = post(f"{server.url}/models/{MODEL}")

        assert [entity["word"] for entity in answer] == WORDS
        assert there.asked() == []


def test_error_of_the_stand_in_is_the_applications_to_see(server: RunningServer) -> None:
    with redirected(server.url) as there:
        there.session.fail_next("503")

        response = requests.post(OLD_URL, json={"inputs": TEXT}, timeout=10)

    assert response.status_code == 503
    assert response.json()["estimated_time"] > 0


def test_broken_connection_is_one_for_the_application(server: RunningServer) -> None:
    with redirected(server.url) as there:
        there.session.fail_next("reset")

        with pytest.raises(httpx.NetworkError):
            httpx.post(OLD_URL, json={"inputs": TEXT})


async def open_stream(host: str) -> None:
    await asyncio.open_connection(host, 443)


async def find_by_loop(host: str) -> None:
    await asyncio.get_running_loop().getaddrinfo(host, 443)


@pytest.mark.parametrize("reach", [open_stream, find_by_loop])
@pytest.mark.parametrize("host", ["router.huggingface.co", "cdn-lfs.huggingface.co"])
def test_connection_by_uvloop_is_refused(
    server: RunningServer, reach: Callable[[str], Any], host: str
) -> None:
    uvloop = pytest.importorskip("uvloop")

    with redirected(server.url) as there:
        with pytest.raises(Leak), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(reach(host))

        assert [each.host for each in there.refused] == [host]


def test_uvloop_is_as_it_was_afterwards(server: RunningServer) -> None:
    uvloop = pytest.importorskip("uvloop")
    before = dict(vars(uvloop.Loop))

    with redirected(server.url):
        pass

    assert dict(vars(uvloop.Loop)) == before
