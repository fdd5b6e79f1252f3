"""Verdicts of runs that never were: any outcome, any text in them."""

from __future__ import annotations

from hypothesis import strategies as st

from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.exchange import Exchange, Request, Response
from nertwin.contract_tests.outcomes import Finding, Outcome, Result, Verdict
from nertwin.contract_tests.violations import Mark, Violation
from nertwin.schemas import Clause, clauses
from support.endpoints import ENDPOINT

TOKEN = "hf_canary0123456789"  # noqa: S105

#: What a markup language, a terminal or a careless report might trip over.
NASTY = st.sampled_from(
    ["|", "```", "<script>alert(1)</script>", "]]>", "&amp;", "a\nb", "\r", "::error::", "%0A",
     "\x00", "\x1b[31m", "\u202e", "\ud800", "<!--", "{{", "`x`", "&#0;", f"Bearer {TOKEN}"]
)  # fmt: skip
texts = st.lists(NASTY | st.text(max_size=8), max_size=4).map("".join)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    body = draw(st.binary(max_size=20) | texts.map(lambda text: text.encode("utf-8", "replace")))
    request = Request(target="/models/a", headers=(("x-text", "a"),), body=body)
    value = draw(NASTY).encode("latin-1", "replace").decode("latin-1")
    response = Response(status=draw(st.integers(100, 599)), headers=(("x", value),), body=body)
    is_broken = draw(st.booleans())
    problem = draw(texts) if is_broken else ""
    return Exchange(request=request, response=None if is_broken else response, problem=problem)


@st.composite
def findings(draw: st.DrawFn, clause: Clause) -> Finding:
    text = draw(texts)
    violation = Violation(
        where=draw(texts), expected=draw(texts), actual=draw(texts), hint=draw(texts),
        marks=(Mark(text=text, start=0, end=len(text), note=draw(texts)),),
    )  # fmt: skip
    seen = draw(st.integers(1, 3))
    return Finding(
        clause=clause,
        violation=violation,
        exchanges=tuple(draw(st.lists(exchanges(), max_size=2))),
        seen=seen,
        tried=draw(st.integers(seen, 3)),
    )


@st.composite
def results(draw: st.DrawFn, clause: Clause) -> Result:
    outcome = draw(st.sampled_from(Outcome))
    found = st.lists(findings(clause), min_size=1, max_size=2)
    return Result(
        clause=clause,
        outcome=outcome,
        why="" if outcome.is_decided else draw(texts),
        findings=tuple(draw(found)) if outcome is Outcome.FAILED else (),
    )


@st.composite
def verdicts(draw: st.DrawFn, endpoint: Endpoint = ENDPOINT) -> Verdict:
    chosen = draw(st.lists(st.sampled_from(clauses()), max_size=4, unique=True))
    return Verdict(
        endpoint=endpoint,
        seed=draw(st.integers(0, 9)),
        results=tuple(draw(results(clause)) for clause in chosen),
        requests=draw(st.integers(0, 400)),
        stopped=draw(texts),
        notes=tuple(draw(st.lists(texts, max_size=1))),
        stale=tuple(draw(st.lists(texts, max_size=1))),
    )
