import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.contract_tests.strictjson import NotStrict, read_strictly


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'[{"score": NaN}]', "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity"),
        (b'[{"a": 1, "b": 2, "a": 1}]', "'a' is given twice"),
        (b"[] x", "character 3"),
        (b"", "character 0"),
        (b'["\xff"]', "byte 2 is no UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" + b"9" * 5_000 + b"]", "too many digits"),
        (b"\xef\xbb\xbf[]", "BOM"),
    ],
)
def test_what_readers_understand_differently_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(NotStrict, match=words):
        read_strictly(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).filter(lambda document: "Infinity" not in json.dumps(document))
)
def test_every_good_document_is_read(document: object) -> None:
    assert read_strictly(json.dumps(document).encode()) == document
