import os
from collections.abc import Iterator

import pytest
import redis
from support.lifecontract import MODELS
from support.redises import PROGRAM, RedisServer, running_redis
from support.sharedservers import ask_at_once, processes, serving
from support.together import Together, together


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of which each test takes a namespace."""
    if PROGRAM is None:
        pytest.skip("neither redis-server nor valkey-server is installed; Debian has redis-server")
    with running_redis() as server:
        yield server


@pytest.fixture
def both(redis_server: RedisServer) -> Iterator[Together]:
    """Two servers that share their state."""
    with together(redis_server) as servers:
        yield servers


@pytest.fixture(scope="module")
def url(redis_server: RedisServer) -> Iterator[str]:
    """A server of four processes; each request comes on a connection of its own."""
    state = f"{redis_server.url}?namespace=workers"
    models = [part for model in MODELS for part in ("--model", model)]
    with serving("--workers", "4", "--state", state, *models) as url:
        # The first of them says where they listen.
        with redis.Redis.from_url(redis_server.url) as client:
            while len(processes(client) - {os.getpid()}) < 4:
                ask_at_once(url, 16)
        yield url
