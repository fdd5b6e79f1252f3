from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from mutants import Recorded
from support.standins import COLD, TOKEN, stand_in

from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import Endpoint, find_endpoint
from nertwin.mockserver import running_server
from nertwin.schemas import PROFILES, Profile

Stands = dict[Profile, tuple[Endpoint, Recorded]]


@pytest.fixture(scope="session")
def stands() -> Iterator[Stands]:
    """A stand-in of each profile on a real socket, and a transport that asks it once."""
    with ExitStack() as stack:
        found: Stands = {}
        for profile in PROFILES:
            server = stack.enter_context(running_server(stand_in(profile)))
            endpoint = find_endpoint(server.url, profile=profile, token=TOKEN, cold_model=COLD)
            endpoint = replace(endpoint, nonce=7)  # Else each run would try other texts.
            client = Client(endpoint)
            stack.callback(client.close)
            found[profile] = endpoint, Recorded(client)
        yield found
