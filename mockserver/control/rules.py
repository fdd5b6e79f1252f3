"""Rules: what authors want found in a session, and what that is answered with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import cast

from nertwin.schemas import JSON

from ..aggregation import STRATEGIES
from ..authoring import KINDS, Rule, prepare_rule
from ..expected import expected
from ..models import Model
from ..rulebook import UnknownRule, check_rules
from ..session import Session
from .describing import INTEGER, STRING, a_list, an_object, only_given, or_null, schema_of
from .models import card_of
from .refusal import ControlRefused
from .route import Asked, Route

_ANSWERS: dict[str, JSON] = {
    "type": "object",
    "propertyNames": {"enum": list(STRATEGIES)},
    "additionalProperties": a_list({"type": "object"}),
}
_ADDED = an_object(
    id=INTEGER, model=or_null(STRING), text=or_null(STRING), answers=or_null(_ANSWERS)
)
_ONE_KIND: dict[str, JSON] = {"anyOf": [{"required": [kind]} for kind in KINDS]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How the answers to a rule's ``say`` are told."""

    model: str | None = None  #: Whose; None is the rule's own, else the default one if it fits.
    utf16: bool = False  #: Count offsets in UTF-16 code units, as strings do in JavaScript.


async def _list(asked: Asked) -> JSON:
    rules = asked.session.rules
    return {"rules": [{"id": rule_id, "rule": only_given(rule)} for rule_id, rule in rules]}


async def _add(asked: Asked) -> JSON:
    rule: Rule = asked.body
    asking: Asking = asked.query
    session = asked.session
    check_rules([rule], session.endpoint.models)
    told: dict[str, JSON] = {"model": None, "text": None, "answers": None}
    if rule.say:
        model = _answering(session, rule, asking.model)
        tell = partial(expected, score=session.endpoint.profile.score, utf16=asking.utf16)
        answer = await session.aside(asyncio.to_thread, tell, model, rule.say)
        answers = cast("JSON", answer.answers)
        told = {"model": model.card.id, "text": answer.text, "answers": answers}
    rule_id = session.rules.add(rule)
    session.cache.clear()
    return {"id": rule_id, **told}


async def _clear(asked: Asked) -> JSON:
    session = asked.session
    count = len(session.rules)
    session.rules.clear()
    session.cache.clear()
    return {"cleared": count}


async def _remove(asked: Asked) -> JSON:
    session = asked.session
    try:
        session.rules.remove(asked.number)
    except UnknownRule as error:
        raise ControlRefused(404, str(error)) from error
    session.cache.clear()
    return None


def _answering(session: Session, rule: Rule, wanted: str | None) -> Model:
    """The model whose answers to the rule are told."""
    models = session.endpoint.models
    if wanted is not None:
        card_of(session, wanted)
        if rule.model not in ("", wanted):
            raise ControlRefused(
                400, f"the rule is for {rule.model} alone, so {wanted} won't answer by it"
            )
        return models.model(wanted)
    if rule.model:
        return models.model(rule.model)
    default = models.model(session.settings.default_model)
    prepared = prepare_rule(rule)
    others = (models.model(card.id) for card in models)
    return (
        default
        if not prepared.misfit(default)
        else next(model for model in others if not prepared.misfit(model))
    )


ROUTES = (
    Route(
        method="GET",
        path="sessions/{id}/rules",
        summary="List the rules of authors, those of the settings too",
        answer=_list,
        gives=an_object(rules=a_list(an_object(id=INTEGER, rule=schema_of(Rule)))),
    ),
    Route(
        method="POST",
        path="sessions/{id}/rules",
        summary="Add a rule, and tell what the text of its say is answered with",
        answer=_add,
        query=Asking,
        body=Rule,
        condition=_ONE_KIND,
        gives=_ADDED,
        status=201,
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/rules",
        summary="Take out all rules, those of the settings too",
        answer=_clear,
        gives=an_object(cleared=INTEGER),
    ),
    Route(
        method="DELETE",
        path="sessions/{id}/rules/{number}",
        summary="Take out one rule",
        answer=_remove,
        gives=None,
        status=204,
    ),
)
