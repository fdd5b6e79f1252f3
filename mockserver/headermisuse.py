"""Header misuse: headers of a request that mean nothing, or not what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .findings import Finding, ignored
from .reply import Headers
from .spelling import nearest, plain_name
from .tokens import TokenForm, redact, secrets_of, token_form

_MEANINGS: Mapping[bytes, tuple[str, tuple[str, ...]]] = {
    b"x-use-cache": ("the cache is used", ("false", "0", "true", "1")),
    b"x-wait-for-model": ("the call does not wait", ("true", "1", "false", "0")),
    b"x-load-model": ("a cold model is loaded", ("0", "1")),
}
_OPTION_HEADERS = ("wait-for-model", "use-cache", "load-model")
_TOKEN_HEADERS = frozenset(
    (b"x-api-key", b"api-key", b"x-auth-token", b"x-hf-token", b"hf-token", b"token")
)
# What every client sends; a header of another name is looked at more closely.
_USUAL = frozenset(
    b"host user-agent accept accept-encoding accept-language connection content-type"
    b" content-length cache-control pragma origin referer x-amzn-trace-id x-request-id traceparent"
    b" tracestate transfer-encoding sec-fetch-mode sec-fetch-site sec-fetch-dest x-hf-bill-to"
    b" x-nertwin-session x-forwarded-for x-forwarded-proto x-real-ip via dnt expect cookie"
    b" x-scale-up-timeout".split()
)
_FORMS: Mapping[TokenForm, tuple[str, str]] = {
    TokenForm.EMPTY: ("empty", "it holds no token"),
    TokenForm.BARE: ("no-bearer", "the scheme is missing"),
    # The table of the API's own page writes the colon; its snippets don't.
    TokenForm.COLON: ("colon", "a colon stands after Bearer, as the API's page misprints it"),
    TokenForm.BEARER_OTHER: ("not-hf", "the token does not begin with hf_"),
}


def find_header_misuse(headers: Headers, *, has_options: bool) -> list[Finding]:
    """What the headers of a request do wrong."""
    found: list[Finding] = []
    for name, value in headers:
        if name in _USUAL or (name == b"authorization" and value[:10] == b"Bearer hf_"):
            continue
        found += _in_header(name.lower(), value, headers, has_options=has_options)
    return found


def _in_header(
    name: bytes, value: bytes, headers: Headers, *, has_options: bool
) -> Iterator[Finding]:
    place = f"header {name[:60].decode('latin-1')}"
    if name == b"authorization":
        form = _FORMS.get(token_form(value))
        if form is not None:
            message = f"{form[1]}; send the header authorization: Bearer hf_…"
            yield Finding(f"authorization.{form[0]}", place, message)
    elif name in _TOKEN_HEADERS:
        message = f"no token is read from {name.decode()}; send authorization: Bearer hf_…"
        yield Finding("authorization.misplaced", place, message)
    elif name in _MEANINGS:
        yield from _in_option_header(name, value, headers, has_options=has_options)
    elif name not in _USUAL:
        meant = _meant_header(name)
        if meant:
            message = f"there is no header {place[7:]}; write {meant}"
            yield Finding("header.misspelt", place, message)


def _in_option_header(
    name: bytes, value: bytes, headers: Headers, *, has_options: bool
) -> Iterator[Finding]:
    known = name.decode()
    default, literals = _MEANINGS[name]
    text = value.decode("latin-1").strip().lower()
    if not has_options:
        yield ignored(f"header {known}", f"the header {known}")
    elif text not in literals:
        # API_FACTS: nothing but true, 1, false and 0 was ever seen to mean anything.
        sent = [sent for key, sent in headers if key.lower() == b"authorization"]
        secrets = [secret for each in sent for secret in secrets_of(each)]
        shown = redact(value, secrets).decode("latin-1")[:20]
        message = f"{known} is {shown!r}, which means nothing, so {default}; write {literals[0]}"
        yield Finding("header.value", f"header {known}", message)


def _meant_header(name: bytes) -> str:
    """The header that an unknown one is likely to stand for."""
    plain = plain_name(name.decode("latin-1")).replace("_", "-").removeprefix("x-")
    option = nearest(plain, _OPTION_HEADERS)
    if option:
        return f"x-{option}"
    return nearest(plain, ("authorization",))
