"""Keys: calls that no cache may take for one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from ..violations import Violation
from .answers import entries, show
from .cached import fresh_text
from .check import Check, Follow, Plan, Trial, Undecided, plan
from .comparison import differences
from .lattice import UNEVEN

_MOST_TWINS = 3
_BYPASS = ("x-use-cache", "false")
#: Models that other tasks' answers can't be mistaken for; a service may serve neither.
_OTHER_MODELS = (
    "vblagoje/bert-english-uncased-finetuned-pos",
    "dbmdz/bert-large-cased-finetuned-conll03-english",
)


def _twins(answers: Sequence[Exchange]) -> list[tuple[Exchange, Exchange]]:
    """Pairs of answers of the same bytes with entries, the earlier one first."""
    first: dict[bytes, Exchange] = {}
    found = []
    for answer in answers:
        if answer.response is None or not entries(answer):
            continue
        earlier = first.setdefault(answer.response.content, answer)
        if earlier is not answer:
            found.append((earlier, answer))
    return found[:_MOST_TWINS]


def _compute_twin(count: int) -> Follow:
    """A step that has the next later twin of the first ``count`` answers computed anew."""

    def ask(before: tuple[Exchange, ...]) -> Request | None:
        left = _twins(before[:count])[len(before) - count :]
        return left[0][1].request.with_headers(_BYPASS) if left else None

    return ask


def _apart(*calls: Request) -> Plan:
    """Different calls one after the other, then those anew that got an earlier one's answer."""
    return plan(*calls, *[_compute_twin(len(calls))] * _MOST_TWINS, about=len(calls))


def _judge_apart(trial: Trial) -> Iterator[Violation | Undecided]:
    count = trial.about if isinstance(trial.about, int) else len(trial.exchanges)
    answers, computed = trial.exchanges[:count], trial.exchanges[count:]
    if sum(bool(entries(each)) for each in answers) < 2:
        yield Undecided("no two calls were answered with entries")
    for (earlier, later), anew in zip(_twins(answers), computed, strict=False):
        if anew.status != 200:
            continue
        difference = next(differences(anew, later, expected="the same call computed anew"), None)
        if difference is not None:
            yield replace(
                difference,
                hint=f"It is, byte for byte, the answer to {_brief(earlier)};"
                f" this call was {_brief(later)}.",
            )
            return


def _brief(exchange: Exchange) -> str:
    inputs, parameters = exchange.request.inputs, exchange.request.parameters
    return f"{show(inputs)} with {parameters}" if parameters else show(inputs)


def _other_texts(endpoint: Endpoint) -> Iterator[Plan]:
    text = fresh_text(endpoint, 0)
    accented = f"Zo\u00eb {text}"
    yield _apart(endpoint.classify(text), endpoint.classify(f" {text}"))
    yield _apart(
        endpoint.classify(text),
        endpoint.classify(text.replace("Angela", "ANGELA")),
        endpoint.classify(text.replace("Merkel met", "Merkel  met")),
        endpoint.classify(text.replace("Angela", "Angelo")),
        endpoint.classify(text.lower()),
    )
    yield _apart(
        endpoint.classify(accented),
        endpoint.classify(accented.replace("\u00eb", "e\u0308")),
        endpoint.classify(accented.replace("\u00eb", "e")),
    )
    filler = f"{text} " + "and then nothing more was said about it " * 30
    yield _apart(
        endpoint.classify(f"{filler}by Tim Cook of Apple."),
        endpoint.classify(f"{filler}by Bob Dylan of Paris."),
    )
    yield _apart(
        endpoint.classify([text, "Tim Cook"]),
        endpoint.classify(["Tim Cook", text]),
        endpoint.classify([f"{text} Tim", "Cook"]),
    )


def _other_parameters(endpoint: Endpoint) -> Iterator[Plan]:
    text = fresh_text(endpoint, 0)
    yield _apart(endpoint.classify(text), endpoint.classify(text, strategy="none"))
    yield _apart(
        endpoint.classify(text),
        endpoint.classify(text, strategy="simple", ignore_labels=[]),
        endpoint.classify(text, strategy="none", ignore_labels=[]),
        endpoint.classify(text, strategy="none", ignore_labels=["B-PER", "I-PER"]),
    )
    # Words of several tokens, for which no two strategies have the same to say.
    names = ("simple", "max", "average", "first")
    yield _apart(*(endpoint.classify(UNEVEN, strategy=name, ignore_labels=[]) for name in names))


def _other_models(endpoint: Endpoint) -> Iterator[Plan]:
    text = fresh_text(endpoint, 0)
    for model in _OTHER_MODELS:
        if model != endpoint.model:
            other = endpoint.call({"inputs": text}, model=model)
            yield _apart(endpoint.classify(text), replace(other, is_patient=False))


CHECKS: tuple[Check, ...] = (
    Check(clause="cache.texts-apart", examples=_other_texts, judge=_judge_apart),
    Check(clause="cache.parameters-apart", examples=_other_parameters, judge=_judge_apart),
    Check(clause="cache.models-apart", examples=_other_models, judge=_judge_apart),
)
