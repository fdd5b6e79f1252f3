from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutants.aggregation import refuses
from mutants.mutant import Mutant, misread_parameters
from mutants.remade import MODEL, Entries, Steps, remake
from nertwin.mockserver.classifier import tag_windows

Parameters = dict[str, Any]


def is_whole(stride: object) -> bool:
    return type(stride) is int


def taking(is_meant: Callable[[Parameters], bool], change: Parameters) -> Mutant:
    """A server that reads other values in some calls."""
    return Mutant(
        misread=misread_parameters(
            lambda parameters: parameters | change if is_meant(parameters) else parameters
        )
    )


def is_without_strategy(parameters: Parameters) -> bool:
    return "stride" in parameters and not parameters.get("aggregation_strategy")


def reads_on(steps: Steps) -> Steps:
    """Windows that share nothing where one was to be read."""
    if steps.parameters.get("stride") is not None:
        return steps
    return replace(steps, windows=list(tag_windows(MODEL, steps.text, 0, local_indexes=False)))


def reads_on_for_groups(steps: Steps) -> Steps:
    return steps if steps.strategy == "none" else reads_on(steps)


def skips_last(steps: Steps) -> Steps:
    is_meant = is_long(steps) and steps.strategy != "none"
    return replace(steps, windows=steps.windows[:-1]) if is_meant else steps


def skips_later(steps: Steps) -> Steps:
    is_usual = steps.parameters.get("stride") == 128
    return replace(steps, windows=steps.windows[:1]) if is_usual else steps


def is_long(steps: Steps) -> bool:
    return len(steps.windows) > 1


def drops_last(steps: Steps) -> Steps | Entries:
    """Entries less one where a stride was given that a short text has no use for."""
    is_meant = steps.parameters.get("stride") and steps.parameters.get("aggregation_strategy")
    return steps.entries()[:-1] if is_meant and not is_long(steps) else steps


def counts_from_window(steps: Steps) -> Steps | Entries:
    """Windows with offsets of their own, put in order before they are counted from there."""
    if not is_long(steps):
        return steps
    begins = [window[0].start or 0 for window in steps.windows]
    return [
        entry | {name: entry[name] - begins[window] for name in ("start", "end")}
        for entry in steps.entries()
        for window in [sum(begin <= entry["start"] for begin in begins) - 1]
    ]


def keeps_both(steps: Steps) -> Steps | Entries:
    if not is_long(steps):
        return steps
    found = [
        entry for window in steps.windows for entry in replace(steps, windows=[window]).entries()
    ]
    return sorted(found, key=lambda entry: (entry["start"], entry["end"]))


def counts_on(steps: Steps) -> Steps:
    """Tokens counted through the whole text."""
    if not is_long(steps):
        return steps
    stride = steps.parameters["stride"]
    return replace(steps, windows=list(tag_windows(MODEL, steps.text, stride, local_indexes=False)))


def shares_anyway(steps: Steps) -> Steps:
    if not is_long(steps) or steps.parameters.get("stride") != 0:
        return steps
    return replace(steps, windows=list(tag_windows(MODEL, steps.text, 8)))


def takes_true_for_nothing(steps: Steps) -> Steps:
    return (
        replace(steps, windows=steps.windows[:1])
        if steps.parameters.get("stride") is True
        else steps
    )


MUTANTS: dict[str, Mutant] = {
    "long-input.accepted": refuses(lambda parameters: parameters.get("stride") == 128),
    "long-input.cut-without-stride": Mutant(change=remake(reads_on)),
    "long-input.cut-without-stride/joined": Mutant(change=remake(reads_on_for_groups)),
    "long-input.stride-reads-all": Mutant(change=remake(skips_last)),
    "long-input.stride-reads-all/some": Mutant(change=remake(skips_later)),
    "long-input.stride-spares-short-texts": Mutant(change=remake(drops_last)),
    "long-input.stride-offsets": Mutant(
        change=remake(counts_from_window),
        also={
            "long-input.stride-once": "places of later windows are those of the first one's",
            "long-input.stride-reads-all": "nothing is said to be at the end of the text",
            "long-input.stride-without-strategy": "nothing is said to be at the end of the text",
            "span.text-order": "later windows begin again",
            "span.no-overlap": "places of later windows are those of the first one's",
            "span.slice-is-word": "words are not where they are said to be",
        },
    ),
    "long-input.stride-once": Mutant(
        change=remake(keeps_both),
        also={"span.no-overlap": "what is told twice overlaps with itself"},
    ),
    "long-input.index-is-local": Mutant(change=remake(counts_on)),
    "long-input.stride-zero": refuses(
        lambda parameters: is_whole(parameters.get("stride")) and parameters["stride"] == 0
    ),
    "long-input.stride-zero/shared": Mutant(change=remake(shares_anyway)),
    "long-input.stride-truth-values": Mutant(change=remake(takes_true_for_nothing)),
    "long-input.stride-whole-numbers": taking(
        lambda parameters: isinstance(parameters.get("stride"), float), {"stride": 5}
    ),
    "long-input.stride-too-long": taking(
        lambda parameters: is_whole(parameters.get("stride")) and parameters["stride"] >= 512,
        {"stride": 5},
    ),
    "long-input.stride-fills-window": taking(
        lambda parameters: parameters.get("stride") in (510, 511), {"stride": 5}
    ),
    "long-input.stride-with-none": taking(
        lambda parameters: parameters.get("aggregation_strategy") == "none", {"stride": None}
    ),
    "long-input.stride-without-strategy": refuses(is_without_strategy),
}
