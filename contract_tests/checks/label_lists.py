"""Label lists: calls whose ``ignore_labels`` come from what the model has shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from .answers import MIXED, entries
from .check import Plan, plan

KINDS = ("simple", "none")
NO_LABEL = "NO-SUCH-LABEL"  #: Of no model.
#: Makes a list of labels from one that the model knows and all that it has shown.
MakeList: TypeAlias = "Callable[[str, Collection[str | None]], JSON]"


def call_ignoring(endpoint: Endpoint, kind: str, ignore_labels: JSON) -> Request:
    """A text with entities of many labels, some of them to be left out."""
    return endpoint.classify(MIXED, strategy=kind, ignore_labels=ignore_labels)


def first_label(exchange: Exchange) -> str | None:
    """The first label of an answer that is not O, if there is one."""
    labels = (entry.label for entry in entries(exchange))
    return next((label for label in labels if label not in (None, "O")), None)


def after_label(endpoint: Endpoint, kind: str, before: JSON, *lists: MakeList) -> Plan:
    """A call with the list ``before``, then calls with lists made from a label of its answer."""
    steps = (_Listed(endpoint, kind, make) for make in lists)
    return plan(call_ignoring(endpoint, kind, before), *steps)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A step that calls with a list made from the labels of the plan's first answer."""

    endpoint: Endpoint
    kind: str
    make: MakeList

    def __call__(self, exchanges: tuple[Exchange, ...]) -> Request | None:
        label = first_label(exchanges[0])
        if label is None:
            return None
        known = {entry.label for entry in entries(exchanges[0])}
        return call_ignoring(self.endpoint, self.kind, self.make(label, known))


def only(label: str, _: Collection[str | None]) -> list[JSON]:
    """That label and no other."""
    return [label]


def and_outside(label: str, _: Collection[str | None]) -> list[JSON]:
    """That label beside the default."""
    return ["O", label]
