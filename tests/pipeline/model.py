"""A tiny token-classification model, trained on the spot from a few sentences."""

from __future__ import annotations

import random
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BertConfig,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

LABELS = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
_WINDOW = 512
_STEPS = 150
_SENTENCES = 16
_WORDS = 300

_NAMES: dict[str, tuple[str, ...]] = {
    "PER": (
        "Angela Merkel", "Tim Cook", "Sarah Jessica Parker", "Bill Gates", "Emma Watson",
        "Bob Dylan", "Barack Obama", "Wolfgang Schmidhuber-Kowalczyk", "Ada",
    ),
    "LOC": (
        "Berlin", "Paris", "New York", "London", "France", "Germany", "Madrid", "Boston",
        "Chicago", "M\u00fcnchen", "Ouagadougou",
    ),
    "ORG": ("Apple", "Air France", "Microsoft", "Siemens", "Deutsche Bank"),
    "MISC": ("English", "Nobel Prize", "European"),
}  # fmt: skip
_PATTERNS = (
    "My name is {PER} and I live in {LOC} .",
    "{PER} met {PER} of {ORG} in {LOC} , took aspirin for a headache , then flew to {LOC}"
    " with {ORG} .",
    "{PER} lives in {LOC} and {LOC} .",
    "{PER} counted 100 ships in {LOC} . {PER} counted 101 ships in {LOC} .",
    "{LOC} is in {LOC} and {LOC} is in {LOC}",
    "Yesterday {PER} left {LOC} for {LOC} .",
    "{PER} , antidisestablishmentarian , visited {LOC} ; {PER} {PER} {LOC} {LOC} .",
    "{PER} of {ORG} won the {MISC} and speaks {MISC} .",
    "and then nothing more was said about it ; the weather was fine .",
    "{PER} met {PER} in {LOC} and paid 7708150900 dollars .",
)


def train(*, seed: int = 0) -> Any:
    """The pipeline of a tiny BERT, cased, that knows a few names."""
    torch.manual_seed(seed)
    chance = random.Random(seed)  # noqa: S311  # Sentences, no secrets.
    torch.set_num_threads(1)
    tokenizer = _train_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=_WINDOW,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )
    model = BertForTokenClassification(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(_STEPS):
        batch = _encode(tokenizer, [_draw_sentence(chance) for _ in range(_SENTENCES)])
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
    model.eval()
    return pipeline("token-classification", model=model, tokenizer=tokenizer, device=-1)


def _train_tokenizer() -> Any:
    """A cased WordPiece, as BERT's, with so few words that it cuts the rare ones."""
    special = {"unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "pad": "[PAD]", "mask": "[MASK]"}
    core = Tokenizer(models.WordPiece(unk_token=special["unk"]))
    core.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=_WORDS, special_tokens=[*special.values()], show_progress=False
    )
    chance = random.Random(0)  # noqa: S311
    drawn = (_draw_sentence(chance) for _ in range(400))
    core.train_from_iterator([" ".join(word for word, _ in words) for words in drawn], trainer)
    ends = {token: core.token_to_id(token) for token in (special["cls"], special["sep"])}
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=list(ends.items())
    )
    names = {f"{name}_token": token for name, token in special.items()}
    return PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=_WINDOW, **names)


def _draw_sentence(chance: random.Random) -> list[tuple[str, str]]:
    """Words with their labels."""
    found: list[tuple[str, str]] = []
    for word in chance.choice(_PATTERNS).split():
        kind = word[1:-1] if word.startswith("{") else ""
        names = chance.choice(_NAMES[kind]).split() if kind else [word]
        for place, each in enumerate(names):
            found.append((each, f"{'I' if place else 'B'}-{kind}" if kind else "O"))
    return found


def _encode(tokenizer: Any, sentences: list[list[tuple[str, str]]]) -> dict[str, Any]:
    """The model's inputs, with a label for every token: within a word I- follows B-."""
    encoded = tokenizer(
        [[word for word, _ in words] for words in sentences],
        is_split_into_words=True,
        padding=True,
        return_tensors="pt",
    )
    rows = []
    for row, words in enumerate(sentences):
        places = encoded.word_ids(row)
        labels = [-100 if place is None else LABELS.index(words[place][1]) for place in places]
        for at in range(1, len(labels)):
            is_inside = places[at] is not None and places[at] == places[at - 1]
            if is_inside and LABELS[labels[at]].startswith("B-"):
                labels[at] += 1
        rows.append(labels)
    return {**encoded, "labels": torch.tensor(rows)}
