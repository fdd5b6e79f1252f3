"""Headers: lines of a call that every profile accepts."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..exchange import HeaderLines

_FLAGS = ("true", "false", "1", "0", "True", "FALSE")
_VALUES: dict[str, SearchStrategy[str]] = {
    "x-use-cache": st.sampled_from(_FLAGS),
    "x-wait-for-model": st.sampled_from(_FLAGS),
    "accept": st.sampled_from(("*/*", "application/json")),
    "accept-encoding": st.sampled_from(("identity", "gzip", "gzip, deflate, br")),
    "user-agent": st.sampled_from(
        ("python-requests/2.32.3", "unknown/None; hf_hub/0.25.0; python/3.11", "curl/8.5.0")
    ),
    "x-amzn-trace-id": st.uuids().map(str),
    "x-hf-bill-to": st.sampled_from(("nertwin", "my-org")),
    "origin": st.just("https://example.org"),
    # What no endpoint has heard of.
    "x-nothing-in-particular": st.text(
        st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20
    ),
}


def headers() -> SearchStrategy[HeaderLines]:
    """Request headers with allowed values, names in any letter case, each name at most once.

    ``authorization`` and ``content-type`` are not among them.
    """
    return st.lists(
        st.sampled_from(sorted(_VALUES)).flatmap(_lines),
        max_size=5,
        unique_by=lambda line: line[0].lower(),
    ).map(tuple)


def _lines(name: str) -> SearchStrategy[tuple[str, str]]:
    return st.tuples(st.sampled_from((name, name.title(), name.upper())), _VALUES[name])
