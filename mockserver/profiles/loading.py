"""Loading: how the classic gateway words that a model can't be called now."""

from __future__ import annotations

from typing import assert_never

from nertwin.schemas import JSON

from ..availability import Failed, Loading, NotLoaded, Refused, TimedOut, TooBig
from ..reply import Refusal


def refuse_call(model_id: str, why: Refused) -> Refusal:
    """The refusal of a call to a model that is not served."""
    match why:
        case Loading(estimated_time):
            error = f"Model {model_id} is currently loading"
            return _gateway(503, {"error": error, "estimated_time": estimated_time})
        case NotLoaded():
            # Where the hub's widget looked, this is a 200.
            return _gateway(200, {"error": "not loaded yet"})
        case TooBig(size, size_limit):
            sizes = f"({size} > {size_limit})"
            error = f"The model {model_id} is too large to be loaded automatically {sizes}."
            return _gateway(403, {"error": error})
        case Failed(reason):
            # A community container whose pipeline can't be built says so, and no more.
            return Refusal(status=500, body={"error": reason}, stage="inference")
        case TimedOut(waited):
            limit = f"{waited:.3f}".rstrip("0").rstrip(".")
            error = f"Model too busy, unable to get response in less than {limit} second(s)"
            return _gateway(500, {"error": error})
    assert_never(why)


def _gateway(status: int, body: JSON) -> Refusal:
    return Refusal(status=status, body=body, stage="gateway")
