from collections.abc import Iterator

import httpx
import pytest
from hypothesis import settings
from support.imported import import_all

from nertwin.mockserver import RunningServer, Settings, running_server

pytest_plugins = ("pytester",)

import_all()

# A shared machine stalls now and then; a deadline would make that a failure.
settings.register_profile("nertwin", deadline=None)
settings.load_profile("nertwin")


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """A stand-in with default settings on a free port."""
    with running_server(Settings(port=0)) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of :func:`server`, whose every answer is computed: others have asked before."""
    headers = {"x-use-cache": "false"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        yield client
