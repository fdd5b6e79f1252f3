"""A session held to its contract, whatever is done to it, each time on another server."""

from support.redises import RedisServer
from support.sharedlife import keep_the_contract


def test_session_of_four_servers_keeps_the_contract(redis_server: RedisServer) -> None:
    seen = keep_the_contract(redis_server, examples=14)

    assert seen >= {"rule", "availability", "auth", "request"}
