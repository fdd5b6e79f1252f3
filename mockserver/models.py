"""Models: the registry of what the stand-in serves, and each model made ready to tag."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from hashlib import sha1
from pathlib import Path
from typing import Literal, TypeAlias

from .errors import NertwinError, did_you_mean, mask_tokens, quote
from .extras import ExtraRules
from .labels import LabelTable
from .life import BadLife, Life
from .markup import MarkedText, parse_markup
from .rules import RulePack, load_pack
from .scores import pinned_row
from .tables import read_table
from .tokenizer import Tokenizer, TokenizerKind
from .windows import SPECIAL_TOKENS

Scheme: TypeAlias = Literal["iob1", "iob2"]

MODEL_ID = re.compile(r"(?!\.+(?:/|\Z))[\w.-]{1,96}(?:/(?!\.+\Z)[\w.-]{1,96})?\Z", re.ASCII)
_BUILT_IN = Path(__file__).parent / "models.toml"
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_BUILT_IN = Path(__file__).with_name("models.toml")


class UnknownModel(NertwinError):
    """No model of that id is served."""

    def __init__(self, model_id: str, served: Iterable[str]) -> None:
        names = list(served)
        remedy = (
            f"Add it with --model {mask_tokens(model_id)}=PACK or serve any id with --any-model."
            if MODEL_ID.match(model_id)
            else "That is no model id; write NAME or ORG/NAME."
        )
        super().__init__(
            f"no model {quote(model_id)} is served here; there {_listed(names)}."
            f"{did_you_mean(model_id, names)} {remedy}"
        )
        self.model_id = model_id


def _listed(names: list[str]) -> str:
    return f"are {', '.join(names)}" if names else "is none"


class BadModel(NertwinError):
    """A model's description contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What is known of a model before it is made ready."""

    id: str  #: One segment or two, ``dslim/bert-base-NER``.
    pack: str = "conll"  #: A built-in rule pack or the path of a ``.toml`` file.
    labels: tuple[str, ...] = ()  #: The label table in id order; empty for the pack's own.
    scheme: Scheme = "iob2"  #: ``iob1`` writes ``B-`` only between neighbours of one type.
    tokenizer: TokenizerKind = "wordpiece"  #: How words are cut into pieces.
    lowercase: bool = False  #: Lower-case answered words and strip their accents.
    max_length: int = 512  #: Tokens in the longest window, special ones counted.
    sha: str = ""  #: The repository's commit (``x-sha``); empty derives one from the id.
    library_name: str = "transformers"  #: As look-ups tell it.
    tags: tuple[str, ...] = ()  #: As look-ups tell them.
    downloads: int = 0  #: As look-ups tell them.
    likes: int = 0  #: As look-ups tell them.
    pins: tuple[str, ...] = ()  #: Marked-up texts with a fixed answer.
    life: Life = field(default_factory=Life)  #: How it starts and warms up in a session.

    def __post_init__(self) -> None:
        if not MODEL_ID.match(self.id):
            raise BadModel(
                f"{quote(self.id)} is no model id; write NAME or ORG/NAME,"
                " with letters, digits, '-', '_' and '.'"
            )
        if self.sha and not _COMMIT.match(self.sha):
            raise BadModel(
                f"model {self.id!r}: sha is {quote(self.sha)}; it must be a commit of forty"
                " hexadecimal digits, or empty"
            )
        if self.max_length <= SPECIAL_TOKENS:
            raise BadModel(
                f"model {self.id!r}: max_length is {self.max_length}; it counts the"
                f" {SPECIAL_TOKENS} special tokens, so it must be above {SPECIAL_TOKENS}"
            )

    @property
    def commit(self) -> str:
        """Forty hexadecimal digits, the recorded ones where they are known."""
        return self.sha or _commit_of(self.id)


