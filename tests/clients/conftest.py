"""A guard that lets the clients call the stand-in and no one else."""

import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_OF_THE_USER = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_ENDPOINT",
    "HF_INFERENCE_ENDPOINT",
    "HF_HUB_OFFLINE",
)

# huggingface_hub reads its variables once, when it is imported. Nothing is written to this home.
os.environ["HF_HOME"] = str(Path(tempfile.gettempdir()) / f"nertwin-hf-home-{os.getpid()}")
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
for _name in _OF_THE_USER:
    os.environ.pop(_name, None)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's sockets find and reach this machine only, and no proxy is asked."""
    find, connect = socket.getaddrinfo, socket.socket.connect

    def guarded_find(host: Any, *rest: Any, **options: Any) -> Any:
        _refuse_others(host)
        return find(host, *rest, **options)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_others(address[0] if isinstance(address, tuple) else None)
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_find)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _refuse_others(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and name not in _LOOPBACK:
        pytest.fail(f"a client wants to reach {name!r}; only the stand-in may be called")
