import http.client
import sys
from pathlib import Path

import httpx
import pytest
import urllib3
from support.redirected import redirected

from nertwin.contract_tests.redirecting.hooks import hooked
from nertwin.contract_tests.redirecting.libraries import LIBRARIES, Wrappers
from nertwin.mockserver import RunningServer


def methods() -> list[object]:
    return [
        http.client.HTTPConnection.putrequest,
        http.client.HTTPSConnection.connect,
        httpx.HTTPTransport.handle_request,
        urllib3.HTTPConnectionPool.urlopen,
    ]


def test_methods_are_wrapped_for_a_while() -> None:
    before = methods()

    with hooked():
        meanwhile = methods()

    assert methods() == before
    assert all(one is not other for one, other in zip(before, meanwhile, strict=True))


def test_method_that_another_has_replaced_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*_: object) -> None:
        raise AssertionError

    with hooked():
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", other)

    assert vars(httpx.HTTPTransport)["handle_request"] is other


def test_library_is_wrapped_when_it_is_imported_later(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = []

    def wrap(module: object) -> Wrappers:
        wrapped.append(module)
        return []

    (tmp_path / "nertwin_late_library.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(LIBRARIES, "nertwin_late_library", wrap)
    with redirected(server.url):
        import nertwin_late_library  # type: ignore[import-not-found]

    assert wrapped == [nertwin_late_library]
    del sys.modules["nertwin_late_library"]


def test_missing_library_is_still_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIBRARIES, "nertwin_no_such_library", lambda _: [])

    with hooked(), pytest.raises(ModuleNotFoundError):
        __import__("nertwin_no_such_library")
