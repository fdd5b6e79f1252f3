"""Rule packs: what a model finds, written as data.

A pack is a TOML file. The smallest useful one:

.. code-block:: toml

    labels = ["O", "B-PRODUCT", "I-PRODUCT"]

    [[gazetteer]]
    id = "products"
    label = "PRODUCT"
    terms = ["Road Runner", "Jet Skates"]

At the top stand ``labels`` (the label table in the order of its ids; a table without "O"
labels every word, see ``[tags]``), and if you like ``name`` (else the file's), ``description``
and ``headlines = true`` (sentences in capitals are read as if written normally).

Every rule has an ``id``, a ``label`` (an entity type of the table without B- and I-, or "O" for
"no entity here"), and if you like a ``priority`` (0 to 1000, else 50) and a ``score`` (the base
confidence, between 0 and 1). Where two rules claim a word, **the higher priority wins, then the
longer stretch, then the leftmost, then a sequence before a pattern before a repeat before a
gazetteer, then the rule that stands first in the file**.

``[[gazetteer]]``
    ``terms = ["…"]`` and/or ``file = "terms.txt"`` (one a line, ``#`` opens a comment), and
    ``case = "exact"`` (default) or ``"ignore"``. A term may have several words, and
    ``phrase_priority`` is the priority of those that have.
``[[pattern]]``
    ``regex = '…'`` in RE2's syntax over the text itself; the words it touches are the entity.
    ``group = 1`` takes a group instead of the whole, ``case = "ignore"``, and
    ``valid = "luhn"``, ``"iban"`` or ``"ip-address"`` counts what expressions can't.
``[[sequence]]``
    ``match = "title '.'? <capital+>"``: neighbouring words by their lists and shapes.
    ``sequences`` tells the syntax. Lists stand in ``[lists]``: ``title = ["Mr", "Mrs"]`` or
    ``given = {file = "given.txt", case = "ignore"}``; the one-word terms of a gazetteer are a
    list too, called by its id. Shapes: capital, acronym, initial, lower, number, mixed,
    uncased, mark; ``start`` is a sentence's first word, ``any`` every word. ``[shorthands]``
    names parts of sequences. Two lists mean something beside: after an ``abbreviation`` a full
    stop ends no sentence, and ``common`` words stay in lower case when a headline is read.
``[[repeat]]``
    Single words of a longer entity with this label, found elsewhere in the text. It reads the
    entities of its own priority and above.
``[tags]``
    For packs that label every word, see ``tags``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from .errors import NertwinError, did_you_mean, quote
from .packfile import BadPack, read_table
from .packreader import PackReader
from .preparedpack import read_prepared
from .rulepack import RulePack

__all__ = ["BUILT_IN_PACKS", "BadPack", "RulePack", "UnknownPack", "load_pack"]

BUILT_IN_PACKS = ("conll", "medical", "pii", "pos")

_PACKS = Path(__file__).parent / "packs"
_REMEMBERED_PACKS = 64


class UnknownPack(NertwinError, ValueError):
    """A name that no rule pack has."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no rule pack {quote(name)}.{did_you_mean(name, BUILT_IN_PACKS)} "
            f"There are {', '.join(BUILT_IN_PACKS)}; a path must end in .toml."
        )
        self.name = name


def load_pack(name_or_path: str) -> RulePack:
    """The built-in pack of that name, or the pack in the file when the name ends in ``.toml``.

    A pack is read once. Raises UnknownPack and BadPack.
    """
    if name_or_path.endswith(".toml"):
        return _load(Path(name_or_path).absolute())
    if name_or_path not in BUILT_IN_PACKS:
        raise UnknownPack(name_or_path)
    return _load(_PACKS / f"{name_or_path}.toml")


@lru_cache(maxsize=_REMEMBERED_PACKS)
def _load(path: Path) -> RulePack:
    if path.parent == _PACKS and path.stem in BUILT_IN_PACKS:
        return read_prepared(path)
    return PackReader(read_table(path), path.stem).read()
