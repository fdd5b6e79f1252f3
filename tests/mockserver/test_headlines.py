"""Headlines: which words in capitals are read as if written normally."""

from __future__ import annotations

import pytest

from nertwin.mockserver.headlines import calm_headlines
from nertwin.mockserver.words import cut_words


@pytest.mark.parametrize(
    ("text", "calmed"),
    [
        pytest.param("OIL PRICES FALL", "Oil prices fall", id="headline"),
        pytest.param("OIL AND NATO", "Oil and Nato", id="three-words"),
        pytest.param("NATO, IMF", "NATO , IMF", id="two-words-are-acronyms"),
        pytest.param("NATO said IMF and OPEC", "NATO said IMF and OPEC", id="among-normal-words"),
        pytest.param("NATO. IMF. OPEC.", "NATO . IMF . OPEC .", id="one-a-sentence"),
        pytest.param(
            "NATO met. OIL PRICES FALL", "NATO met . Oil prices fall", id="after-a-sentence"
        ),
        pytest.param(
            "OIL PRICES FALL. NATO met", "Oil prices fall . NATO met", id="before-a-sentence"
        ),
        pytest.param("OIL - PRICES U.S. FALL", "OIL - PRICES U . S . FALL", id="cut-by-full-stops"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_headline_is_calmed(text: str, calmed: str) -> None:
    texts = cut_words(text).texts

    assert " ".join(calm_headlines(text, texts, {"prices", "fall", "and"})) == calmed
