"""Label tables: what a model's label ids are called, and how their groups are."""

from __future__ import annotations


class LabelTable:
    """A model's ``id2label`` with what grouping needs of each label, by id.

    Only a leading ``B-`` or ``I-`` in upper case is a prefix; any other label counts as an
    inside one. A group is called by what follows its first label's *first* hyphen, which is
    not always what it was compared by: ``LOC-CITY`` groups as ``LOC-CITY`` and is called ``CITY``.
    """

    __slots__ = ("begins", "groups", "names", "rests")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        #: Whether the label opens a group by itself.
        self.begins = tuple(name.startswith("B-") for name in names)
        #: What neighbours are compared by.
        self.rests = tuple(_rest(name) for name in names)
        #: What a group is called that it opens.
        self.groups = tuple(_group(name) for name in names)

    def __len__(self) -> int:
        return len(self.names)


def _rest(name: str) -> str:
    return name[2:] if name.startswith(("B-", "I-")) else name


def _group(name: str) -> str:
    _, hyphen, rest = name.partition("-")
    return rest if hyphen else name
