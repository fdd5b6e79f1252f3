import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.journals import a_journal, record

from nertwin.mockserver.heads import HeaderLines, mask_heads, open_heads, pack_heads
from nertwin.mockserver.reply import Headers

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
LINES = st.lists(st.tuples(TEXTS.map("x-".__add__), TEXTS), max_size=5)
TOKEN = b"hf_" + b"a" * 34


def encode(lines: list[tuple[str, str]]) -> Headers:
    return tuple((name.encode(), value.encode()) for name, value in lines)


def kept(*headers: tuple[bytes, bytes]) -> HeaderLines:
    return record(a_journal(), request_headers=headers).request_headers


@example([], [("x-", "")])
@example([("x-", "")], [])
@given(LINES, LINES)
def test_packed_lines_are_unpacked_as_they_were(
    asked: list[tuple[str, str]], answered: list[tuple[str, str]]
) -> None:
    parts, secrets = open_heads(encode(asked), encode(answered))

    heads = pack_heads(parts, len(asked))

    assert heads == mask_heads(parts, len(asked), secrets)
    assert heads is not None
    assert (heads.request, heads.response) == (tuple(asked), tuple(answered))


def test_value_with_a_line_end_stays_one_value() -> None:
    assert kept((b"x-a", b"one\ntwo"), (b"x-b", b"")) == (("x-a", "one two"), ("x-b", ""))


def test_lines_after_the_hundredth_are_gone_of_each_message() -> None:
    many = tuple((b"x-%d" % number, b"") for number in range(101))
    parts, secrets = open_heads(many, many)

    heads = mask_heads(parts, 101, secrets)

    assert pack_heads(parts, 101) is None
    assert heads.request == heads.response
    assert len(heads.request) == 100


def test_credential_after_the_hundredth_line_is_masked_elsewhere() -> None:
    many = tuple((b"x-%d" % number, b"") for number in range(100))
    headers = (*many, (b"authorization", b"Bearer canary-canary"))

    exchange = record(a_journal(), request_headers=headers, request_body=b"canary-canary")

    assert exchange.request_body.kept == b"***"


def test_each_of_two_credentials_is_masked() -> None:
    exchange = record(
        a_journal(),
        request_headers=(
            (b"authorization", b"Bearer canary-1"),
            (b"AUTHORIZATION", b"Bearer canary-12"),
        ),
        request_body=b"canary-12 canary-1",
    )

    assert exchange.request_body.kept == b"*** ***"
    assert [value for _, value in exchange.request_headers] == ["bearer-other"] * 2


def test_what_looks_like_a_token_is_masked_though_nobody_authorized_with_it() -> None:
    exchange = record(
        a_journal(),
        path="/models/acme/ner/" + TOKEN.decode(),
        request_headers=((b"x-a", TOKEN), (b"user-agent", b"hf_hub/0.36.2")),
        request_body=b'{"inputs":"' + TOKEN + b'"}',
    )

    assert "aaaa" not in repr(exchange)
    assert exchange.request_headers == (("x-a", "***"), ("user-agent", "hf_hub/0.36.2"))


def test_token_in_the_query_is_masked_by_its_name() -> None:
    exchange = record(a_journal(), path="/?a=1&access_token=canary&b=2")

    assert exchange.path == "/?a=1&access_token=***&b=2"


def test_header_that_others_send_tokens_in_is_masked() -> None:
    assert kept((b"X-HF-Token", b"canary")) == (("X-HF-Token", "***"),)


@pytest.mark.parametrize(
    "name", [b"X-Access-Token", b"hf_token", b"x-my-token-id", b"X-Secret", b"openai-api-key"]
)
def test_header_whose_name_tells_of_a_secret_is_masked(name: bytes) -> None:
    assert kept((b"x-a", b"1"), (name, b"canary")) == (("x-a", "1"), (name.decode(), "***"))


def test_token_in_the_address_of_a_referring_page_is_masked() -> None:
    assert kept((b"referer", b"http://a/?b=1&token=canary")) == (
        ("referer", "http://a/?b=1&token=***"),
    )
