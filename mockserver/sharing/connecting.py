"""Connecting: the library that speaks to Redis, as patient as it should be."""

from __future__ import annotations

import importlib
import os
from typing import Any

from ..errors import NertwinError
from .address import BadAddress, StateAddress

_CONNECTS_WITHIN = 1.0  # Seconds.
_ANSWERS_WITHIN = 2.0


class NoRedisClient(NertwinError):
    """The package that speaks to Redis is not installed."""


def connect(address: StateAddress) -> Any:  # noqa: ANN401  # Of a library that may be missing.
    """A client of the library for Redis, which connects when it is first asked.

    Raises:
        NoRedisClient: The library is missing.
        BadAddress: It doesn't take the URL.
    """
    try:
        asynchronous = importlib.import_module("redis.asyncio")
        backoff = importlib.import_module("redis.backoff")
        retry = importlib.import_module("redis.asyncio.retry")
    except ImportError as error:
        raise NoRedisClient(
            f"state is the Redis at {address.shown}, and the package that speaks to it is not"
            " installed; run pip install 'nertwin[redis]'"
        ) from error
    # A connection that has ended since it was used last is no reason to give up; an answer that
    # doesn't come is.
    ended = importlib.import_module("redis.exceptions").ConnectionError
    again = retry.Retry(backoff.NoBackoff(), 1, supported_errors=(ended,))
    try:
        client = asynchronous.Redis.from_url(
            address.url,
            client_name=f"nertwin-{os.getpid()}",  # What CLIENT LIST tells.
            socket_connect_timeout=_CONNECTS_WITHIN,
            socket_timeout=_ANSWERS_WITHIN,
            retry=again,
        )
        pool = client.connection_pool
        pool.connection_class(**pool.connection_kwargs)  # Else a wrong option is told by a call.
    except (TypeError, ValueError) as error:
        raise BadAddress(
            f"state is the Redis at {address.shown}, and its client refuses the URL"
            f" ({type(error).__name__}); correct its database and its options"
        ) from error
    return client
