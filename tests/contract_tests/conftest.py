from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from mutants import Recorded

from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import Endpoint, find_endpoint
from nertwin.mockserver import Settings, running_server
from nertwin.schemas import PROFILES, Profile

Stands = dict[Profile, tuple[Endpoint, Recorded]]


@pytest.fixture(scope="session")
def stands() -> Iterator[Stands]:
    """A stand-in of each profile on a real socket, and a transport that asks it once."""
    with ExitStack() as stack:
        found: Stands = {}
        for profile in PROFILES:
            server = stack.enter_context(running_server(Settings(port=0, profile=profile)))
            endpoint = find_endpoint(server.url, profile=profile)
            client = Client(endpoint)
            stack.callback(client.close)
            found[profile] = endpoint, Recorded(client)
        yield found
