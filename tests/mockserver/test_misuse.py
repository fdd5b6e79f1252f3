import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.journals import TOKENS

from nertwin.contract_tests.strategies import any_payloads, payloads
from nertwin.mockserver.findings import Finding
from nertwin.mockserver.misuse import find_misuse

SEED = {"inputs": "My name is Sarah Jessica Parker but you can call me Jessica"}
TOKEN = "hf_" + "a" * 34
HEADERS = (
    (b"host", b"127.0.0.1"),
    (b"authorization", b"Bearer hf_abcdefgh"),
    (b"x-wait-for-model", b"true"),
    (b"x-use-cache", b"false"),
    (b"x-load-model", b"0"),
    (b"x-something-of-ours", b"1"),
)


def misuse(
    fields: Any = None, *headers: tuple[bytes, bytes], query: bytes = b"", has_options: bool = True
) -> tuple[Finding, ...]:
    body = json.dumps({**SEED, **(fields or {})}).encode()
    return find_misuse(body, headers, has_options=has_options, query=query)


def found(*given: Any, **kwargs: Any) -> list[tuple[str, str]]:
    return [(finding.id, finding.place) for finding in misuse(*given, **kwargs)]


@pytest.mark.parametrize(
    ("fields", "id_", "place", "remedy"),
    [
        ({"wait_for_model": True}, "options.misplaced", "$.wait_for_model", '{"options": {"wait'),
        ({"use_cache": 0}, "options.misplaced", "$.use_cache", "x-use-cache: false"),
        (
            {"parameters": {"wait_for_model": True}},
            "options.misplaced",
            "$.parameters.wait_for_model",
            "x-wait-for-model: true",
        ),
        (
            {"aggregation_strategy": "simple"},
            "parameters.misplaced",
            "$.aggregation_strategy",
            '{"parameters": {"aggregation_strategy": …}}',
        ),
        ({"grouped_entities": 1}, "parameters.misplaced", "$.grouped_entities", '{"parameters"'),
        (
            {"options": {"stride": 3}},
            "parameters.misplaced",
            "$.options.stride",
            '{"parameters": {"stride": …}}',
        ),
        (
            {"parameters": {"agregation_strategy": "simple"}},
            "parameters.misspelt",
            "$.parameters.agregation_strategy",
            "write 'aggregation_strategy' in parameters",
        ),
        (
            {"aggregationStrategy": "simple"},
            "parameters.misspelt",
            "$.aggregationStrategy",
            "write 'aggregation_strategy' in parameters",
        ),
        (
            {"options": {"waitForModel": True}},
            "options.misspelt",
            "$.options.waitForModel",
            "write 'wait_for_model' in options",
        ),
        (
            {"options": {"use-cache": True}},
            "options.misspelt",
            "$.options.use-cache",
            "write 'use_cache' in options",
        ),
        ({"parameter": {}}, "body.misspelt", "$.parameter", "write 'parameters' at the top level"),
        (
            {"parameters": {"grouped_entities": True}},
            "parameters.legacy",
            "$.parameters.grouped_entities",
            '{"parameters": {"aggregation_strategy": "simple"}}',
        ),
        (
            {"options": {"wait_for_model": "true"}},
            "options.not-a-boolean",
            "$.options.wait_for_model",
            "is a string; write the JSON value true",
        ),
        (
            {"options": {"use_cache": 0}},
            "options.not-a-boolean",
            "$.options.use_cache",
            "is no boolean",
        ),
        ({"stream": True}, "stream.unsupported", "$.stream", "leave stream out"),
        ({"parameters": {"stream": 1}}, "stream.unsupported", "$.parameters.stream", "leave"),
        ({"x": TOKEN}, "token.in-body", "$", "only in the header authorization"),
    ],
    ids=str,
)
def test_misuse_of_the_body_names_the_right_place(
    fields: Any, id_: str, place: str, remedy: str
) -> None:
    (finding,) = misuse(fields)

    assert (finding.id, finding.place) == (id_, place)
    assert remedy in finding.message


@pytest.mark.parametrize(
    ("header", "id_", "remedy"),
    [
        ((b"x-use-cache", b"no"), "header.value", "is 'no', which means nothing, so the cache is"),
        ((b"x-wait-for-model", b"yes"), "header.value", "so the call does not wait; write true"),
        ((b"x-wait-for-models", b"true"), "header.misspelt", "write x-wait-for-model"),
        ((b"wait_for_model", b"true"), "header.misspelt", "write x-wait-for-model"),
        ((b"x_use_cache", b"false"), "header.misspelt", "write x-use-cache"),
        ((b"Use-Cache", b"false"), "header.misspelt", "write x-use-cache"),
        ((b"authorisation", b"Bearer canary"), "header.misspelt", "write authorization"),
        ((b"x-api-key", b"canary"), "authorization.misplaced", "authorization: Bearer hf_"),
        ((b"authorization", b"hf_canary"), "authorization.no-bearer", "scheme is missing"),
        ((b"Authorization", b"Bearer: hf_canary"), "authorization.colon", "a colon stands"),
        ((b"authorization", b"Bearer canary"), "authorization.not-hf", "not begin with hf_"),
        ((b"authorization", b"Bearer "), "authorization.empty", "no token"),
    ],
    ids=str,
)
def test_misuse_of_a_header_names_the_right_one(
    header: tuple[bytes, bytes], id_: str, remedy: str
) -> None:
    (finding,) = misuse({}, header)

    assert (finding.id, finding.place) == (id_, f"header {header[0].decode().lower()}")
    assert remedy in finding.message
    assert "canary" not in finding.message


