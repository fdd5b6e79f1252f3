import socket
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from nertwin.contract_tests.redirecting.detour import (
    Attempt,
    Detour,
    Leak,
    current,
    taken,
    url_of,
)

STAND_IN = "http://127.0.0.1:1234/s/one"


def a_detour(url: str = STAND_IN, guard: str = "api") -> tuple[Detour, list[Attempt]]:
    refused: list[Attempt] = []
    return Detour(url, guard, refused.append), refused


def test_call_of_the_api_goes_to_the_stand_in() -> None:
    detour, refused = a_detour()

    found = detour.redirect("POST", "https://api-inference.huggingface.co/models/a/b?wait=1")

    assert found == f"{STAND_IN}/models/a/b?wait=1"
    assert refused == []


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hub.corp.example/hf/api/models/a/b", "/api/models/a/b"),
        ("https://hub.corp.example/inference/models/a/b", "/models/a/b"),
        ("https://hub.corp.example/other", "/other"),
    ],
)
def test_call_of_a_mirror_goes_to_the_stand_in(
    monkeypatch: pytest.MonkeyPatch, url: str, target: str
) -> None:
    base = "https://hub.corp.example"
    constants = SimpleNamespace(ENDPOINT=f"{base}/hf", INFERENCE_ENDPOINT=f"{base}/inference")
    monkeypatch.setitem(sys.modules, "huggingface_hub.constants", constants)
    detour, refused = a_detour()

    found = detour.redirect("GET", url)

    assert found == STAND_IN + target
    assert detour.refuses_socket("hub.corp.example")
    assert refused == []


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8080", "https://huggingface.co", ""])
def test_hub_that_was_told_of_none_has_no_mirror(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    constants = SimpleNamespace(ENDPOINT=endpoint)
    monkeypatch.setitem(sys.modules, "huggingface_hub.constants", constants)
    detour, _ = a_detour()

    assert detour.redirect("GET", "http://127.0.0.1:8080/a") is None
    assert not detour.refuses_socket("127.0.0.1")


def test_call_of_another_host_goes_on() -> None:
    detour, refused = a_detour()

    assert detour.redirect("GET", "https://example.com/a") is None
    assert refused == []


def test_refused_request_is_told_without_its_query() -> None:
    detour, refused = a_detour(url="")

    with pytest.raises(Leak, match=r"POST router\.huggingface\.co/hf-inference/x") as caught:
        detour.redirect("POST", "https://user:pw@router.huggingface.co/hf-inference/x?token=hf_1")

    assert [(each.method, each.host, each.path) for each in refused] == [
        ("POST", "router.huggingface.co", "/hf-inference/x")
    ]
    assert "hf_1" not in f"{caught.value}{refused}"
    assert "pw" not in f"{caught.value}{refused}"


def test_token_in_the_path_is_masked() -> None:
    detour, refused = a_detour(url="")

    with pytest.raises(Leak) as caught:
        detour.redirect("GET", f"https://hf.co/a/hf_{'x' * 34}/b")

    assert refused[0].path == "/a/***/b"
    assert "xxx" not in str(caught.value)


def test_attempt_names_the_line_of_the_program() -> None:
    attempt = Attempt("hf.co", "GET", "/a", "app.py:12")

    assert str(attempt) == "GET hf.co/a, from app.py:12"


def test_guard_of_any_host_lets_only_this_machine_be_called() -> None:
    detour, refused = a_detour(guard="any")

    assert detour.redirect("GET", "http://127.0.0.1:9/a") is None
    with pytest.raises(Leak):
        detour.redirect("GET", "https://example.com/a")
    assert [each.host for each in refused] == ["example.com"]


def test_guard_that_is_off_refuses_nothing() -> None:
    detour, refused = a_detour(url="", guard="off")

    assert detour.redirect("GET", "https://huggingface.co/a") is None
    assert refused == []


@pytest.mark.parametrize(
    "reach",
    [
        lambda host: socket.getaddrinfo(host, 443),
        lambda host: socket.getaddrinfo(host.encode(), 443),
        socket.gethostbyaddr,
        socket.gethostbyname,
        lambda host: socket.create_connection((host, 443)),
    ],
    ids=["getaddrinfo", "bytes", "gethostbyaddr", "gethostbyname", "create_connection"],
)
def test_sockets_of_any_library_are_refused(reach: Callable[[str], object]) -> None:
    detour, refused = a_detour()

    with taken(detour), pytest.raises(Leak):
        reach("router.huggingface.co")

    assert [each.host for each in refused] == ["router.huggingface.co"]
    assert refused[0].where.startswith("test_detour.py:")


@pytest.mark.parametrize(
    ("url", "host", "why"),
    [
        (STAND_IN, "router.huggingface.co", "redirects no such client; `nertwin doctor`"),
        (STAND_IN, "cdn-lfs.huggingface.co", "the stand-in does not answer for that host"),
        ("", "router.huggingface.co", "its guard lets nothing out to that host"),
    ],
)
def test_refusal_says_why(url: str, host: str, why: str) -> None:
    detour, _ = a_detour(url=url)

    with taken(detour), pytest.raises(Leak, match=why):
        socket.getaddrinfo(host, 443)


def test_connection_to_an_address_is_refused_where_only_this_machine_may_be_called() -> None:
    detour, refused = a_detour(guard="any")

    with socket.socket() as sock, taken(detour), pytest.raises(Leak):
        sock.connect(("192.0.2.1", 443))

    assert [each.host for each in refused] == ["192.0.2.1"]


def test_nothing_is_refused_when_the_detour_has_ended() -> None:
    detour, refused = a_detour(guard="any")

    with taken(detour):
        assert current() is detour
    sys.audit("socket.connect", None, ("192.0.2.1", 443))

    assert current() is None
    assert refused == []


def test_inner_detour_is_in_force() -> None:
    (outer, _), (inner, _) = a_detour(), a_detour()

    with taken(outer), taken(inner):
        assert current() is inner


@pytest.mark.parametrize(
    ("scheme", "host", "port", "url"),
    [
        ("https", "hf.co", 443, "https://hf.co/a"),
        ("https", "hf.co", 8443, "https://hf.co:8443/a"),
        ("http", "::1", None, "http://[::1]/a"),
    ],
)
def test_url_is_put_together(scheme: str, host: str, port: int | None, url: str) -> None:
    assert url_of(scheme, host, port, "/a") == url
