from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.contract_tests.strategies import answers, texts
from nertwin.schemas import validator

ANSWER = validator("answer")
STRATEGIES = ("none", "max")

answered = texts().flatmap(lambda text: st.tuples(st.just(text), answers(text)))


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(drawn=st.data())
def test_every_answer_validates(strategy: str, drawn: st.DataObject) -> None:
    text = drawn.draw(texts())

    assert ANSWER.is_valid(drawn.draw(answers(text, strategy=strategy)))


@given(st.lists(texts(), min_size=1, max_size=3), st.data())
def test_a_batch_gets_a_list_for_each_text(batch: list[str], drawn: st.DataObject) -> None:
    answer = drawn.draw(answers(batch))

    assert ANSWER.is_valid(answer)
    assert len(answer) == len(batch)


@given(answered)
def test_every_entry_stands_on_its_word(drawn: tuple[str, list[dict[str, Any]]]) -> None:
    text, answer = drawn

    assert all(text[entry["start"] : entry["end"]] == entry["word"] != "" for entry in answer)


@given(answered)
def test_entries_come_in_order_and_apart(drawn: tuple[str, list[dict[str, Any]]]) -> None:
    _, answer = drawn

    assert all(before["end"] <= after["start"] for before, after in pairwise(answer))


@given(answers("Ada Lovelace in London", strategy="none"))
def test_tokens_of_none_have_labels_with_prefixes(answer: list[dict[str, Any]]) -> None:
    assert all(entry["entity"][:2] in ("B-", "I-") for entry in answer)
