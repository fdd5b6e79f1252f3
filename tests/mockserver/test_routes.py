import asyncio
from typing import Any

import pytest
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from nertwin.mockserver.routes import Routes


class Told:
    """Notes the scopes that reach it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.scopes.append(scope)


def ask(routes: Routes, path: str, *, kind: str = "http", root_path: str = "") -> None:
    scope: dict[str, Any] = {"type": kind, "method": "POST", "path": path, "root_path": root_path}
    asyncio.run(routes(scope, None, None))  # type: ignore[arg-type]  # Nobody calls them.


@pytest.fixture
def models() -> Told:
    return Told()


@pytest.fixture
def nothing() -> Told:
    return Told()


@pytest.fixture
def routes(models: Told, nothing: Told) -> Routes:
    return Routes([Route("/models/{model:path}", models)], default=nothing)


@pytest.mark.parametrize("root_path", ["", "/below"], ids=["alone", "mounted"])
def test_path_is_named_however_often_it_is_asked(
    routes: Routes, models: Told, root_path: str
) -> None:
    ask(routes, f"{root_path}/models/acme/ner", root_path=root_path)
    ask(routes, f"{root_path}/models/acme/ner", root_path=root_path)

    assert [scope["path_params"] for scope in models.scopes] == [{"model": "acme/ner"}] * 2


def test_each_request_has_names_of_its_own(routes: Routes, models: Told) -> None:
    ask(routes, "/models/acme/ner")
    models.scopes[0]["path_params"]["model"] = "changed"
    ask(routes, "/models/acme/ner")

    assert models.scopes[1]["path_params"] == {"model": "acme/ner"}


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_all_else_goes_to_the_default(routes: Routes, nothing: Told, kind: str) -> None:
    ask(routes, "/nowhere", kind=kind)

    assert [scope["type"] for scope in nothing.scopes] == [kind]


def test_very_long_path_is_found_as_well(routes: Routes, models: Told) -> None:
    ask(routes, "/models/" + "x" * 1000)

    assert models.scopes[0]["path_params"] == {"model": "x" * 1000}
