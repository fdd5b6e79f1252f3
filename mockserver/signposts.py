"""Signposts: refusals of wrong paths and methods that name the right ones."""

from __future__ import annotations

from collections.abc import Collection

from .models import MODEL_ID
from .reply import Refusal

# First words of real routes: what follows them is no model's organisation.
_FIRST_WORDS = frozenset(
    {
        "api",
        "models",
        "hf-inference",
        "pipeline",
        "status",
        "framework",
        "health",
        "healthz",
        "info",
    }
    | {"predict", "metrics", "openapi.json", "score", "v1"}
)


def unknown_path(path: str, served: Collection[str], *, models: str) -> Refusal:
    """The 404 of a path that is no route; ``models`` is where models are, slashes included."""
    right = f"{models}{_model_in(path, served) or '{id}'}"
    return Refusal(
        status=404,
        body={"error": f"Not Found: there is no {path}. Models are under {right}"},
        stage="gateway",
        hint=f"POST {right}; GET / says what is served",
    )


def _model_in(path: str, served: Collection[str]) -> str:
    """The id that a wrong path seems to mean, or nothing."""
    parts = path.strip("/").split("/")
    ends = ("/".join(parts[-2:]), parts[-1])
    known = next((end for end in ends if end in served), "")
    whole = "/".join(parts)
    is_id = MODEL_ID.match(whole) and parts[0] not in _FIRST_WORDS
    return known or (whole if is_id else "")


def wrong_method(method: str, path: str, allowed: str) -> Refusal:
    """The 405 of a path that takes other methods."""
    return Refusal(
        status=405,
        body={"error": f"Method Not Allowed: {path} takes {allowed}, not {method}"},
        stage="gateway",
    )
