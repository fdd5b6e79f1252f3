from importlib.metadata import version

import pytest

from nertwin.mockserver import Settings, load_settings
from nertwin.mockserver.sharing.address import BadAddress, parse_address


def test_memory_is_no_address() -> None:
    assert parse_address("memory") is None
    assert not Settings().is_shared


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://", "localhost:6379"),
        ("redis://127.0.0.1", "127.0.0.1:6379"),
        ("redis://user:secret@db.example:7000/2", "db.example:7000"),
        ("rediss://[::1]:7000/0", "[::1]:7000"),
        ("unix:///run/redis.sock?db=1&password=secret", "/run/redis.sock"),
    ],
)
def test_what_is_shown_names_the_server_and_no_password(text: str, shown: str) -> None:
    address = parse_address(text)

    assert address is not None
    assert (address.shown, address.url) == (shown, text)
    assert "secret" not in repr(address)


def test_namespace_is_ours_and_the_other_options_are_the_librarys() -> None:
    address = parse_address("redis://h/0?socket_keepalive=1&namespace=team-a")

    assert address is not None
    assert address.url == "redis://h/0?socket_keepalive=1"
    assert address.prefix == f"nertwin:{version('nertwin')}:team-a:"


def test_keys_of_no_namespace_are_those_of_the_default_one() -> None:
    one, other = parse_address("redis://h"), parse_address("redis://h?namespace=default")

    assert one is not None
    assert other is not None
    assert one.prefix == other.prefix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Memory",
        "http://user:secret@h",
        "redis",
        "redis://user:sec/ret@h",
        "redis://h:secret",
        "secret@h:1",
        "unix://",
        "redis://h?namespace=",
        "redis://h?namespace=a:b",
    ],
)
def test_what_is_no_address_is_refused_without_a_secret(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        Settings(state=text)

    assert "sec" not in str(refused.value)
    assert "state" in str(refused.value)


def test_state_is_a_setting_as_all_are() -> None:
    state = "redis://127.0.0.1:1/0"

    assert load_settings({}, environ={"NERTWIN_STATE": state}).state == state
