"""Tagging: how fast texts are tagged, and that no text makes the time grow faster than itself."""

from __future__ import annotations

import random
import tempfile
import time
from itertools import count, islice
from pathlib import Path

from nertwin.mockserver import ModelCard
from nertwin.mockserver.classifier import classify
from nertwin.mockserver.models import Model, make_model
from nertwin.mockserver.payload import Parameters

from .samples import Samples, collect, print_table

_STRIDE = Parameters(stride=32)
_SENTENCES = (
    "The president of the United States, Barack Obama, visited Paris on Monday. ",
    "Shares of Acme Corp. rose 3 percent, analysts at Goldman Sachs said in New York. ",
    "It was a quiet day in the village, and nobody had expected the rain that came down. ",
    "We have never seen anything like it, said Maria Gonzalez, who has lived there for years. ",
    "The old stone houses near the river were built when the mill was still running. ",
)
_WORST = {
    "one long word": "a",
    "all capitals": "LONDON ACME OBAMA AND ",
    "all punctuation": ".,!?-'\"()&",
    "all entities": "Barack Obama Paris Acme Corp. ",
    "initials": "J. R. R. van ",
    "deep Unicode": "e\u0301\u0323\U0001f468\u200d\U0001f469 \u6771\u4eac\u202e \ud7a3\u0f3a ",
    "blanks": " \n\t",
}
_TERMS = (1_000, 100_000)


def run(*, rounds: int, seconds: float, size: int = 1_000_000) -> dict[str, object]:
    """Measure all texts in turns, print it and give it as JSON."""
    del seconds
    conll = make_model(ModelCard(id="benchmarks/conll"))
    prose = _prose(size)
    texts = {"prose": prose, **{name: _repeat(part, size) for name, part in _WORST.items()}}
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        listed = {terms: _model_of_terms(Path(folder), terms) for terms in _TERMS}
        for _ in range(rounds):
            figures = {name: _speed(conll, text) for name, text in texts.items()}
            figures |= {
                f"half of: {name}": _speed(conll, texts[name][: size // 2]) for name in texts
            }
            figures |= {f"{terms:,} terms": _speed(model, prose) for terms, model in listed.items()}
            measured.append(figures)
    figures_of_all = collect(measured)
    _tell(figures_of_all, list(texts))
    return {name: samples.to_json() for name, samples in figures_of_all.items()}


def _tell(figures: dict[str, Samples], texts: list[str]) -> None:
    rows = [
        (name, str(figures[name]), f"{figures[f'half of: {name}'].ratio(figures[name]):.2f}")
        for name in texts
    ]
    few, many = (f"{terms:,} terms" for terms in _TERMS)
    rows += [(few, str(figures[few]), ""), (many, str(figures[many]), "")]
    columns = ("", "MB/s", "half's speed to whole's; 2 is quadratic")
    print_table("Tagging with stride, processor time", columns, rows)
    ratio = figures[few].ratio(figures[many])
    print(f"{many} take {ratio:.2f} times as long as {few}")


def _speed(model: Model, text: str) -> float:
    """Characters in a microsecond of computing; of prose that is MB a second."""
    began = time.process_time()
    classify(model, text, _STRIDE, default_strategy="simple")
    return len(text) / (time.process_time() - began) / 1e6


def _prose(size: int) -> str:
    chosen = random.Random(1)  # noqa: S311  # The same text in every run.
    return "".join(chosen.choice(_SENTENCES) for _ in range(size // 60))[:size]


def _repeat(part: str, size: int) -> str:
    return (part * (size // len(part) + 1))[:size]


def _model_of_terms(folder: Path, terms: int) -> Model:
    """A model with so many terms of one to three words, some of which stand in the prose."""
    words = sorted({word.strip(".,") for sentence in _SENTENCES for word in sentence.split()})
    made = (f"{words[number % len(words)]} Term{number} Place" for number in count())
    path = folder / f"terms{terms}.toml"
    listed = "\n".join(f'  "{term}",' for term in [*words[:20], *islice(made, terms - 20)])
    path.write_text(
        'name = "terms"\nlabels = ["O", "B-LOC", "I-LOC"]\n'
        f'[[gazetteer]]\nid = "all"\nlabel = "LOC"\nterms = [\n{listed}\n]\n',
        encoding="utf-8",
    )
    return make_model(ModelCard(id=f"benchmarks/terms{terms}", pack=str(path)))
