"""The routes over a real socket: what comes back, byte for byte where it is recorded."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from nertwin.mockserver import Settings, running_server

SENTENCE = "My name is Sarah Jessica Parker but you can call me Jessica"
DSLIM = "dslim/bert-base-NER"
DBMDZ = "dbmdz/bert-large-cased-finetuned-conll03-english"
RECORDED = (
    b'[{"entity_group":"PER","score":0.9991335868835449,"word":"Sarah Jessica Parker","start":11,'
    b'"end":31},{"entity_group":"PER","score":0.9979913234710693,"word":"Jessica","start":52,'
    b'"end":59}]'
)


@pytest.fixture
def client_of() -> Iterator[Callable[..., httpx.Client]]:
    """Makes a client of a server of its own with the given settings."""
    with ExitStack() as stack:

        def make(**settings: Any) -> httpx.Client:
            server = stack.enter_context(running_server(Settings(port=0, **settings)))
            return stack.enter_context(httpx.Client(base_url=server.url, trust_env=False))

        yield make


def test_seeds_sentence_returns_the_recorded_188_bytes(client: httpx.Client) -> None:
    response = client.post(f"/models/{DBMDZ}", json={"inputs": SENTENCE})

    assert len(RECORDED) == 188
    assert response.content == RECORDED


@pytest.mark.parametrize("strategy", ["simple", "first", "average", "max"])
def test_pinned_answer_is_the_same_for_every_grouping_strategy(
    client: httpx.Client, strategy: str
) -> None:
    payload = {"inputs": SENTENCE, "parameters": {"aggregation_strategy": strategy}}

    assert client.post(f"/models/{DBMDZ}", json=payload).content == RECORDED


def test_computed_answer_has_the_recorded_headers(client: httpx.Client) -> None:
    response = client.post(f"/models/{DBMDZ}", json={"inputs": SENTENCE})

    headers = dict(response.headers)
    assert set(headers) == {
        "date",
        "content-type",
        "transfer-encoding",
        "access-control-allow-credentials",
        "access-control-expose-headers",
        "server",
        "vary",
        "x-compute-characters",
        "x-compute-time",
        "x-compute-type",
        "x-request-id",
        "x-sha",
    }
    assert headers["content-type"] == "application/json"
    assert headers["transfer-encoding"] == "chunked"
    assert headers["server"] == "uvicorn"
    assert headers["x-compute-characters"] == "59"
    assert headers["x-compute-type"] == "cpu"
    assert headers["x-sha"] == "4c534963167c08d4b8ff1f88733cf2930f86add0"
    assert len(headers["x-request-id"]) == 21
    assert (
        headers["vary"] == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    )


def test_compute_time_has_three_decimals_and_never_changes(client: httpx.Client) -> None:
    first, second = (client.post(f"/models/{DSLIM}", json={"inputs": "Ada"}) for _ in range(2))

    assert first.headers["x-compute-time"] == second.headers["x-compute-time"]
    assert len(first.headers["x-compute-time"].partition(".")[2]) == 3


@pytest.mark.parametrize(
    "path",
    [
        f"/models/{DSLIM}",
        "/models/dslim%2Fbert-base-NER",
        "/models/dslim%252Fbert-base-NER",
        f"/hf-inference/models/{DSLIM}",
        f"/pipeline/token-classification/{DSLIM}",
        "/",
    ],
)
def test_model_answers_under_every_path_that_clients_use(client: httpx.Client, path: str) -> None:
    response = client.post(path, json={"inputs": SENTENCE})

    assert [entity["word"] for entity in response.json()] == ["Sarah Jessica Parker", "Jessica"]


@pytest.mark.parametrize(
    "content_type",
    [None, "application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "application/json"],
)
def test_body_is_json_whatever_its_content_type(
    client: httpx.Client, content_type: str | None
) -> None:
    headers = {"content-type": content_type} if content_type else {}

    response = client.post(f"/models/{DSLIM}", content=b'{"inputs": "Ada"}', headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "authorization", [None, "Bearer hf_abc", "Bearer: hf_abc", "hf_abc", "Bearer"]
)
def test_any_token_or_none_is_let_in(client: httpx.Client, authorization: str | None) -> None:
    headers = {"authorization": authorization} if authorization else {}

    assert client.post("/", json={"inputs": "Ada"}, headers=headers).status_code == 200


def test_strategy_none_has_its_own_keys_in_order(client: httpx.Client) -> None:
    payload = {"inputs": SENTENCE, "parameters": {"aggregation_strategy": "none"}}

    entities = client.post(f"/models/{DBMDZ}", json=payload).json()

    assert list(entities[0]) == ["entity", "score", "index", "word", "start", "end"]
    # Trained on IOB1 tags, this model says I- where others say B-.
    assert {entity["entity"] for entity in entities} == {"I-PER"}


def test_batch_of_one_stays_nested(client: httpx.Client) -> None:
    answer = client.post(f"/models/{DBMDZ}", json={"inputs": [SENTENCE]}).json()

    assert [[entity["word"] for entity in entities] for entities in answer] == [
        ["Sarah Jessica Parker", "Jessica"]
    ]


@pytest.mark.parametrize("text", ["", "  \n", "\x00"], ids=ascii)
def test_text_without_tokens_has_no_entities(client: httpx.Client, text: str) -> None:
    assert client.post(f"/models/{DSLIM}", json={"inputs": text}).json() == []


def test_offsets_count_code_points(client: httpx.Client) -> None:
    text = "\U0001f600\U0001f600 " + SENTENCE

    first, *_ = client.post(f"/models/{DSLIM}", json={"inputs": text}).json()

    assert text[first["start"] : first["end"]] == "Sarah Jessica Parker"


def test_slow_tokenizer_gives_no_offsets(client: httpx.Client) -> None:
    (first, _) = client.post("/models/nertwin/slow-tokenizer", json={"inputs": SENTENCE}).json()

    assert (first["start"], first["end"]) == (None, None)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"aggregation_strategy": "first"}, "Slow tokenizers cannot handle subwords"),
        ({"stride": 5}, "you're using a slow tokenizer"),
    ],
    ids=["strategy", "stride"],
)
def test_slow_tokenizer_refuses_what_needs_offsets(
    client: httpx.Client, parameters: dict[str, Any], words: str
) -> None:
    response = client.post(
        "/models/nertwin/slow-tokenizer", json={"inputs": "Ada", "parameters": parameters}
    )

    assert response.status_code == 400
    assert words in response.json()["error"]


def test_unknown_model_gets_the_recorded_404(client: httpx.Client) -> None:
    response = client.post("/models/this-model-does-not-exist-123", json={"inputs": "Ada"})

    assert response.status_code == 404
    assert response.content == b'{"error":"Model this-model-does-not-exist-123 does not exist"}'
    assert "server" not in response.headers
    assert "x-sha" not in response.headers
    assert response.headers["content-length"] == str(len(response.content))


def test_unknown_model_hint_says_how_to_add_it(client: httpx.Client) -> None:
    response = client.post("/models/acme/ner", json={"inputs": "Ada"})

    assert "--model acme/ner=PACK" in response.headers["x-nertwin-hint"]


def test_misspelt_model_hint_guesses(client: httpx.Client) -> None:
    response = client.post("/models/dslim/bert-base-ner", json={"inputs": "Ada"})

    assert "Did you mean 'dslim/bert-base-NER'?" in response.headers["x-nertwin-hint"]


def test_missing_inputs_get_the_recorded_validation_error(client: httpx.Client) -> None:
    response = client.post(f"/models/{DSLIM}", json={"parameters": {}})

    assert response.status_code == 400
    assert response.content == b'{"error":["Error in `inputs`: field required"]}'
    assert response.headers["server"] == "uvicorn"
    assert "x-sha" in response.headers
    assert "x-compute-type" not in response.headers


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"foo": 1},
            "TokenClassificationPipeline._sanitize_parameters() got an unexpected keyword"
            " argument 'foo'",
        ),
        (
            {"stride": 5, "aggregation_strategy": "none"},
            '`stride` was provided to process all the text but `aggregation_strategy="'
            'AggregationStrategy.NONE"`, please select another one instead.',
        ),
        (
            {"stride": 512},
            "`stride` must be less than `tokenizer.model_max_length` (or even lower if the"
            " tokenizer adds special tokens)",
        ),
        (
            {"stride": 512, "aggregation_strategy": "none"},
            "`stride` must be less than `tokenizer.model_max_length` (or even lower if the"
            " tokenizer adds special tokens)",
        ),
        (
            {"stride": 511},
            "tokenizer stride set to 511, which is greater than or equal to its effective max"
            " length of 510 (= 512 original max length - 2 added special tokens), ",
        ),
    ],
    ids=["unknown", "stride with none", "too long", "too long with none", "no room"],
)
def test_inference_error_has_the_pipelines_words_and_the_recorded_warning(
    client: httpx.Client, parameters: dict[str, Any], message: str
) -> None:
    response = client.post(f"/models/{DSLIM}", json={"inputs": "Ada", "parameters": parameters})

    assert response.status_code == 400
    assert response.json() == {
        "error": message,
        "warnings": [f"There was an inference error: {message}"],
    }
    assert response.headers["x-compute-type"] == "cpu"
    assert "x-compute-characters" not in response.headers


def test_hint_is_one_line_of_ascii(client: httpx.Client) -> None:
    response = client.post(
        f"/models/{DSLIM}",
        json={"inputs": "Ada", "parameters": {"aggregation_strategy": "a\r\nb: \u00e9"}},
    )

    assert response.status_code == 400
    assert response.headers["x-nertwin-hint"].isascii()
    assert "b" not in response.headers


def test_hints_can_be_switched_off(client_of: Callable[..., httpx.Client]) -> None:
    response = client_of(hints=False).post("/models/nobody", json={"inputs": "Ada"})

    assert "x-nertwin-hint" not in response.headers


def test_errors_can_be_strings(client_of: Callable[..., httpx.Client]) -> None:
    client = client_of(error_form="string")

    response = client.post("/", json={"inputs": 1, "parameters": []})

    assert response.json()["error"].splitlines() == [
        "Error in `inputs`: str type expected, or a list of str (got 1)",
        "Error in `parameters`: value is not a valid dict (got [])",
    ]


@pytest.mark.parametrize("path", [f"/{DSLIM}", "/hf-inference/v1", "/nowhere", "/models"])
def test_wrong_path_is_told_the_right_one(client: httpx.Client, path: str) -> None:
    response = client.post(path, json={"inputs": "Ada"})

    assert response.status_code == 404
    assert "/models/" in response.json()["error"]


def test_path_of_a_model_without_its_prefix_is_told_the_whole_path(client: httpx.Client) -> None:
    response = client.post(f"/{DSLIM}", json={"inputs": "Ada"})

    assert f"/models/{DSLIM}" in response.json()["error"]


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/predict", "/models/{id}"),
        ("/models", "/models/{id}"),
        ("/hf-inference", "/models/{id}"),
        (f"/pipeline/ner/{DSLIM}", f"/models/{DSLIM}"),
        (f"/hf-inference/pipeline/token-classification/{DSLIM}", f"/models/{DSLIM}"),
        ("/acme/ner", "/models/acme/ner"),
        ("/%2e%2e/x", "/models/{id}"),
    ],
)
def test_wrong_path_is_told_the_path_that_was_meant(
    client: httpx.Client, path: str, right: str
) -> None:
    response = client.put(path)

    assert response.status_code == 404
    assert response.json()["error"].endswith(f"Models are under {right}")


def test_wrong_method_is_told_the_right_ones(client: httpx.Client) -> None:
    response = client.put(f"/models/{DSLIM}", json={"inputs": "Ada"})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert "error" in response.json()


def test_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    response = client.post(f"/models/{DSLIM}", json={"inputs": "x" * 1024 * 1024})

    assert response.status_code == 413
    assert response.json() == {"error": "Request body is larger than 1048576 bytes"}


def test_chunked_body_over_the_limit_is_refused(client_of: Callable[..., httpx.Client]) -> None:
    client = client_of(max_body_bytes=1000)
    chunks = (b"x" * 100 for _ in range(20))

    assert client.post("/", content=chunks).status_code == 413


def test_connection_serves_on_after_a_refused_body(client: httpx.Client) -> None:
    client.post("/", json={"inputs": "x" * 1024 * 1024})

    assert client.post("/", json={"inputs": "Ada"}).status_code == 200


def test_body_up_to_the_limit_is_answered(client: httpx.Client) -> None:
    payload = {"inputs": "Ada " * 250_000, "parameters": {"stride": 0}}

    assert client.post(f"/models/{DSLIM}", json=payload, timeout=60).status_code == 200


@pytest.mark.parametrize("flag", [True, False, "yes", None, {}], ids=repr)
def test_stream_is_ignored_by_default(client: httpx.Client, flag: Any) -> None:
    response = client.post(f"/models/{DBMDZ}", json={"inputs": SENTENCE, "stream": flag})

    assert response.content == RECORDED


def test_stream_can_be_rejected_with_the_recorded_error(
    client_of: Callable[..., httpx.Client],
) -> None:
    response = client_of(stream="reject").post("/", json={"inputs": "Ada", "stream": True})

    assert response.status_code == 400
    assert response.json() == {
        "error": ["Error in `stream`: `stream` is not supported for this model"]
    }


def test_stream_can_be_taken_at_its_word(client_of: Callable[..., httpx.Client]) -> None:
    client = client_of(stream="sse", default_model=DBMDZ)

    response = client.post("/", json={"inputs": SENTENCE, "stream": True})

    assert response.headers["content-type"] == "text/event-stream"
    first, second, end, rest = response.text.split("\n\n")
    assert first.startswith('data: {"entity_group":"PER"')
    assert '"word":"Jessica"' in second
    assert (end, rest) == ("data: [DONE]", "")


def test_any_model_serves_an_id_it_never_heard_of(client_of: Callable[..., httpx.Client]) -> None:
    response = client_of(any_model=True).post("/models/acme/ner", json={"inputs": SENTENCE})

    assert response.json()[0]["word"] == "Sarah Jessica Parker"
    assert len(response.headers["x-sha"]) == 40


def test_browser_gets_its_origin_back(client: httpx.Client) -> None:
    response = client.post("/", json={"inputs": "Ada"}, headers={"origin": "http://app.test"})

    assert response.headers["access-control-allow-origin"] == "http://app.test"


def test_preflight_is_granted(client: httpx.Client) -> None:
    response = client.options(
        f"/models/{DSLIM}",
        headers={
            "origin": "http://app.test",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )

    assert response.status_code == 200
    assert "POST" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization,content-type"


def test_request_ids_differ_from_request_to_request(client: httpx.Client) -> None:
    ids = {client.get("/health").headers["x-request-id"] for _ in range(5)}

    assert len(ids) == 5


def test_index_names_the_models_and_the_way(client: httpx.Client) -> None:
    index = client.get("/").json()

    assert DSLIM in index["models"]
    assert index["classify"] == "POST /models/{id}"


@pytest.mark.parametrize("path", ["/models/", f"/models/{DSLIM}/", "/models/../etc"])
def test_hint_never_recommends_what_is_no_model_id(client: httpx.Client, path: str) -> None:
    response = client.post(path, json={"inputs": "Ada"})

    assert response.status_code == 404
    assert "PACK" not in response.headers["x-nertwin-hint"]


def test_compressed_body_is_refused_by_name(client: httpx.Client) -> None:
    response = client.post("/", content=b"\x1f\x8b", headers={"content-encoding": "gzip"})

    assert response.json()["error"] == [
        "Error in `body`: content-encoding gzip is not understood; send it plain"
    ]


@pytest.mark.parametrize("path", ["/health", f"/models/{DSLIM}/health"])
def test_health_is_told_under_any_url_of_the_server(client: httpx.Client, path: str) -> None:
    assert client.get(path).text == "Ok"


def test_info_tells_the_task(client: httpx.Client) -> None:
    info = client.get(f"/models/{DSLIM}/info").json()

    assert (info["model_id"], info["model_pipeline_tag"]) == (DSLIM, "token-classification")
