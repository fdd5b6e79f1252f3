import httpx
import pytest

from nertwin.mockserver import Settings, running_server
from nertwin.schemas import validator

DSLIM = "dslim/bert-base-NER"


def test_model_info_has_what_every_client_checks(client: httpx.Client) -> None:
    response = client.get(f"/api/models/{DSLIM}")

    info = response.json()
    assert validator("model-info").is_valid(info)
    assert (info["id"], info["pipeline_tag"]) == (DSLIM, "token-classification")
    assert {"private", "downloads", "likes", "tags"} <= set(info)


@pytest.mark.parametrize(
    "query",
    [
        "expand=inferenceProviderMapping",
        "expand[]=inferenceProviderMapping",
        "expand%5B%5D=inferenceProviderMapping",
    ],
)
def test_expand_gives_the_provider_mapping(client: httpx.Client, query: str) -> None:
    info = client.get(f"/api/models/{DSLIM}?{query}").json()

    assert set(info) == {"_id", "id", "inferenceProviderMapping"}
    assert info["inferenceProviderMapping"]["hf-inference"] == {
        "status": "live",
        "providerId": DSLIM,
        "task": "token-classification",
    }


def test_look_up_has_the_hubs_headers(client: httpx.Client) -> None:
    headers = client.get(f"/api/models/{DSLIM}").headers

    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["etag"].startswith('W/"')
    assert headers["x-powered-by"] == "huggingface-moon"


def test_unknown_model_has_the_code_that_clients_look_for(client: httpx.Client) -> None:
    response = client.get("/api/models/nobody/nothing")

    assert response.status_code == 404
    assert response.headers["x-error-code"] == "RepoNotFound"
    assert response.headers["x-error-message"] == "Repository not found"


def test_tasks_name_the_default_model_for_both_clients(client: httpx.Client) -> None:
    task = client.get("/api/tasks").json()["token-classification"]

    assert task["widgetModels"] == [DSLIM]
    assert task["models"][0]["id"] == DSLIM


def test_model_list_keeps_to_the_task(client: httpx.Client) -> None:
    matching = client.get("/api/models?pipeline_tag=token-classification").json()
    others = client.get("/api/models?pipeline_tag=text-generation").json()

    assert DSLIM in [info["id"] for info in matching]
    assert others == []


def test_inference_host_tells_the_task(client: httpx.Client) -> None:
    assert client.get(f"/models/{DSLIM}").json()["pipeline_tag"] == "token-classification"


def test_status_says_loaded(client: httpx.Client) -> None:
    assert client.get(f"/status/{DSLIM}").json() == {
        "loaded": True,
        "state": "Loaded",
        "compute_type": "cpu",
        "framework": "transformers",
    }


def test_status_of_an_unknown_model_is_the_recorded_error(client: httpx.Client) -> None:
    response = client.get("/status/nobody")

    assert response.status_code == 404
    assert response.json() == {"error": "Model unknown/model does not exist"}


def test_framework_lists_its_models(client: httpx.Client) -> None:
    models = client.get("/framework/flair").json()

    assert [model["model_id"] for model in models] == ["flair/ner-english"]


def test_head_has_the_headers_without_the_body(client: httpx.Client) -> None:
    response = client.head(f"/api/models/{DSLIM}")

    assert response.status_code == 200
    assert int(response.headers["content-length"]) > 0
    assert response.content == b""


def test_telemetry_look_up_is_a_404(client: httpx.Client) -> None:
    assert client.get("/api/agent-harnesses").status_code == 404


def test_hints_of_look_ups_can_be_switched_off() -> None:
    with running_server(Settings(port=0, hints=False)) as server:
        response = httpx.get(f"{server.url}/api/models/nobody", trust_env=False)

    assert response.status_code == 404
    assert "x-nertwin-hint" not in response.headers
