"""Profile: what one generation of the service does its own way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from nertwin.schemas import Profile as ProfileName

from ..aggregation import Strategy
from ..cache import CachedAnswer
from ..incoming import Incoming
from ..payload import ClassifyRequest
from ..reply import Headers, Refusal
from ..tokenizer import Tokenizer

if TYPE_CHECKING:
    from ..availability import Refused

#: What can stand behind a path: the names of the stand-in's answers.
Action: TypeAlias = Literal[
    "classify",
    "inference_model",
    "hub_model",
    "hub_models",
    "hub_tasks",
    "status",
    "framework",
    "index",
    "health",
    "openapi",
]
TokenUse: TypeAlias = Literal["anonymous", "token"]
Routes: TypeAlias = Mapping[str, Mapping[str, Action]]


class Profile(NamedTuple):
    """A dialect of the API: routes, defaults, the texts of its errors, its headers."""

    name: ProfileName
    default_strategy: Strategy  #: Where a request names none.
    routes: Routes  #: Path to method to action; tried in this order, so hot ones stand first.
    grants_preflight: bool  #: Whether every path answers OPTIONS, as browsers ask it.
    is_chunked: bool  #: Whether what a model server sends comes without a content-length.
    read: Callable[[Incoming, Tokenizer], ClassifyRequest | Refusal]
    score: Callable[[float], float]  #: The number that is printed for a float32.
    common_headers: Callable[[int, Headers], Headers]  #: From the request's number and headers.
    #: Of a computed answer; raises InferenceError where the request accepts no such answer.
    answer_headers: Callable[[Computation], Headers]
    refusal_headers: Callable[[Refusal, str], Headers]  #: With the model's commit, if any.
    inference_error: Callable[[str], Refusal]
    crash: Callable[[], Refusal]  #: Where the tokenizers library panics.
    stream_refused: Callable[[], Refusal]
    unknown_model: Callable[[str], Refusal]
    unknown_path: Callable[[str, Collection[str]], Refusal]  #: From the path and served ids.
    wrong_method: Callable[[str, str, str], Refusal]  #: From method, path, allowed methods.
    missing_token: Callable[[], Refusal]
    invalid_token: Callable[[], Refusal]
    read_only_token: Callable[[], Refusal]  #: A token that may not call models.
    quota_exceeded: Callable[[TokenUse], Refusal]
    serverless: Serverless | None = None  #: Where models load on demand and answers are cached.


class Serverless(NamedTuple):
    """What a profile says of models that load and of answers that are kept."""

    refuse_call: Callable[[str, Refused], Refusal]  #: From the model's id and why.
    cached_headers: Callable[[CachedAnswer, str], Headers]  #: With the model's commit.


class Computation(NamedTuple):
    """What the headers of a computed answer tell."""

    sha: str  #: The model's commit, forty hexadecimal digits.
    characters: int  #: Code points of all inputs.
    seconds: float  #: What the computation is said to have taken.
    accept: str | None = None  #: The request's header.
