import pytest

from nertwin.mockserver.spelling import nearest, plain_name

KNOWN = ("wait_for_model", "use_cache", "aggregation_strategy")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("waitForModel", "wait_for_model"),
        ("Wait-For-Model", "wait_for_model"),
        ("use_cache", "use_cache"),
        ("x" * 41, ""),
        ("canary1", ""),
        ("", ""),
    ],
)
def test_name_is_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize("name", ["agregation_strategy", "aggregation_strategie"])
def test_name_that_is_nearly_known_is_meant(name: str) -> None:
    assert nearest(name, KNOWN) == "aggregation_strategy"


@pytest.mark.parametrize("name", ["", "cache_control", "truncation", "hf_cache", "model"])
def test_other_name_is_not_meant(name: str) -> None:
    assert nearest(name, KNOWN) == ""
