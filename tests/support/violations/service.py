"""Violations of headers, cache, loading, tokens and addresses."""

from functools import partial

from nertwin.mockserver.breaches import HeldReply
from nertwin.mockserver.breaches.edits import model_of
from nertwin.mockserver.reply import Reply
from support.deeds import (
    DSLIM,
    POS,
    SENTENCE,
    Case,
    a_deed,
    a_visit,
    entries,
    header,
    kept,
    loading,
    wrong_token,
)

BEARER = {"authorization": "Bearer hf_abcdefgh"}
NO_CACHE = {"x-use-cache": "false"}
WAIT = {"x-wait-for-model": "true"}
COLD = {"stage": "cold"}
ORIGIN = {"origin": "https://app.example"}
MAPPING = "expand%5B%5D=inferenceProviderMapping"


def _is_marked(reply: Reply, _: object) -> bool:
    return header(reply, "x-compute-type") == "cache"


def _is_lost(reply: Reply, _: object) -> bool:
    return reply.status == 404


def _says_loading(reply: Reply, _: object) -> bool:
    return reply.status == 503 and "currently loading" in entries(reply)["error"]


_HEADERS = (
    Case("header.compute-type", a_deed, lambda reply, _: header(reply, "x-compute-type") is None),
    Case(
        "header.compute-time",
        a_deed,
        lambda reply, _: "." not in str(header(reply, "x-compute-time")),
    ),
    Case(
        "header.compute-characters",
        a_deed,
        lambda reply, _: header(reply, "x-compute-characters") != str(len(SENTENCE)),
    ),
    Case(
        "header.request-id",
        partial(a_deed, deed={"number": 7}),
        lambda reply, _: header(reply, "x-request-id") == "0" * 21,
    ),
    Case(
        "header.model-commit",
        partial(a_deed, deed={"number": 7}),
        lambda reply, deed: header(reply, "x-sha") not in (None, model_of(deed).card.commit),
    ),
    Case(
        "header.cors",
        partial(a_deed, headers=ORIGIN),
        lambda reply, _: (
            header(reply, "access-control-allow-origin") not in (None, "*", ORIGIN["origin"])
        ),
    ),
    Case(
        "header.errors-compute-nothing",
        partial(a_deed, reply=loading),
        lambda reply, _: header(reply, "x-compute-type") is not None,
    ),
    Case(
        "header.errors-compute-nothing",
        partial(a_visit, "POST", "/models/no/such"),
        lambda reply, _: header(reply, "x-compute-time") is not None,
    ),
    Case(
        "header.flag-values", partial(a_deed, headers={"x-use-cache": "0"}), _is_marked, (a_deed,)
    ),
)
_CACHE = (
    Case(
        "cache.equal-call-is-kept",
        partial(a_deed, reply=kept),
        lambda reply, _: header(reply, "x-compute-type") == "cpu",
    ),
    Case("cache.marker", a_deed, _is_marked),
    Case(
        "cache.same-bytes",
        partial(a_deed, reply=kept),
        lambda reply, deed: reply.body != deed.reply.body and entries(reply) == deed.answer,
    ),
    Case(
        "cache.first-time",
        partial(a_deed, reply=kept),
        lambda reply, _: header(reply, "x-compute-time") != "0.125",
    ),
    Case(
        "cache.bare-headers",
        partial(a_deed, reply=kept),
        lambda reply, _: header(reply, "x-compute-characters") is not None,
    ),
    Case("cache.bypass", partial(a_deed, headers=NO_CACHE), _is_marked, (a_deed,)),
    Case(
        "cache.bypass-in-options",
        partial(a_deed, options={"use_cache": False}),
        _is_marked,
        (a_deed,),
    ),
    Case(
        "cache.texts-apart",
        partial(a_deed, SENTENCE + " "),
        lambda reply, _: reply.body == a_deed(f" {SENTENCE}").reply.body,
        (partial(a_deed, f" {SENTENCE}"),),
    ),
    Case(
        "cache.parameters-apart",
        partial(a_deed, aggregation_strategy="none"),
        lambda reply, _: "entity_group" in entries(reply)[0],
        (a_deed,),
    ),
    Case(
        "cache.models-apart",
        partial(a_deed, model=POS),
        lambda reply, _: entries(reply)[0]["entity_group"] == "PER",
        (a_deed,),
    ),
    Case("cache.refusals-are-not-kept", partial(a_deed, None), _is_marked),
)
_AVAILABILITY = (
    Case(
        "availability.loading-form",
        partial(a_deed, reply=loading),
        lambda reply, _: reply.status == 503 and list(entries(reply)) == ["error"],
    ),
    Case(
        "availability.loading-words",
        partial(a_deed, reply=loading),
        lambda reply, _: DSLIM not in entries(reply)["error"],
    ),
    Case(
        "availability.no-retry-after",
        partial(a_deed, reply=loading),
        lambda reply, _: header(reply, "retry-after") is not None,
    ),
    Case(
        "availability.call-starts-loading",
        a_deed,
        _says_loading,
        (partial(a_deed, reply=loading),),
    ),
    Case(
        "availability.no-wait-unless-asked",
        partial(a_deed, reply=loading),
        lambda reply, _: isinstance(reply, HeldReply) and reply.seconds > 1,
    ),
    Case("availability.wait", partial(a_deed, headers=WAIT, deed=COLD), _says_loading),
    Case(
        "availability.wait-in-options",
        partial(a_deed, options={"wait_for_model": True}, deed=COLD),
        _says_loading,
    ),
    Case(
        "availability.wait-when-ready",
        partial(a_deed, headers=WAIT),
        lambda reply, deed: entries(reply) != deed.answer,
    ),
    Case("availability.no-relapse", a_deed, _says_loading, (a_deed, a_deed, a_deed)),
    Case(
        "availability.warm-only",
        partial(a_deed, profile="router"),
        _says_loading,
        (partial(a_deed, profile="router"),) * 3,
    ),
    *(
        Case(
            "availability.unknown-is-not-loading",
            partial(a_visit, "POST", path, profile=profile, headers=WAIT),
            _says_loading,
        )
        for profile, path in (
            ("classic", "/models/no/such"),
            ("router", "/hf-inference/models/no/such"),
            ("dedicated", "/models/no/such"),
        )
    ),
)
_AUTH = (
    *(
        Case("auth.bearer", partial(a_deed, headers=BEARER, profile=profile), _is_forbidden)
        for profile, _is_forbidden in (
            ("classic", lambda reply, _: reply.status == 400),
            ("router", lambda reply, _: reply.status == 401),
            ("dedicated", lambda reply, _: reply.status == 401),
        )
    ),
    Case("auth.wrong-token", partial(a_deed, reply=wrong_token), lambda r, _: r.status == 403),
    Case(
        "auth.wrong-token",
        partial(a_deed, headers={"authorization": "Bearer wrong"}),
        lambda reply, _: reply.status == 403,
    ),
    *(
        Case("auth.look-ups-are-public", partial(a_visit, path=path), lambda r, _: r.status == 401)
        for path in (f"/api/models/{DSLIM}", "/api/models", "/api/tasks")
    ),
    Case(
        "auth.token-changes-nothing",
        partial(a_deed, headers=BEARER),
        lambda reply, _: entries(reply) != entries(a_deed().reply),
    ),
)
_ROUTES = (
    Case("route.inference", a_deed, _is_lost),
    Case("route.inference", partial(a_deed, profile="router"), _is_lost),
    Case("route.inference", partial(a_deed, profile="dedicated"), _is_lost),
    Case(
        "route.model-names",
        partial(a_deed, path="/models/dslim%2Fbert-base-NER"),
        _is_lost,
    ),
    Case("route.model-names", partial(a_deed, path="/models/bert"), _is_lost),
    Case(
        "route.pipeline",
        partial(a_deed, path=f"/pipeline/token-classification/{DSLIM}"),
        _is_lost,
    ),
    Case(
        "route.unknown-model",
        partial(a_visit, "POST", "/models/no/such"),
        lambda reply, _: reply.status not in (400, 404),
    ),
    *(
        Case(
            "route.unknown-path",
            partial(a_visit, "POST", "/hf-inference/v1/chat/completions", profile=profile),
            lambda reply, _: reply.status != 404,
        )
        for profile in ("classic", "router", "dedicated")
    ),
    Case(
        "route.wrong-method",
        partial(a_visit, "DELETE", f"/models/{DSLIM}"),
        lambda reply, _: reply.status == 405 and header(reply, "allow") is None,
    ),
    Case(
        "route.model-task",
        partial(a_visit, path=f"/models/{DSLIM}"),
        lambda reply, _: entries(reply)["pipeline_tag"] != "token-classification",
    ),
    Case(
        "route.status",
        partial(a_visit, path=f"/status/{DSLIM}"),
        lambda reply, _: entries(reply)["loaded"] is False,
    ),
    Case(
        "route.framework",
        partial(a_visit, path="/framework/transformers"),
        lambda reply, _: "task" not in entries(reply)[0],
    ),
    Case(
        "route.model-info",
        partial(a_visit, path=f"/api/models/{DSLIM}"),
        lambda reply, _: entries(reply)["pipeline_tag"] != "token-classification",
    ),
    Case(
        "route.provider-mapping",
        partial(a_visit, path=f"/api/models/{DSLIM}", query=MAPPING),
        lambda reply, _: "hf-inference" not in entries(reply)["inferenceProviderMapping"],
    ),
    Case(
        "route.missing-model-info",
        partial(a_visit, path="/api/models/no/such"),
        lambda reply, _: reply.status == 404 and header(reply, "x-error-code") is None,
    ),
    Case(
        "route.tasks",
        partial(a_visit, path="/api/tasks"),
        lambda reply, _: not entries(reply)["token-classification"]["models"],
    ),
    Case(
        "route.preflight",
        partial(
            a_visit,
            "OPTIONS",
            f"/models/{DSLIM}",
            headers=ORIGIN | {"access-control-request-method": "POST"},
        ),
        lambda reply, _: "POST" not in str(header(reply, "access-control-allow-methods")),
    ),
    Case(
        "route.health",
        partial(a_visit, path="/health", profile="dedicated"),
        lambda reply, _: reply.status != 200,
    ),
)
CASES = (*_HEADERS, *_CACHE, *_AVAILABILITY, *_AUTH, *_ROUTES)
