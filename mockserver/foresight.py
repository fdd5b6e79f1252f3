"""Foresight: what each gate would do with a call, without any call being made.

It asks what :mod:`.gates` asks, in the same order, and notes nothing; a property test holds
the two together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from starlette.requests import Request

from .access import check_token
from .availability import Serve, foresee_settling
from .cache import cache_key
from .endpoint import Endpoint
from .exchange import Gate
from .faultheader import parse_faults
from .faults import FAULT_HEADER, BadFault, Fault, describe_fault
from .harm import HurtCall, damage, replaces_answer
from .incoming import Incoming
from .models import Model, UnknownModel
from .modelstate import ModelState
from .payload import ClassifyRequest
from .profiles.profile import Serverless
from .reply import Reply
from .session import Session
from .tokens import TokenReader
from .wishes import read_wishes

#: ``skip`` is a gate that isn't asked.
Would: TypeAlias = Literal["pass", "wait", "hurt", "refuse", "answer", "skip"]

#: In the order in which a call comes to them.
GATES: tuple[Gate, ...] = (
    "auth",
    "quota",
    "fault",
    "route",
    "request",
    "cache",
    "availability",
    "rule",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """A call that might be made."""

    model_id: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)  #: Names in lower case.


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a gate would do."""

    gate: Gate
    would: Would
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What would become of a call."""

    gate: Gate  #: Which would decide, as the journal would say.
    status: int  #: 0 where no status line would come.
    steps: tuple[Step, ...]  #: One of each gate, in order.
    model: Model | None  #: As the session has it; None if it isn't served.
    request: ClassifyRequest | None  #: None if it can't be read.


async def foresee(
    call: Supposed, session: Session, tokens: TokenReader, request: Request
) -> Foresight:
    """What would become of the call in the session; ``request`` is whatever asks for that."""
    seer = _Seer(call, session)
    gate, status = await seer.decide(tokens, request)
    said = {step.gate: step for step in seer.steps}
    skipped = f"it isn't asked: {gate} decides before"
    return Foresight(
        gate=gate,
        status=status,
        steps=tuple(said.get(name) or Step(gate=name, would="skip", why=skipped) for name in GATES),
        model=seer.model(),
        request=seer.request(),
    )


class _Seer:
    """Goes with a call from gate to gate."""

    def __init__(self, call: Supposed, session: Session) -> None:
        self.steps: list[Step] = []
        self._call = call
        self._session = session
        self._endpoint: Endpoint = session.endpoint
        self._incoming = Incoming(body=call.body, headers=call.headers)

    def model(self) -> Model | None:
        """The model as the session has it."""
        try:
            return self._session.rules.dress(self._endpoint.models.model(self._call.model_id))
        except UnknownModel:
            return None

    def request(self) -> ClassifyRequest | None:
        """The call's body, if the model can read it."""
        model = self.model()
        read = None if model is None else self._endpoint.read(model, self._incoming)
        return read if isinstance(read, ClassifyRequest) else None

    async def decide(self, tokens: TokenReader, request: Request) -> tuple[Gate, int]:
        """The gate that would decide, and the status."""
        limit = self._session.settings.max_body_bytes
        if len(self._call.body) > limit:
            self._note("request", "refuse", f"the body has more than {limit} bytes")
            return "request", 413
        refused = self._ask_auth(tokens) or self._ask_quota(tokens)
        if refused is not None:
            return refused
        try:
            faults = self._ask_faults()
        except BadFault as error:
            self._note("fault", "refuse", str(error))
            return "fault", 400
        if not faults:
            return await self._answer()
        if replaces_answer(faults):
            return "fault", damage(None, faults, self._hurt_call(request)).status
        _, status = await self._answer()
        return "fault", status

    def _ask_auth(self, tokens: TokenReader) -> tuple[Gate, int] | None:
        settings = self._session.settings
        sent = tokens.read(self._authorization)
        refused = check_token(sent, settings, self._endpoint.profile, tokens)
        if refused is not None:
            self._note("auth", "refuse", refused.why)
            return "auth", refused.refusal.status
        is_open = settings.auth == "open"
        self._note("auth", "pass", "no token is asked for" if is_open else "the token is let in")
        return None

    def _ask_quota(self, tokens: TokenReader) -> tuple[Gate, int] | None:
        quotas = self._session.quotas
        sent = tokens.read(self._authorization)
        allowance = None if quotas is None else quotas.look(sent.digest)
        if allowance is None:
            self._note("quota", "pass", "there is no limit")
            return None
        if allowance.is_allowed:
            left = f"{allowance.remaining} of {allowance.calls} calls of the window are left"
            self._note("quota", "pass", left)
            return None
        why = f"all {allowance.calls} calls of the window have been made"
        self._note("quota", "refuse", why)
        use: Literal["token", "anonymous"] = "token" if sent.digest else "anonymous"
        return "quota", self._endpoint.profile.quota_exceeded(use).status

    def _ask_faults(self) -> tuple[Fault, ...]:
        asked = self._call.headers.get(FAULT_HEADER)
        faults = () if asked is None else parse_faults(asked)
        faults += self._session.faults.look(self._call.model_id, self._call.body)
        said = [*map(describe_fault, faults)]
        said += [f"violates {clause} by the settings" for clause in self._session.settings.violate]
        self._note("fault", "hurt" if said else "pass", ", ".join(said) or "none is to come")
        return faults

    async def _answer(self) -> tuple[Gate, int]:
        try:
            model = self._session.rules.dress(self._endpoint.models.model(self._call.model_id))
        except UnknownModel as error:
            self._note("route", "refuse", str(error))
            return "route", self._endpoint.profile.unknown_model(error.model_id).status
        self._note("route", "pass", f"{model.card.id} is served")
        read = self._endpoint.read(model, self._incoming)
        if isinstance(read, Reply):
            hint = dict(read.headers).get(b"x-nertwin-hint", b"").decode("latin-1")
            self._note("request", "refuse", hint or read.body.decode("utf-8", "replace"))
            return "request", read.status
        self._note("request", "pass", f"texts to be classified: {len(read.texts)}")
        serverless = self._endpoint.profile.serverless
        if serverless is None:
            profile = self._endpoint.profile.name
            self._note("cache", "skip", f"the profile {profile} keeps no answers")
            self._note("availability", "skip", f"the profile {profile} loads no models on demand")
        elif found := self._ask_serverless(model, read, serverless):
            return found
        respond = self._endpoint.respond
        aside = self._session.aside
        reply = await aside(asyncio.to_thread, respond, model, read, self._incoming)
        self._note("rule", "answer", f"the rules of {model.card.pack}")
        return "rule", reply.status

    def _ask_serverless(
        self, model: Model, read: ClassifyRequest, serverless: Serverless
    ) -> tuple[Gate, int] | None:
        """What cache and availability would decide, if anything."""
        session = self._session
        wishes = read_wishes(self._call.headers, read.options)
        form = "sse" if self._endpoint.streams(read) else "json"
        key = cache_key(self._call.model_id, model.card.commit, read, form=form)
        if not session.settings.cache or not wishes.use_cache:
            off = "the request" if session.settings.cache else "the session"
            self._note("cache", "skip", f"{off} wants no kept answer")
        elif session.cache.has(key):
            self._note("cache", "answer", "an equal call has been answered before")
            return "cache", 200
        else:
            self._note("cache", "pass", "no equal call has been answered before")
        life = session.life(model.card)
        state = session.states().get(model.card.id) or ModelState(life, session.clock)
        seconds, decision = foresee_settling(
            state,
            wait=wishes.wait_for_model,
            load_model=wishes.load_model,
            longest=session.settings.wait_limit,
        )
        waits = f"it waits {seconds:g} s of the session's clock; " if seconds else ""
        if isinstance(decision, Serve):
            self._note("availability", "wait" if seconds else "pass", f"{waits}the model is ready")
            return None
        self._note("availability", "refuse", f"{waits}the model is not there: {decision}")
        return "availability", serverless.refuse_call(self._call.model_id, decision).status

    @property
    def _authorization(self) -> bytes | None:
        sent = self._call.headers.get("authorization")
        return None if sent is None else sent.encode("latin-1")

    def _hurt_call(self, request: Request) -> HurtCall:
        return HurtCall(
            request=request,
            clock=self._session.clock,
            profile=self._endpoint.profile,
            model_id=self._call.model_id,
            sha=self._endpoint.commit(self._call.model_id),
        )

    def _note(self, gate: Gate, would: Would, why: str) -> None:
        self.steps.append(Step(gate=gate, would=would, why=why))