@lru_cache(maxsize=256)
def _commit_of(model_id: str) -> str:
    return sha1(model_id.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Model:
    """A model ready to tag: its card, rules, label table, tokenizer and pinned answers."""

    card: ModelCard
    pack: RulePack
    labels: LabelTable
    tokenizer: Tokenizer
    pins: Mapping[str, MarkedText]
    extra: ExtraRules | None = None  #: Rules of an author beside the pack's.
    _tags: dict[str, tuple[int, int]] = field(default_factory=dict)

    def tags(self, label: str) -> tuple[int, int]:
        """The label ids that begin and continue an entity of type ``label``."""
        if label not in self._tags:
            self._tags[label] = _find_tags(self.labels.names, label)
        return self._tags[label]

    @property
    def outside(self) -> int:
        """The id of the label of a token that is no part of an entity."""
        return self.labels.names.index("O") if "O" in self.labels.names else 0


def make_model(card: ModelCard) -> Model:
    """The model that ``card`` describes.

    Raises:
        UnknownPack, BadPack, BadMarkup: From the rule pack or a pin.
        BadModel: The rules or pins use an entity type that the label table lacks.
    """
    pack = load_pack(card.pack)
    labels = LabelTable(card.labels or pack.labels)
    pins = [parse_markup(pin) for pin in card.pins]
    tokenizer = Tokenizer(kind=card.tokenizer, lowercase=card.lowercase, max_length=card.max_length)
    model = Model(card, pack, labels, tokenizer, {pin.text: pin for pin in pins})
    _check_labels(model)
    for pin in pins:
        for mark in pin.marks:
            begin, _ = model.tags(mark.label)
            if mark.score is not None:
                _check_pin(len(labels), begin, mark.score)
    return model


def _check_labels(model: Model) -> None:
    """Refuse a label table that lacks what the rules may claim, or a label for all the rest."""
    if "O" not in model.labels.names and model.pack.tags is None:
        raise BadModel(
            f"the label table has no 'O' for words outside entities; it has"
            f" {', '.join(model.labels.names)}. Add 'O' to `labels`."
        )
    for label in sorted(set(LabelTable(model.pack.labels).rests) - {"O"}):
        model.tags(label)


def _check_pin(labels: int, label: int, score: float) -> None:
    try:
        pinned_row(labels, label, score)
    except ValueError as error:
        raise BadModel(f"a pin can't be kept: {error}; give it a higher score") from error


def _find_tags(names: tuple[str, ...], label: str) -> tuple[int, int]:
    def first_of(*spellings: str) -> int | None:
        return next((names.index(name) for name in spellings if name in names), None)

    begin = first_of(f"B-{label}", f"I-{label}", label)
    inside = first_of(f"I-{label}", label, f"B-{label}")
    if begin is None or inside is None:
        raise BadModel(
            f"the label table has no {label!r}; it has {', '.join(names)}."
            " Add it to `labels`, or use rules that fit the table."
        )
    return begin, inside


class ModelRegistry:
    """The served models by id. Cards are there at once, models are made when first asked for."""

    def __init__(self, cards: Iterable[ModelCard], *, any_model: bool = False) -> None:
        self._cards = {card.id: card for card in cards}
        self._models: dict[str, Model] = {}
        self._any_model = any_model

    def __iter__(self) -> Iterator[ModelCard]:
        return iter(self._cards.values())

    def card(self, model_id: str) -> ModelCard:
        """The card of a served model.

        Raises:
            UnknownModel: There is none, and not any well-formed id is served.
        """
        found = self._cards.get(model_id)
        if found is not None:
            return found
        if self._any_model and MODEL_ID.match(model_id):
            return ModelCard(id=model_id)
        raise UnknownModel(model_id, self._cards)

    def model(self, model_id: str) -> Model:
        """The model of that id, made ready on first use.

        Raises:
            UnknownModel: As for :meth:`card`.
        """
        found = self._models.get(model_id)
        if found is not None:
            return found
        card = self.card(model_id)
        if model_id not in self._cards:
            # Any id shares one model, so that a million ids cost no more than one.
            return replace(_any_model(), card=card)
        self._models[model_id] = make_model(card)
        return self._models[model_id]


@cache
def _any_model() -> Model:
    return make_model(ModelCard(id="any/model"))


@cache
def built_in_cards() -> tuple[ModelCard, ...]:
    """The models that are served without being asked for: those the API's page recommends."""
    document = tomllib.loads(_BUILT_IN.read_text(encoding="utf-8"))
    return tuple(read_card(model_id, card) for model_id, card in document.items())


def read_card(model_id: str, table: Mapping[str, object]) -> ModelCard:
    """A card from its TOML table, ``[models."org/name"]``.

    Raises:
        BadTable: A key is unknown or a value has the wrong type.
        BadModel: The id or a value can't be.
    """
    if "id" in table:
        raise BadModel(f'models."{model_id}" has a key id; the table\'s name is the id. Remove it.')
    where = f'models."{model_id}"'
    try:
        return read_table(ModelCard, {**table, "id": model_id}, where=where)
    except BadLife as error:
        raise BadModel(f"{where}: life: {error}") from error
