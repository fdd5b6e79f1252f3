from typing import Any

import pytest
from support.twin import Twin

from nertwin.mockserver.configuration import load_settings
from nertwin.mockserver.errors import quote
from nertwin.mockserver.settings import Settings, change_settings
from nertwin.mockserver.tables import BadTable

TOKEN = "hf_CanaryCanaryCanary0123"  # noqa: S105 - It is made up.


def test_token_in_a_quoted_value_is_masked() -> None:
    assert quote({"inputs": f"mine is {TOKEN}"}) == "{'inputs': 'mine is ***'}"


def test_token_in_place_of_a_model_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    response = Twin().post(model=TOKEN)

    assert "no model '***' is served" in caplog.text
    assert TOKEN not in caplog.text + response.headers["x-nertwin-hint"]


@pytest.mark.parametrize(
    "path", [f"sessions/{TOKEN}", TOKEN, f"sessions/default/models/{TOKEN}"], ids=str
)
def test_token_in_a_path_of_the_control_api_is_not_repeated(path: str) -> None:
    response = Twin().get(f"/_nertwin/{path}", "host: localhost")

    assert response.status_code == 404
    assert TOKEN not in response.text


@pytest.mark.parametrize("token", [12345678901, ["canary"]], ids=["number", "list"])
def test_token_of_a_wrong_type_is_not_shown(token: Any) -> None:
    with pytest.raises(BadTable, match=r"token is of type .*; it must be a string") as given:
        load_settings({"token": token}, environ={})
    with pytest.raises(BadTable, match=r"token is of type .*; it must be a string") as changed:
        change_settings(Settings(), {"token": token})

    assert str(token) not in str(given.value) + str(changed.value)
