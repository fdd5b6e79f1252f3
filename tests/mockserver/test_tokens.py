import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver.tokens import (
    BadKey,
    SentToken,
    TokenForm,
    TokenReader,
    redact,
    secrets_of,
    token_form,
)

READER = TokenReader(b"key")
# No constant of the code begins like that, so none holds a token by accident.
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40).map(
    "canary".__add__
)
HEADERS = st.sampled_from(["Bearer {}", "Bearer: {}", "bearer  {}", "{}", "Basic {}", "Bearer{}"])


@pytest.mark.parametrize(
    ("authorization", "form"),
    [
        (None, TokenForm.ABSENT),
        (b"", TokenForm.EMPTY),
        (b"  ", TokenForm.EMPTY),
        (b"Bearer", TokenForm.EMPTY),
        (b"Bearer ", TokenForm.EMPTY),
        (b"Bearer:", TokenForm.EMPTY),
        (b"Bearer : ", TokenForm.EMPTY),
        (b"Bearer hf_abc", TokenForm.BEARER_HF),
        (b"bearer hf_abc", TokenForm.BEARER_HF),
        (b"BEARER\thf_abc ", TokenForm.BEARER_HF),
        (b"Bearer api_abc", TokenForm.BEARER_OTHER),
        (b"Bearer HF_abc", TokenForm.BEARER_OTHER),
        (b"Bearer \xff", TokenForm.BEARER_OTHER),
        (b"Bearer: hf_abc", TokenForm.COLON),
        (b"Bearer:hf_abc", TokenForm.COLON),
        (b"Bearer : abc", TokenForm.COLON),
        (b"hf_abc", TokenForm.BARE),
        (b"Bearerhf_abc", TokenForm.BARE),
        (b"Basic YTpi", TokenForm.BARE),
    ],
)
def test_form_of_an_authorization_header(authorization: bytes | None, form: TokenForm) -> None:
    assert token_form(authorization) is form
    assert READER.read(authorization).form is form


@pytest.mark.parametrize("header", [b"Bearer hf_abc", b"bearer: hf_abc ", b"hf_abc"])
def test_token_is_the_same_in_whichever_form_it_was_sent(header: bytes) -> None:
    assert READER.is_same(READER.read(header), "hf_abc")


@pytest.mark.parametrize("header", [b"Bearer hf_abd", b"Bearer hf_ab", b"Bearer", b"", None])
def test_other_token_or_none_is_not_the_same(header: bytes | None) -> None:
    assert not READER.is_same(READER.read(header), "hf_abc")


@pytest.mark.parametrize("header", [b"", None])
def test_no_token_is_not_even_the_empty_token(header: bytes | None) -> None:
    assert not READER.is_same(READER.read(header), "")


def test_two_tokens_have_two_digests() -> None:
    assert READER.read(b"Bearer hf_abc").digest != READER.read(b"Bearer hf_abd").digest


def test_two_keys_give_one_token_two_digests() -> None:
    other = TokenReader(b"other")

    assert READER.read(b"Bearer hf_abc").digest != other.read(b"Bearer hf_abc").digest


@pytest.mark.parametrize("key", [b"", b"k" * 65])
def test_key_that_is_none_is_refused(key: bytes) -> None:
    with pytest.raises(BadKey, match="it must have from 1 to 64"):
        TokenReader(key)


def test_refused_key_is_not_shown() -> None:
    with pytest.raises(BadKey) as refused:
        TokenReader(b"secretkey" * 10)

    assert "secretkey" not in str(refused.value)


def test_absent_token_has_no_digest() -> None:
    assert READER.read(None) == SentToken(TokenForm.ABSENT, b"")


def test_redacted_text_has_a_mask_for_the_token() -> None:
    text = redact(b"GET /?token=hf_abcdefgh&again=hf_abcdefgh", secrets_of(b"Bearer hf_abcdefgh"))

    assert text == b"GET /?token=***&again=***"


def test_word_that_is_too_short_for_a_secret_is_left_alone() -> None:
    assert redact(b"Ada met Bo", secrets_of(b"Bearer Ada")) == b"Ada met Bo"


def test_nothing_is_redacted_where_no_token_was_sent() -> None:
    assert redact(b"Ada", secrets_of(None)) == b"Ada"


@pytest.mark.parametrize("header", ["Basic {}", "Bearer a {}", "Bearer{}", "Token {}"])
def test_token_of_an_odd_header_is_redacted_on_its_own(header: str) -> None:
    authorization = header.format("hf_abcdefgh").encode()

    assert redact(b"the token hf_abcdefgh", secrets_of(authorization)) == b"the token ***"


@example("hf_nertwin_abc", "Bearer {}")
@given(TOKENS, HEADERS)
def test_token_never_appears_in_what_is_made_of_it(token: str, header: str) -> None:
    sent = READER.read(header.format(token).encode())

    shown = f"{sent!r} {sent} {sent._asdict()} {READER!r} {sent.form!r}"
    kept = pickle.dumps(sent)

    assert token not in shown
    assert token.encode() not in kept
    assert sent.digest.hex() not in repr(sent)


@given(TOKENS, HEADERS, st.text().map(str.encode), st.text().map(str.encode))
def test_redacted_text_never_holds_the_token(
    token: str, header: str, before: bytes, after: bytes
) -> None:
    authorization = header.format(token).encode()

    redacted = redact(before + authorization + after, secrets_of(authorization))

    assert token.encode() not in redacted


@given(st.binary())
def test_any_header_has_a_form(header: bytes) -> None:
    form: Any = token_form(header)

    assert isinstance(form, TokenForm)


def test_digest_of_a_token_stands_for_it() -> None:
    reader = TokenReader(b"key")
    digest = reader.digest(" hf_0123456789 ")

    assert reader.is_same(reader.read(b"Bearer hf_0123456789"), digest)
    assert not reader.is_same(reader.read(b"Bearer hf_9876543210"), digest)
    assert "0123456789" not in digest


def test_reader_with_another_key_digests_otherwise() -> None:
    reader = TokenReader(b"key")
    before = reader.read(b"Bearer hf_0123456789").digest

    reader.become(b"other")

    assert reader.read(b"Bearer hf_0123456789").digest != before
