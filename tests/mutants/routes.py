from dataclasses import replace

from mutants.breached import breached
from mutants.mutant import Mutant, as_refusal, edit_response
from nertwin.contract_tests.exchange import Exchange

FLAIR = "/models/flair/"


def is_average(exchange: Exchange) -> bool:
    strategy = exchange.request.parameters.get("aggregation_strategy")
    return exchange.status == 200 and strategy == "average"


MUTANTS: dict[str, Mutant] = {
    **{
        f"route.{name}": Mutant(wrap=breached(f"route.{name}"))
        for name in (
            "model-names",
            "pipeline",
            "unknown-model",
            "unknown-path",
            "wrong-method",
            "model-task",
            "status",
            "framework",
            "model-info",
            "provider-mapping",
            "missing-model-info",
            "tasks",
            "preflight",
        )
    },
    "route.health": Mutant(wrap=breached("route.health", "dedicated"), profile="dedicated"),
    "route.wrong-method/dedicated": Mutant(
        wrap=breached("route.wrong-method", "dedicated"), profile="dedicated"
    ),
    "route.unknown-model/router": Mutant(
        wrap=breached("route.unknown-model", "router"), profile="router"
    ),
    "route.unknown-model/forbidden": Mutant(
        change=edit_response(
            lambda response: replace(response, status=403),
            where=lambda exchange: exchange.request.is_call and exchange.status == 404,
        )
    ),
    "route.inference": Mutant(
        change=edit_response(
            lambda response: as_refusal(response, {"error": "no"}, status=404),
            where=is_average,
        ),
    ),
    "route.recommended-models": Mutant(
        change=edit_response(
            lambda response: as_refusal(response, {"error": "no"}, status=500),
            where=lambda exchange: exchange.request.target.startswith(FLAIR),
        )
    ),
}