@pytest.mark.parametrize("query", [b"token=canary", b"a=1&api_key=canary", b"q=" + TOKEN.encode()])
def test_token_in_the_url_is_found_and_not_repeated(query: bytes) -> None:
    (finding,) = misuse(query=query)

    assert (finding.id, finding.place) == ("token.in-url", "query")
    assert "canary" not in finding.message
    assert TOKEN not in finding.message


@pytest.mark.parametrize(
    ("fields", "headers", "places"),
    [
        ({"options": {"wait_for_model": "true"}}, (), ["$.options"]),
        ({"wait_for_model": True}, (), ["$.wait_for_model"]),
        ({}, ((b"x-use-cache", b"false"),), ["header x-use-cache"]),
    ],
    ids=["object", "top level", "header"],
)
def test_options_mean_nothing_where_no_gateway_reads_them(
    fields: Any, headers: tuple[tuple[bytes, bytes], ...], places: list[str]
) -> None:
    findings = misuse(fields, *headers, has_options=False)

    assert [(finding.id, finding.place) for finding in findings] == [
        ("options.ignored", place) for place in places
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"parameters": {}, "options": {}},
        {"options": {"use_cache": True, "wait_for_model": None, "use_gpu": False}},
        {"parameters": {"aggregation_strategy": "none", "ignore_labels": [], "stride": 0}},
        {"model": "acme/ner", "provider": "hf-inference", "stream": False},
        {"truncation": True, "": 1, "x" * 1000: 1, "hf_hub": 1},
    ],
    ids=str,
)
def test_what_clients_rightly_send_is_no_misuse(fields: Any) -> None:
    assert misuse(fields, *HEADERS) == ()


def test_empty_options_are_no_misuse_where_nobody_reads_them() -> None:
    assert misuse({"options": {}}, has_options=False) == ()


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"', b"\xff", b'{"options": 1}'])
def test_body_that_is_no_request_has_no_misuse(body: bytes) -> None:
    assert find_misuse(body, (), has_options=True) == ()


def test_each_misuse_is_found_once_in_its_order() -> None:
    fields = {"use_cache": True, "options": {"wait_for_model": "1"}}

    assert found(fields, (b"x-use-cache", b"off"), query=b"token=1") == [
        ("header.value", "header x-use-cache"),
        ("token.in-url", "query"),
        ("options.misplaced", "$.use_cache"),
        ("options.not-a-boolean", "$.options.wait_for_model"),
    ]


def test_keys_without_end_are_looked_at_up_to_a_bound() -> None:
    fields = {f"aggregation_strateg{'y' * number}": 1 for number in range(2, 10)}
    many = {f"field {number}": 1 for number in range(100)}

    assert misuse({**many, **fields}) == ()


@given(any_payloads(), st.booleans())
def test_any_payload_can_be_judged(payload: Any, has_options: bool) -> None:
    body = json.dumps(payload).encode()

    findings = find_misuse(body, HEADERS, has_options=has_options)

    assert all(finding.message and finding.place for finding in findings)


@given(payloads())
def test_valid_parameters_are_at_most_old_ones(payload: Any) -> None:
    fields = {key: payload[key] for key in ("inputs", "parameters") if key in payload}

    findings = find_misuse(json.dumps(fields).encode(), (), has_options=True)

    assert {finding.id for finding in findings} <= {"parameters.legacy"}


@example("canarydontLOAD_MODE", "Bearer {}")
@given(TOKENS, st.sampled_from(["Bearer {}", "{}", "Bearer: {}", "Basic {}", "bearer{}"]))
def test_token_never_appears_in_a_finding(token: str, form: str) -> None:
    secret = token.encode()
    headers = (
        (b"authorization", form.format(token).encode()),
        (b"x-use-cache", secret),
        (b"x-wait-for-model", b"Bearer " + secret),
        (b"x-api-key", secret),
        (b"x-load-model", secret),
    )

    findings = misuse({token: token, "options": {token: token}}, *headers, query=b"token=" + secret)

    assert len(findings) >= 4
    assert token not in repr(findings)
