import json

import pytest

from nertwin.mockserver import Settings
from nertwin.mockserver.greeting import tell_control_token


def test_random_control_token_is_told_on_standard_error_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_control_token(Settings(), "canary")

    assert capsys.readouterr() == ("", "nertwin: the control token is canary\n")


def test_random_control_token_is_told_as_a_line_of_a_json_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_control_token(Settings(log_format="json"), "canary")

    line = json.loads(capsys.readouterr().err)
    assert (line["logger"], line["level"], line["control_token"]) == ("nertwin", "INFO", "canary")


@pytest.mark.parametrize(
    "settings",
    [Settings(control_token="given-token"), Settings(control=False)],  # noqa: S106  # One of a test.
    ids=["given", "no control"],
)
def test_control_token_is_not_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    tell_control_token(settings, settings.control_token or "canary")

    assert capsys.readouterr() == ("", "")
