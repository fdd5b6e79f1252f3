"""Gates: what a call passes before a model answers it, each of which may decide it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request

from .access import check_token
from .basis import Computed, Kept, Nothing, Ready
from .cache import CachedAnswer, CacheKey, cache_key
from .call import Call, call_of
from .endpoint import Endpoint, computation
from .faults import FAULT_HEADER, BadFault, describe_fault
from .incoming import BodyTooLarge, Incoming, read_body, read_headers
from .leaving import unless_left
from .models import Model, UnknownModel
from .payload import ClassifyRequest
from .profiles.profile import Serverless, TokenUse
from .quota import Allowance
from .reply import Headers, Refusal, Reply, our_refusal
from .tokens import TokenReader
from .windows import SPECIAL_TOKENS
from .wishes import Wishes, read_wishes

if TYPE_CHECKING:
    from .availability import Refused, SessionGone
    from .wirereply import WireReply

# More characters than that are classified in a thread, so that other requests don't wait.
_LARGE = 16 * 1024
_WORK_OF_A_TEXT = 50  # What even an empty text of a batch costs, in characters.


class Gates:
    """Answers calls in their sessions: key, quota, availability, cache, then the model."""

    def __init__(self, tokens: TokenReader) -> None:
        self._tokens = tokens

    async def classify(self, request: Request) -> Reply | WireReply:
        """The reply to a request for the model in the path, or the default one."""
        call = call_of(request)
        call.is_classification = True
        endpoint = call.session.endpoint
        settings = endpoint.settings
        call.model = endpoint.model_id(request)
        call.sent = read_headers(request.scope)
        try:
            call.body = await read_body(request, settings.max_body_bytes)
        except BodyTooLarge:
            call.decide("request", f"the body has more than {settings.max_body_bytes} bytes")
            return endpoint.refuse(_body_too_large(settings.max_body_bytes))
        if settings.auth == "open" and settings.quota is None:
            return await self._hurt(request, call, endpoint)
        sent = self._tokens.read(_authorization(request))
        refused = check_token(sent, settings, endpoint.profile, self._tokens)
        if refused is not None:
            call.decide("auth", refused.why)
            return endpoint.refuse(refused.refusal)
        quotas = call.session.quotas
        allowance = None if quotas is None else quotas.take(sent.digest)
        if allowance is None:
            return await self._hurt(request, call, endpoint)
        reply: Reply | WireReply
        if allowance.is_allowed:
            reply = await self._hurt(request, call, endpoint)
        else:
            call.decide("quota", f"all {allowance.calls} calls of the window have been made")
            call.asked = f"Retry-After {allowance.retry_after} s"
            use: TokenUse = "token" if sent.digest else "anonymous"
            reply = endpoint.refuse(endpoint.profile.quota_exceeded(use))
        return replace(reply, headers=reply.headers + _quota_headers(allowance, call))

    async def _hurt(self, request: Request, call: Call, endpoint: Endpoint) -> Reply | WireReply:
        """The reply with what the session's plan and the request's own header do to it."""
        asked = call.sent.get(FAULT_HEADER)
        if asked is None and not call.session.may_be_hurt:
            return await self._answer(request, call, endpoint)
        from .faultheader import parse_faults  # Most calls are hurt by nobody.
        from .harm import HurtCall, hurt, replaces_answer
        from .wirereply import WireReply

        try:
            faults = () if asked is None else parse_faults(asked)
        except BadFault as error:
            call.decide("fault", str(error))
            return our_refusal(400, str(error), kind=b"fault")
        faults += call.session.faults.take(call.model, call.body)
        if not faults:
            return await self._answer(request, call, endpoint)
        reply = None
        if not replaces_answer(faults):
            reply = await self._answer(request, call, endpoint)
        # A violation says itself whether the answer had what it breaks.
        said = [describe_fault(fault) for fault in faults if fault.kind != "violate"]
        if said:
            call.decide("fault", ", ".join(said))
        hurt_call = HurtCall(
            request=request,
            clock=call.session.clock,
            profile=endpoint.profile,
            model_id=call.model,
            sha=endpoint.commit(call.model),
        )
        hurt_reply = await hurt(reply, faults, hurt_call)
        for fault in faults:
            if fault.kind == "violate" and isinstance(hurt_reply, Reply):
                from .violating import violate  # Most servers never do.

                broken = await violate(request, hurt_reply, fault.clause)
                if broken is not hurt_reply:
                    said.append(call.why)
                    call.decide("fault", ", ".join(said))
                hurt_reply = broken
        call.hurt = hurt_reply if isinstance(hurt_reply, WireReply) else None
        return hurt_reply

    async def _answer(self, request: Request, call: Call, endpoint: Endpoint) -> Reply:
        try:
            model = call.session.rules.dress(endpoint.models.model(call.model))
        except UnknownModel as error:
            call.decide("route", str(error))
            return endpoint.unknown_model(error)
        query = dict(request.query_params) if request.scope["query_string"] else {}
        incoming = Incoming(body=call.body, headers=call.sent, query=query)
        parsed = endpoint.read(model, incoming)
        if isinstance(parsed, Reply):
            call.decide("request", "the request is not one that the API takes")
            return parsed
        serverless = endpoint.profile.serverless
        if serverless is None:
            call.basis = Nothing()
            return await _compute(call, endpoint, model, parsed, incoming)
        wishes = read_wishes(incoming.headers, parsed.options)
        key: CacheKey | None = None
        if endpoint.settings.cache and wishes.use_cache:
            form = "sse" if endpoint.streams(parsed) else "json"
            key = cache_key(call.model, model.card.commit, parsed, form=form)
            kept = call.session.cache.find(key)
            if kept is not None:
                call.decide("cache", "an equal call has been answered before")
                call.basis = Kept(key, kept)
                return Reply(200, serverless.cached_headers(kept, model.card.commit), kept.body)
        refused = await _wait_for(model, request, call, wishes)
        if refused is not None:
            return _refuse(refused, call, endpoint, model, serverless)
        reply = await _compute(call, endpoint, model, parsed, incoming)
        if key is None:
            call.basis = Ready(model.card)
        elif reply.status == 200:
            answer = _kept(model, parsed, reply)
            call.session.cache.keep(key, answer)
            call.basis = Computed(key, answer, model.card)
        return reply


async def _wait_for(
    model: Model, request: Request, call: Call, wishes: Wishes
) -> Refused | SessionGone | None:
    """Why the model is not there for the call, which may wait for it, or nothing if it is."""
    session = call.session
    state = session.state_of(model.card)
    call.stage = state.stage
    if state.stage == "ready":
        return None
    from .availability import Serve, settle  # Most models are ready.

    settling = settle(
        state,
        session.clock,
        wait=wishes.wait_for_model,
        load_model=wishes.load_model,
        longest=session.settings.wait_limit,
        bell=session.bell,
        find_state=partial(session.state_of, model.card),
        find_longest=lambda: session.settings.wait_limit,
    )
    if wishes.wait_for_model:
        call.decide("availability", f"the call waits for the model, which is {state.stage}")
        decision = await unless_left(request, settling)
    else:
        decision = await settling
    return None if isinstance(decision, Serve) else decision


def _refuse(
    refused: Refused | SessionGone,
    call: Call,
    endpoint: Endpoint,
    model: Model,
    serverless: Serverless,
) -> Reply:
    """The reply to a call of a model that is not there for it."""
    from .availability import Loading, SessionGone

    call.decide("availability", f"the model is not there: {refused}")
    if isinstance(refused, SessionGone):
        return _session_gone(call.model)
    if isinstance(refused, Loading):
        call.asked = f"estimated_time {refused.estimated_time:g} s"
    return endpoint.refuse(serverless.refuse_call(call.model, refused), model)


async def _compute(
    call: Call, endpoint: Endpoint, model: Model, request: ClassifyRequest, incoming: Incoming
) -> Reply:
    call.decide("rule", f"the rules of {model.card.pack}")
    if _work(model, request) > _LARGE:
        respond = endpoint.respond
        return await call.session.aside(asyncio.to_thread, respond, model, request, incoming)
    return endpoint.respond(model, request, incoming)


def _work(model: Model, request: ClassifyRequest) -> float:
    """Characters that the model reads, those counted again that windows share."""
    characters = sum(map(len, request.texts)) + len(request.texts) * _WORK_OF_A_TEXT
    room = model.tokenizer.max_length - SPECIAL_TOKENS
    stride = min(request.parameters.stride or 0, room - 1)
    return characters * room / (room - stride)


def _kept(model: Model, request: ClassifyRequest, reply: Reply) -> CachedAnswer:
    return CachedAnswer(
        body=reply.body,
        seconds=computation(model, request, None).seconds,
        content_type=dict(reply.headers)[b"content-type"],
    )


def _authorization(request: Request) -> bytes | None:
    headers = request.scope["headers"]
    return next((value for name, value in headers if name == b"authorization"), None)


def _quota_headers(allowance: Allowance, call: Call) -> Headers:
    """What the answer tells of the limit, as far as the session's plan has it told."""
    plan = call.session.settings.quota
    headers: Headers = ()
    if plan is not None and plan.ratelimit:
        headers += (
            (b"ratelimit", allowance.ratelimit.encode()),
            (b"ratelimit-policy", allowance.ratelimit_policy.encode()),
        )
    if plan is not None and plan.retry_after and not allowance.is_allowed:
        headers += ((b"retry-after", allowance.retry_after.encode()),)
    return headers


def _session_gone(model_id: str) -> Reply:
    # No status that clients repeat a call for: it would begin the session that was removed anew.
    message = (
        "the session of this call was removed while the call waited for model"
        f" {model_id} to load; a call to it begins a new one"
    )
    return our_refusal(410, message, kind=b"session")


def _body_too_large(limit: int) -> Refusal:
    # The API documents no limit; the words follow those of its neighbours.
    return Refusal(
        status=413,
        body={"error": f"Request body is larger than {limit} bytes"},
        stage="gateway",
        hint=f"the limit is {limit} bytes; raise it with max_body_bytes",
    )
