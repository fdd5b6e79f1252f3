import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.faultheader import parse_faults
from nertwin.mockserver.faults import BadFault, Fault


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("429", [Fault(kind="429")]),
        ("  reset ", [Fault(kind="reset")]),
        ("latency; seconds=2", [Fault(kind="latency", seconds=2)]),
        ("503;estimated_time = 7.5", [Fault(kind="503", estimated_time=7.5)]),
        ("429; retry_after=3", [Fault(kind="429", retry_after=3)]),
        (
            "latency; seconds=0.5; sigma=1, 503-html",
            [Fault(kind="latency", seconds=0.5, sigma=1), Fault(kind="503-html")],
        ),
        ('400; message="a, b; \\"c\\""', [Fault(kind="400", message='a, b; "c"')]),
        ("400; message=12x", [Fault(kind="400", message="12x")]),
        ("400; message=12", [Fault(kind="400", message="12")]),
        (
            'redirect; location="http://127.0.0.1:1/a?b=1"',
            [Fault(kind="redirect", location="http://127.0.0.1:1/a?b=1")],
        ),
        (
            'evolve; evolve="key-order more-digits"; seed=4',
            [Fault(kind="evolve", evolve=("key-order", "more-digits"), seed=4)],
        ),
        (
            "violate; clause=span.slice-is-word",
            [Fault(kind="violate", clause="span.slice-is-word")],
        ),
    ],
)
def test_header_reads_as_its_faults(text: str, faults: list[Fault]) -> None:
    assert parse_faults(text) == tuple(faults)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is malformed at ''; write KIND", id="empty"),
        pytest.param("429,", "is malformed at ''", id="nothing follows"),
        pytest.param("429;", "is malformed at ''", id="no key"),
        pytest.param('429; message="a', "is malformed at", id="open quote"),
        pytest.param("latency seconds=2", "is malformed at 'latency seconds=2'", id="semicolon"),
        pytest.param("4290", "no fault '4290'.* Did you mean '429'", id="kind"),
        pytest.param("seconds=2", "name its kind first", id="no kind"),
        pytest.param("latency; secons=2", "Did you mean 'seconds'", id="key"),
        pytest.param("latency; seconds", "seconds has no value; write", id="no value"),
        pytest.param("latency; seconds=soon", "must be a number", id="no number"),
        pytest.param("latency; seconds=-2", "must be a number", id="negative"),
        pytest.param("429; times=2", "leave it out, or put the fault into", id="times"),
        pytest.param("429; error_form=lst", "Did you mean 'list'", id="form"),
        pytest.param("violate; clause=span.half-opn", "Did you mean 'span.half-open'", id="clause"),
        pytest.param("violate; clause=span.null-pair", "can't be broken", id="permission"),
        pytest.param(",".join(["reset"] * 21), "more than 20 faults", id="many"),
    ],
)
def test_malformed_header_says_what_can_be_written(text: str, words: str) -> None:
    with pytest.raises(BadFault, match=words):
        parse_faults(text)


@given(st.text(alphabet='42950, ;="\\abcdeflmnoprstuy_-.\xff', max_size=40))
def test_any_header_is_faults_or_a_refusal(text: str) -> None:
    with contextlib.suppress(BadFault):
        assert parse_faults(text)
