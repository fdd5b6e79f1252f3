"""Any released huggingface_hub, unmodified, with plain model ids.

Its public hooks put a transport of ours under it, which sends all that is meant for the hub
and for the router to the stand-in, so that look-ups and classification are both answered there.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest

from nertwin.mockserver import RunningServer

huggingface_hub = pytest.importorskip("huggingface_hub")
# A module of its own, which the package imports only when it is first needed.
huggingface_hub_errors = pytest.importorskip("huggingface_hub.errors")

VERSION = tuple(map(int, huggingface_hub.__version__.split(".")[:2]))
MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
HUB = "https://huggingface.co"
ROUTER = "https://router.huggingface.co"
INFERENCE = "https://api-inference.huggingface.co"
POST = f"POST {INFERENCE if VERSION < (0, 29) else f'{ROUTER}/hf-inference'}/models"
Classify = Callable[..., Any]


@dataclass
class Redirect:
    """Where requests go instead, and which were asked for."""

    base: str
    asked: list[str] = field(default_factory=list)

    def __call__(self, method: str, url: str) -> str:
        """The URL at the stand-in; a request for any other host fails the test."""
        self.asked.append(f"{method} {url}")
        for origin in (HUB, ROUTER, INFERENCE):
            if url.startswith(f"{origin}/"):
                return self.base + url.removeprefix(origin)
        return pytest.fail(f"huggingface_hub wants to reach {url}")


@pytest.fixture
def redirect(server: RunningServer) -> Iterator[Redirect]:
    """The redirect, installed through the hooks of the installed version."""
    redirect = Redirect(server.url)
    _forget_lookups()
    if VERSION >= (1, 0):
        yield from _redirect_httpx(redirect)
    else:
        yield from _redirect_requests(redirect)


def classify_sync(*, client: dict[str, Any] | None = None, **call: Any) -> Any:
    """The entities that ``InferenceClient`` gives for the text."""
    caller = huggingface_hub.InferenceClient(api_key="hf_not_a_token", **(client or {}))
    return caller.token_classification(TEXT, **call)


def classify_async(*, client: dict[str, Any] | None = None, **call: Any) -> Any:
    """The same from ``AsyncInferenceClient``."""

    async def run() -> Any:
        caller = huggingface_hub.AsyncInferenceClient(api_key="hf_not_a_token", **(client or {}))
        async with caller:
            return await caller.token_classification(TEXT, **call)

    return asyncio.run(run())


sync_and_async = pytest.mark.parametrize(
    "classify",
    [
        classify_sync,
        pytest.param(
            classify_async,
            marks=pytest.mark.skipif(
                VERSION < (1, 0), reason="huggingface_hub before 1.0 has no hook under aiohttp"
            ),
        ),
    ],
)
from_0_31 = pytest.mark.skipif(
    VERSION < (0, 31), reason="huggingface_hub before 0.31 has no provider 'auto'"
)
from_0_30 = pytest.mark.skipif(
    VERSION < (0, 30), reason="huggingface_hub before 0.30 looks no model up"
)


@pytest.mark.usefixtures("redirect")
@sync_and_async
def test_plain_id_gives_the_entities(classify: Classify) -> None:
    entities = classify(model=MODEL)

    found = [(entity.entity_group, entity.word) for entity in entities]
    assert found == [("PER", "Sarah Jessica Parker"), ("PER", "Jessica")]


@from_0_31
@sync_and_async
def test_lookups_of_a_plain_id_are_answered_before_the_post(
    redirect: Redirect, classify: Classify
) -> None:
    classify(model=MODEL)

    assert redirect.asked == [
        f"GET {HUB}/api/models/{MODEL}?expand=inferenceProviderMapping",
        f"GET {HUB}/api/models/{MODEL}",
        f"{POST}/{MODEL}",
    ]


@from_0_30
@sync_and_async
def test_named_provider_is_asked_after_one_lookup(redirect: Redirect, classify: Classify) -> None:
    classify(client={"provider": "hf-inference"}, model=MODEL)

    assert redirect.asked == [f"GET {HUB}/api/models/{MODEL}", f"{POST}/{MODEL}"]


@sync_and_async
def test_no_model_means_the_recommended_one(redirect: Redirect, classify: Classify) -> None:
    entities = classify(client={"provider": "hf-inference"})

    assert [entity.word for entity in entities] == ["Sarah Jessica Parker", "Jessica"]
    assert redirect.asked[0] == f"GET {HUB}/api/tasks"
    assert redirect.asked[-1] == f"{POST}/{MODEL}"


@from_0_31
@sync_and_async
def test_no_model_and_no_provider_means_the_recommended_one(
    redirect: Redirect, classify: Classify
) -> None:
    entities = classify()

    assert [entity.word for entity in entities] == ["Sarah Jessica Parker", "Jessica"]
    assert f"GET {HUB}/api/tasks" in redirect.asked


@sync_and_async
@pytest.mark.parametrize(
    "model",
    [
        "dbmdz/bert-large-cased-finetuned-conll03-english",
        "FacebookAI/xlm-roberta-large-finetuned-conll03-english",
        "flair/ner-english",
        "nertwin/slow-tokenizer",
    ],
)
def test_every_recommended_model_passes_the_clients_checks(
    redirect: Redirect, classify: Classify, model: str
) -> None:
    entities = classify(model=model)

    assert {entity.entity_group for entity in entities} <= {"PER", "ORG", "LOC", "MISC"}
    assert redirect.asked[-1] == f"{POST}/{model}"


@from_0_30
@sync_and_async
def test_unknown_id_is_a_repository_not_found(redirect: Redirect, classify: Classify) -> None:
    with pytest.raises(huggingface_hub_errors.RepositoryNotFoundError) as caught:
        classify(model="nobody/nothing")

    assert caught.value.response.status_code == 404
    assert len(redirect.asked) == 1


def test_hub_api_tells_of_a_model(redirect: Redirect) -> None:
    info = huggingface_hub.HfApi().model_info(MODEL)

    assert info.id == MODEL
    assert info.pipeline_tag == "token-classification"
    assert redirect.asked == [f"GET {HUB}/api/models/{MODEL}"]


@pytest.mark.usefixtures("redirect")
def test_hub_api_lists_the_models() -> None:
    infos = huggingface_hub.HfApi().list_models(pipeline_tag="token-classification", limit=100)

    assert MODEL in [info.id for info in infos]


@pytest.mark.skipif(VERSION >= (1, 0), reason="huggingface_hub from 1.0 has no InferenceApi")
def test_legacy_api_gets_its_entities(redirect: Redirect) -> None:
    with pytest.warns(FutureWarning, match="InferenceApi"):
        caller = huggingface_hub.InferenceApi(MODEL)

    entities = caller(TEXT, {"aggregation_strategy": "simple"})

    assert [entity["word"] for entity in entities] == ["Sarah Jessica Parker", "Jessica"]
    assert redirect.asked == [
        f"GET {HUB}/api/models/{MODEL}",
        f"POST {INFERENCE}/pipeline/token-classification/{MODEL}",
    ]


def _forget_lookups() -> None:
    """Clear what the client remembers of models for the life of the process."""
    for name, module in list(sys.modules.items()):
        if name.startswith("huggingface_hub.inference._"):
            for remembered in vars(module).values():
                getattr(remembered, "cache_clear", _nothing)()


def _nothing() -> None:
    """What there is to clear in most things."""


def _redirect_requests(redirect: Redirect) -> Iterator[Redirect]:
    requests: Any = import_module("requests")

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc]  # Any, on purpose.
        def send(self, request: Any, *rest: Any, **options: Any) -> Any:
            forwarded = request.copy()
            forwarded.url = redirect(request.method, request.url)
            return super().send(forwarded, *rest, **options)

    def make_session() -> Any:
        session = requests.Session()
        session.mount("https://", Adapter())
        return session

    huggingface_hub.configure_http_backend(backend_factory=make_session)
    yield redirect
    huggingface_hub.configure_http_backend()


def _redirect_httpx(redirect: Redirect) -> Iterator[Redirect]:
    httpx: Any = import_module("httpx2" if VERSION >= (2, 0) else "httpx")
    # There is no public way back to the default factories.
    http: Any = import_module("huggingface_hub.utils._http")

    def forward(request: Any) -> Any:
        url = redirect(request.method, str(request.url))
        return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)

    class Transport(httpx.HTTPTransport):  # type: ignore[misc]  # Any, on purpose.
        def handle_request(self, request: Any) -> Any:
            return super().handle_request(forward(request))

    class AsyncTransport(httpx.AsyncHTTPTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            return await super().handle_async_request(forward(request))

    huggingface_hub.set_client_factory(
        lambda: httpx.Client(transport=Transport(), follow_redirects=True)
    )
    huggingface_hub.set_async_client_factory(
        lambda: httpx.AsyncClient(transport=AsyncTransport(), follow_redirects=True)
    )
    yield redirect
    huggingface_hub.set_client_factory(http.default_client_factory)
    huggingface_hub.set_async_client_factory(http.default_async_client_factory)
