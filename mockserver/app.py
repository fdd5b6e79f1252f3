"""App: the stand-in as an ASGI application."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .budget import Budget
from .call import CALL, Call
from .control.api import ControlAPI, is_control
from .endpoint import Endpoint
from .gates import Gates
from .hub import Hub
from .layers import wrap
from .pages import Pages
from .profiles import PROFILES, Profile
from .profiles.profile import Action
from .recall import Recall
from .resource import Answer, Resource, respond
from .routes import Routes
from .rulebook import Rulebook, check_rules
from .session import Session
from .sessions import Sessions
from .settings import Settings
from .tokens import TokenReader

if TYPE_CHECKING:
    from .sharing.sharing import Sharing


def create_app(settings: Settings | None = None) -> StandIn:
    """The stand-in as an ASGI application with state of its own.

    Raises:
        NertwinError: A model of the settings has no such rule pack, or one that doesn't fit it,
            or a rule fits no model.
    """
    return StandIn(settings or Settings())


def create_endpoint(settings: Settings) -> Endpoint:
    """The answering part of a stand-in, without sessions or routes.

    Raises:
        NertwinError: As for :func:`create_app`.
    """
    models = settings.registry()
    for model_id in settings.models:
        models.model(model_id)  # A mistake in it is told at the start, not by a request.
    check_rules(settings.rules, models)
    return Endpoint(settings, models)


class StandIn:
    """An ASGI application that answers each session in its own profile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.endpoint = create_endpoint(settings)
        self._rules = Rulebook(settings.rules)
        self.sessions = Sessions(
            self._new_session,
            most=settings.max_sessions,
            session_ttl=settings.session_ttl,
            max_bytes=settings.max_session_bytes,
        )
        # Only digests are compared, so no answer depends on this random key.
        tokens = TokenReader(secrets.token_bytes(32))
        self._gates = Gates(tokens)
        self._dialects: dict[str, ASGIApp] = {}
        self._find_dialect(settings.profile)  # The others as soon as a session is in one of them.
        #: What it has been asked before; who sets it to None has every request read.
        self.recall: Recall | None = None
        self._sharing: Sharing | None = None
        self._app: ASGIApp
        if settings.is_shared:
            # Most servers share nothing, and this and its library take a while to load.
            from .sharing.layer import wrap_shared
            from .sharing.sharing import Sharing

            self._sharing = Sharing(settings, tokens, self.endpoint, self._rules)
            self._app = wrap_shared(self._answer, self._sharing)
        else:
            self.recall = Recall(self.sessions)
            self._app = wrap(self._answer, self.sessions, self.recall)
        self.control = ControlAPI(settings, self.sessions, tokens, self._sharing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self.control if is_control(scope) else self._app
        await app(scope, receive, send)

    def close(self) -> None:
        """Give up what is being computed; a server that ends calls it."""
        self.endpoint.close()

    async def disconnect(self) -> None:
        """End the connections to where state is shared; a server that ends calls it last."""
        if self._sharing is not None:
            await self._sharing.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        call: Call | None = scope.get(CALL)
        settings = self.settings if call is None else call.session.settings
        dialect = self._dialects.get(settings.profile) or self._find_dialect(settings.profile)
        await dialect(scope, receive, send)

    def _new_session(self, session_id: str, budget: Budget, first_note: str) -> Session:
        rules = self._rules.copy()
        return Session(session_id, self.endpoint, budget=budget, rules=rules, first_note=first_note)

    def _find_dialect(self, name: str) -> ASGIApp:
        if name not in self._dialects:
            self._dialects[name] = self._dialect(PROFILES[name])
        return self._dialects[name]

    def _dialect(self, profile: Profile) -> ASGIApp:
        pages = Pages(profile)
        answers = _answers(self._gates, Hub(), pages)
        routes = [
            Route(
                path,
                Resource(
                    {method: answers[action] for method, action in actions.items()},
                    grants_preflight=profile.grants_preflight,
                ),
            )
            for path, actions in profile.routes.items()
        ]

        async def default(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await respond(pages.no_route, scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1000})

        return Routes(routes, default=default)


def _answers(gates: Gates, hub: Hub, pages: Pages) -> Mapping[Action, Answer]:
    """What answers where a profile's routes name an action."""
    return {
        "classify": gates.classify,
        "inference_model": hub.inference_model,
        "hub_model": hub.model,
        "hub_models": hub.list_models,
        "hub_tasks": hub.tasks,
        "status": hub.status,
        "framework": hub.framework,
        "index": pages.index,
        "health": pages.health,
        "openapi": pages.openapi,
    }
