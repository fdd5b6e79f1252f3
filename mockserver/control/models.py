"""Models: where each is in its life in a session, and how it gets elsewhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias, cast, get_args

from nertwin.schemas import JSON

from ..life import Life
from ..models import ModelCard, UnknownModel
from ..modelstate import Stage
from ..session import Session
from .describing import INTEGER, STRING, a_list, an_object, schema_of
from .refusal import ControlRefused
from .route import Asked, Route

Settable: TypeAlias = Literal["cold", "loading", "ready"]
_MODEL = an_object(
    id=STRING,
    max_length=INTEGER,
    state={"type": "string", "enum": list(get_args(Stage))},
    life=schema_of(Life),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedModel:
    """What is to change of a model in a session."""

    state: Settable | None = None
    life: Life | None = None  #: A whole one, which begins anew.


_SOMETHING: dict[str, JSON] = {
    "anyOf": [
        {"required": ["state"], "properties": {"state": {"type": "string"}}},
        {"required": ["life"], "properties": {"life": {"type": "object"}}},
    ]
}


async def _list(asked: Asked) -> JSON:
    session = asked.session
    registry = session.endpoint.models
    cards = {card.id: card for card in registry}
    # With `any_model` those are served as well that have been asked for.
    cards |= {name: registry.card(name) for name in session.states() if name not in cards}
    return {"models": [_render(session, card) for card in cards.values()]}


async def _show(asked: Asked) -> JSON:
    session = asked.session
    return _render(session, card_of(session, asked.names["model"]))


async def _change(asked: Asked) -> JSON:
    wanted: ChangedModel = asked.body
    session = asked.session
    card = card_of(session, asked.names["model"])
    if wanted.state is None and wanted.life is None:
        raise ControlRefused(400, "the body changes nothing; give it a state or a life")
    before = _stage(session, card) if wanted.life is None else wanted.life.starts
    if wanted.state is not None and before in ("too-big", "failed"):
        raise ControlRefused(
            409,
            f"the model is {before} and never loads; give it a life that starts cold or ready",
        )
    if wanted.life is not None:
        session.set_life(card.id, wanted.life)
    if wanted.state is not None:
        _bring(session, card, wanted.state)
    return _render(session, card)


def card_of(session: Session, model_id: str) -> ModelCard:
    """The card of a model that is served in the session.

    Raises:
        ControlRefused: 404, there is none of that id.
    """
    try:
        return session.endpoint.models.card(model_id)
    except UnknownModel as error:
        raise ControlRefused(404, str(error)) from error


def _bring(session: Session, card: ModelCard, wanted: Settable) -> None:
    state = session.state_of(card)
    if wanted == "ready":
        state.warm()
    elif wanted == "cold":
        state.evict()
    elif state.stage != "loading":
        state.evict()
        state.load()
    session.bell.ring()


def _render(session: Session, card: ModelCard) -> JSON:
    life = cast("JSON", asdict(session.life(card)))
    return {
        "id": card.id,
        "max_length": card.max_length,
        "state": _stage(session, card),
        "life": life,
    }


def _stage(session: Session, card: ModelCard) -> Stage:
    # Not state_of(): to look at a model does not begin its life.
    state = session.states().get(card.id)
    return session.life(card).starts if state is None else state.stage


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/models",
        summary="List the models and where each is in its life",
        answer=_list,
        gives=an_object(models=a_list(_MODEL)),
    ),
    Route(
        method="GET",
        path="sessions/{id}/models/{model}",
        summary="Show a model and where it is in its life",
        answer=_show,
        gives=_MODEL,
    ),
    Route(
        method="PUT",
        path="sessions/{id}/models/{model}",
        summary="Evict, load or warm a model, or give it another life",
        answer=_change,
        body=ChangedModel,
        condition=_SOMETHING,
        gives=_MODEL,
        refuses=(409,),
    ),
)
