from dataclasses import replace

from mutants.breached import breached
from mutants.mutant import Mutant, edit_answers, edit_response, with_body
from nertwin.contract_tests.checks.loading import is_loading

MUTANTS: dict[str, Mutant] = {
    **{
        f"availability.{name}": Mutant(wrap=breached(f"availability.{name}"))
        for name in (
            "loading-form",
            "loading-words",
            "no-retry-after",
            "no-wait-unless-asked",
            "wait",
            "wait-in-options",
            "no-relapse",
            "unknown-is-not-loading",
        )
    },
    "availability.call-starts-loading": Mutant(
        wrap=breached("availability.call-starts-loading"),
        also={"availability.no-relapse": "calls that wait are answered in between"},
    ),
    "availability.wait-when-ready": Mutant(
        wrap=breached("availability.wait-when-ready"),
        also={
            "cache.key-is-open": "among calls that may share an answer are some that wait",
            "header.flag-against-options": "among calls with flags are some that wait",
        },
    ),
    "availability.warm-only": Mutant(
        wrap=breached("availability.warm-only", "router"), profile="router"
    ),
    "availability.loading-form/status": Mutant(
        change=edit_response(lambda response: replace(response, status=429), where=is_loading)
    ),
    "availability.loading-form/text": Mutant(
        change=edit_response(
            lambda response: with_body(response, b"Service Unavailable"), where=is_loading
        )
    ),
    "availability.load-model-off": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                [] if exchange.request.header("x-load-model") == "0" else document
            )
        )
    ),
}
