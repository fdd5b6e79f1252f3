"""A stand-in without a socket, and calls to it."""

import asyncio
from typing import Any

import httpx

from nertwin.mockserver import ModelCard, Settings, create_app
from nertwin.mockserver.life import Life
from nertwin.mockserver.session import Session
from nertwin.mockserver.sessionclock import SessionClock

MODEL = "acme/ner"
_PATHS = {"classic": "/models/{}", "router": "/hf-inference/models/{}", "dedicated": "/"}


class Twin:
    """A stand-in in this process with one model and a clock that stands still."""

    def __init__(self, life: Life | None = None, **settings: Any) -> None:
        models = {MODEL: ModelCard(id=MODEL, life=life or Life())}
        settings = {"clock": "frozen", "models": models, "default_model": MODEL} | settings
        self.app = create_app(Settings(**settings))

    @property
    def session(self) -> Session:
        return self.app.sessions.find()

    @property
    def clock(self) -> SessionClock:
        return self.session.clock

    def post(self, *headers: str, model: str = MODEL, **body: Any) -> httpx.Response:
        """The reply to a call with headers as ``name: value``."""
        payload = {"inputs": "Ada Lovelace", **body}
        path = _PATHS[self.session.settings.profile].format(model)
        return self._send("POST", path, headers=_fields(headers), json=payload)

    def get(self, path: str, *headers: str) -> httpx.Response:
        """The reply to a GET."""
        return self._send("GET", path, headers=_fields(headers))

    def state(self) -> Any:
        return self._send("GET", f"/status/{MODEL}").json()

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://nertwin") as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())


def _fields(lines: tuple[str, ...]) -> dict[str, str]:
    parts = (line.partition(": ") for line in lines)
    return {name: value for name, _, value in parts}
