from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutants.mutant import Mutant, as_refusal, edit_response, misread_parameters
from mutants.remade import Entries, Steps, remake, tops, with_begins, with_words
from nertwin.contract_tests.exchange import Exchange, Response
from nertwin.mockserver.aggregation import Token
from nertwin.mockserver.float32 import to_float32

WORDWISE = ("first", "average", "max")


def refuse(response: Response) -> Response:
    return as_refusal(response, {"error": "no"})


def refuses(is_refused: Callable[[dict[str, Any]], bool]) -> Mutant:
    def where(exchange: Exchange) -> bool:
        return exchange.status == 200 and is_refused(exchange.request.parameters)

    return Mutant(change=edit_response(refuse, where=where))


def strategy_of(parameters: dict[str, Any]) -> str:
    return str(parameters.get("aggregation_strategy", ""))


def taken_for(asked: tuple[str, ...], strategy: str) -> Callable[[Steps], Steps]:
    """Steps that take these strategies for another one."""

    def turn(steps: Steps) -> Steps:
        return replace(steps, strategy=strategy) if steps.strategy in asked else steps

    return turn


def scored(strategies: tuple[str, ...], score: Callable[[list[list[float]]], float]) -> Any:
    """Steps that score groups from the best scores of their tokens, word by word."""

    def turn(steps: Steps) -> Steps | Entries:
        if steps.strategy not in strategies or len(steps.windows) > 1:
            return steps
        return [
            entry | {"score": to_float32(score(tops(steps, entry)))} for entry in steps.entries()
        ]

    return turn


def highest(words: list[list[float]]) -> float:
    return max(max(scores) for scores in words)


def weighted(words: list[list[float]]) -> float:
    """The mean of the words' best scores, each as often as it has tokens."""
    votes = [max(scores) for scores in words for _ in scores]
    return sum(votes) / len(votes)


def last_decides(steps: Steps) -> Steps:
    def change(word: list[Token]) -> list[Token]:
        return [word[0]._replace(scores=word[-1].scores), *word[1:]]

    return with_words(steps, change) if steps.strategy == "first" else steps


def split_at_newlines(steps: Steps) -> Steps | Entries:
    """Lines grouped each by itself."""
    if steps.strategy != "simple" or "\n" not in steps.text or len(steps.windows) != 1:
        return steps
    cut = steps.text.index("\n")
    (window,) = steps.windows
    before = [token for token in window if token.start is not None and token.start < cut]
    lines = (before, list(window[len(before) :]))
    return [entry for line in lines for entry in replace(steps, windows=[line]).entries()]


def never_opens(steps: Steps) -> Steps:
    return replace(steps, labels=with_begins(steps.labels, lambda _: False))


def outside_opens(steps: Steps) -> Steps:
    """Groups in which no two words are O."""
    labels = with_begins(steps.labels, lambda name: name == "O" or name.startswith("B-"))
    return replace(steps, labels=labels) if steps.strategy != "none" else steps


def joins_pieces(steps: Steps) -> Steps:
    """None with words in place of tokens."""

    def change(word: list[Token]) -> list[Token]:
        whole = "".join(token.word.removeprefix("##") for token in word)
        return [word[0]._replace(word=whole, end=word[-1].end)]

    is_one = len(steps.windows) == 1
    return with_words(steps, change) if steps.strategy == "none" and is_one else steps


def doubles_blanks(steps: Steps) -> Steps | Entries:
    if steps.strategy == "none":
        return steps
    return [entry | {"word": entry["word"].replace(" ", "  ")} for entry in steps.entries()]


def names_strategy(steps: Steps) -> bool:
    return not set(steps.parameters) <= {"ignore_labels"}


def forgets_subwords(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name != "ignore_subwords"}


MUTANTS: dict[str, Mutant] = {
    "aggregation.default": Mutant(
        change=remake(
            lambda steps: steps if names_strategy(steps) else replace(steps, strategy="average")
        ),
    ),
    "aggregation.null-is-none": refuses(
        lambda parameters: (
            parameters.get("aggregation_strategy", "") is None and "stride" not in parameters
        )
    ),
    "aggregation.five-names": replace(
        refuses(lambda parameters: strategy_of(parameters) == "max"),
        also={"request.empty-text": "a text without words is tried with each strategy"},
    ),
    "aggregation.any-letter-case": refuses(lambda parameters: strategy_of(parameters) == "SIMPLE"),
    "aggregation.older-pair": Mutant(misread=misread_parameters(forgets_subwords)),
    "aggregation.none-lists-tokens": Mutant(
        change=remake(joins_pieces),
        also={
            "aggregation.simple-joins-runs": "groups of simple cut what none calls a token",
            "aggregation.simple-score": "the mean is one of more tokens than none shows",
        },
    ),
    "aggregation.simple-joins-runs": Mutant(change=remake(split_at_newlines)),
    "aggregation.b-opens-a-group": Mutant(change=remake(never_opens)),
    "aggregation.bare-labels-join": Mutant(change=remake(outside_opens)),
    "aggregation.simple-score": Mutant(
        change=remake(scored(("simple",), highest)),
        also={"aggregation.whole-words-agree": "the others still take the mean"},
    ),
    "aggregation.simple-score/product": Mutant(
        change=remake(scored(("simple",), lambda words: words[0][0] * words[-1][-1])),
        also={"aggregation.whole-words-agree": "the others still take the mean"},
    ),
    "aggregation.words-stay-whole": Mutant(
        change=remake(taken_for(WORDWISE, "simple")),
        also={
            "aggregation.words-vote-once": "simple knows no words and counts tokens",
            "aggregation.average-is-a-mean": "simple knows no words and counts tokens",
        },
    ),
    "aggregation.first-token-decides": Mutant(change=remake(last_decides)),
    "aggregation.best-token-decides": Mutant(change=remake(taken_for(("max",), "first"))),
    "aggregation.average-is-bounded": Mutant(
        change=remake(scored(("average",), lambda words: min(1.0, highest(words) + 0.001))),
        also={"aggregation.whole-words-agree": "the others still take the mean"},
    ),
    "aggregation.average-is-a-mean": Mutant(change=remake(taken_for(("average",), "max"))),
    "aggregation.words-vote-once": Mutant(change=remake(scored(("max",), weighted))),
    "aggregation.whole-words-agree": Mutant(
        change=remake(lambda steps: outside_opens(steps) if steps.strategy == "average" else steps),
    ),
    "aggregation.word-is-joined": Mutant(change=remake(doubles_blanks)),
}
