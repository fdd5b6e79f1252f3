"""Hub: the look-ups that clients make before, or instead of, a classification."""

from __future__ import annotations

from hashlib import blake2b

from starlette.requests import Request

from nertwin.schemas import JSON

from .basis import Nothing
from .call import call_of
from .endpoint import Endpoint, model_id
from .models import ModelCard, UnknownModel
from .reply import Headers, Refusal, Reply, content_length, header_text, json_body

TASK = "token-classification"
PROVIDER = "hf-inference"
_JSON = b"application/json; charset=utf-8"
_EXPOSED = (
    b"X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,"
    b"Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash"
)


class Hub:
    """Answers the routes of huggingface.co and of the inference host that tell of models."""

    async def model(self, request: Request) -> Reply:
        """``GET /api/models/{id}``, with or without ``expand``."""
        call_of(request).basis = Nothing()
        endpoint = _endpoint(request)
        try:
            card = endpoint.models.card(model_id(request))
        except UnknownModel as error:
            return _not_found(error, hints=endpoint.settings.hints)
        info = model_info(card)
        if request.scope["query_string"]:
            query = request.query_params
            expand = query.getlist("expand") + query.getlist("expand[]")
            if expand:
                info = {key: value for key, value in info.items() if key in ("_id", "id", *expand)}
        return _reply(info)

    async def list_models(self, request: Request) -> Reply:
        """``GET /api/models``: all served models, less those that a filter leaves out."""
        call_of(request).basis = Nothing()
        query = request.query_params
        wanted = (query.get("pipeline_tag", TASK), query.get("inference_provider", PROVIDER))
        cards = list(_endpoint(request).models) if wanted == (TASK, PROVIDER) else []
        search = request.query_params.get("search", "").lower()
        return _reply([model_info(card) for card in cards if search in card.id.lower()])

    async def tasks(self, request: Request) -> Reply:
        """``GET /api/tasks``: where clients find the default model."""
        call_of(request).basis = Nothing()
        endpoint = _endpoint(request)
        ids = [card.id for card in endpoint.models]
        default = endpoint.settings.default_model
        ordered = [default, *(model_id for model_id in ids if model_id != default)]
        models: list[JSON] = [{"id": model_id, "description": ""} for model_id in ordered]
        return _reply(
            {
                TASK: {
                    "id": TASK,
                    "label": "Token Classification",
                    "libraries": ["transformers", "flair"],
                    "models": models,
                    "widgetModels": list(ordered[:1]),
                }
            }
        )

    async def inference_model(self, request: Request) -> Reply:
        """``GET /models/{id}`` on the inference host: the task, for clients that show a UI.

        Below it stand ``/info`` and ``/health``, which clients ask of any URL of a model.
        """
        call_of(request).basis = Nothing()
        endpoint = _endpoint(request)
        wanted, _, page = _split_page(model_id(request))
        try:
            card = endpoint.models.card(wanted)
        except UnknownModel as error:
            return endpoint.unknown_model(error)
        if page == "health":
            return health()
        if page == "info":
            return _gateway(
                endpoint,
                {"model_id": card.id, "model_sha": card.commit, "model_pipeline_tag": TASK},
            )
        return _gateway(endpoint, {"id": card.id, "pipeline_tag": TASK, "tags": list(card.tags)})

    async def status(self, request: Request) -> Reply:
        """``GET /status/{id}``: whether the model is loaded in the session."""
        session = call_of(request).session
        endpoint = session.endpoint
        try:
            card = endpoint.models.card(model_id(request))
        except UnknownModel as error:
            refusal = Refusal(
                status=404, body={"error": "Model unknown/model does not exist"}, stage="gateway"
            )
            return endpoint.refuse(refusal, hint=str(error))
        state = session.state_of(card).status
        return _gateway(
            endpoint,
            {
                "loaded": state == "Loaded",
                "state": state,
                "compute_type": "cpu",
                "framework": card.library_name,
            },
        )

    async def framework(self, request: Request) -> Reply:
        """``GET /framework/{framework}``: the models that run on it."""
        endpoint = _endpoint(request)
        name = request.path_params["framework"]
        cards = [card for card in endpoint.models if card.library_name == name]
        return _gateway(
            endpoint, [{"model_id": card.id, "sha": card.commit, "task": TASK} for card in cards]
        )


def health() -> Reply:
    """The words in which endpoint containers say that they are well."""
    headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"2"))
    return Reply(200, headers, b"Ok")


def _endpoint(request: Request) -> Endpoint:
    return call_of(request).session.endpoint


def _gateway(endpoint: Endpoint, document: JSON) -> Reply:
    body = json_body(document)
    refusal = Refusal(status=200, body=None, stage="gateway")
    headers = endpoint.profile.refusal_headers(refusal, "")
    return Reply(200, (*headers, content_length(body)), body)


def _split_page(path: str) -> tuple[str, str, str]:
    """``org/name/health`` as id, slash and page; a path without a page as the id alone."""
    parts = path.rpartition("/")
    return parts if parts[2] in ("info", "health") else (path, "", "")


def model_info(card: ModelCard) -> dict[str, JSON]:
    """What the hub tells of a model: enough for every released client's checks."""
    mapping: dict[str, JSON] = {PROVIDER: {"status": "live", "providerId": card.id, "task": TASK}}
    return {
        "_id": card.commit[:24],
        "id": card.id,
        "private": False,
        "pipeline_tag": TASK,
        "library_name": card.library_name,
        "tags": list(card.tags),
        "downloads": card.downloads,
        "likes": card.likes,
        "modelId": card.id,
        "author": card.id.partition("/")[0] if "/" in card.id else None,
        "sha": card.commit,
        "lastModified": "2024-10-08T07:51:39.000Z",
        "createdAt": "2022-03-02T23:29:04.000Z",
        "gated": False,
        "disabled": False,
        "inference": "warm",
        "inferenceProviderMapping": mapping,
        "siblings": [],
    }


def _reply(document: JSON) -> Reply:
    return _send(200, document, ())


def _not_found(error: UnknownModel, *, hints: bool) -> Reply:
    # huggingface_hub raises RepositoryNotFoundError only if it finds this code.
    extra: Headers = (
        (b"x-error-code", b"RepoNotFound"),
        (b"x-error-message", b"Repository not found"),
    )
    if hints:
        extra += ((b"x-nertwin-hint", header_text(str(error))),)
    return _send(404, {"error": "Repository not found"}, extra)


def _send(status: int, document: JSON, extra: Headers) -> Reply:
    body = json_body(document)
    digest = blake2b(body, digest_size=20).hexdigest()
    headers = (
        (b"content-type", _JSON),
        (b"content-length", str(len(body)).encode()),
        (b"etag", f'W/"{len(body):x}-{digest}"'.encode()),
        (b"x-powered-by", b"huggingface-moon"),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"Origin"),
    )
    return Reply(status, headers + extra, body)
