from collections.abc import Callable
from dataclasses import dataclass

from mutants.breached import breached
from mutants.mutant import Mutant, edit_answers
from nertwin.contract_tests.client import Transport
from nertwin.contract_tests.exchange import Exchange, Request


@dataclass
class Narrowly:
    """A good endpoint that is a broken one for some requests."""

    good: Transport
    broken: Transport
    is_hit: Callable[[Request], bool]

    def send(self, request: Request) -> Exchange:
        return (self.broken if self.is_hit(request) else self.good).send(request)

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        return self.good.send_together(requests)


def for_texts_with_numbers(clause_id: str) -> Callable[[Transport], Transport]:
    def has_number(request: Request) -> bool:
        inputs = request.inputs
        if not isinstance(inputs, str) or len(inputs) >= 500:
            return False
        return request.is_call and any(map(str.isdigit, inputs))

    return lambda transport: Narrowly(transport, breached(clause_id)(transport), has_number)


MUTANTS: dict[str, Mutant] = {
    **{
        f"cache.{name}": Mutant(wrap=breached(f"cache.{name}"))
        for name in (
            "equal-call-is-kept",
            "marker",
            "same-bytes",
            "first-time",
            "bare-headers",
            "bypass",
            "bypass-in-options",
            "models-apart",
            "refusals-are-not-kept",
        )
    },
    "cache.texts-apart": Mutant(
        wrap=breached("cache.texts-apart"),
        also={"span.text-as-sent": "the offsets are those of a text with other blanks"},
    ),
    # With all texts no call would get the strategy and the labels it asks for, and with long ones
    # none the stride.
    "cache.parameters-apart": Mutant(
        wrap=for_texts_with_numbers("cache.parameters-apart"),
        also={
            "shape.token-fields": "a call with the strategy none gets the groups of another",
            "shape.group-fields": "and a call with another the tokens of none",
        },
    ),
    "cache.key-is-open": Mutant(
        change=edit_answers(
            lambda document, exchange: (
                [] if exchange.request.body.startswith(b'{"parameters"') else document
            )
        )
    ),
}
