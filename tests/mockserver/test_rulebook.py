import re
import time
from typing import Any

import orjson
import pytest

from nertwin.mockserver import Settings
from nertwin.mockserver.app import create_endpoint
from nertwin.mockserver.authoring import BadRule, Rule
from nertwin.mockserver.models import UnknownModel
from nertwin.mockserver.rulebook import (
    MOST_CHARACTERS,
    MOST_RULES,
    Rulebook,
    TooManyRules,
    UnknownRule,
)

ENDPOINT = create_endpoint(Settings(any_model=True))
NER = "dslim/bert-base-NER"
POS = "vblagoje/bert-english-uncased-finetuned-pos"


def answer(book: Rulebook, text: str, model: str = NER) -> list[tuple[str, str]]:
    reply = ENDPOINT.answer(
        book.dress(ENDPOINT.models.model(model)), orjson.dumps({"inputs": text})
    )
    entities: list[dict[str, Any]] = orjson.loads(reply.body)
    return [(text[each["start"] : each["end"]], each["entity_group"]) for each in entities]


def a_gazetteer(*terms: str, label: str = "MISC", **fields: Any) -> Rule:
    return Rule(terms=terms, label=label, **fields)


def test_model_without_rules_stays_the_very_same() -> None:
    model = ENDPOINT.models.model(NER)

    assert Rulebook().dress(model) is model


def test_model_is_dressed_once_until_the_rules_change() -> None:
    book, model = Rulebook([a_gazetteer("Berlin")]), ENDPOINT.models.model(NER)
    dressed = book.dress(model)

    assert book.dress(model) is dressed
    book.add(a_gazetteer("Paris"))
    assert book.dress(model) is not dressed


def test_any_model_is_dressed_once_though_it_is_new_in_each_call() -> None:
    book = Rulebook([a_gazetteer("Berlin")])

    assert book.dress(ENDPOINT.models.model("a/b")) is book.dress(ENDPOINT.models.model("a/b"))


def test_authors_rule_wins_over_the_packs() -> None:
    book = Rulebook([a_gazetteer("Berlin")])

    assert answer(book, "flights to Berlin") == [("Berlin", "MISC")]


def test_rule_of_a_low_priority_loses_to_the_packs() -> None:
    book = Rulebook([a_gazetteer("Berlin", priority=1)])

    assert answer(book, "flights to Berlin") == [("Berlin", "LOC")]


def test_equal_rules_are_won_by_the_authors() -> None:
    pack = ENDPOINT.models.model(NER).pack
    cities = next(each for each in pack.claims if each.rule == "gazetteer.cities")
    book = Rulebook([a_gazetteer("Berlin", priority=cities.priority)])

    assert answer(book, "flights to Berlin") == [("Berlin", "MISC")]


def test_longer_stretch_wins_among_rules_of_one_priority() -> None:
    book = Rulebook([a_gazetteer("to Berlin", label="ORG"), a_gazetteer("Berlin")])

    assert answer(book, "flights to Berlin") == [("to Berlin", "ORG")]


@pytest.mark.parametrize("case", ["exact", "ignore"])
def test_latest_of_equal_rules_wins(case: str) -> None:
    book = Rulebook([a_gazetteer("Berlin", case=case), a_gazetteer("Berlin", label="ORG")])

    assert answer(book, "flights to Berlin") == [("Berlin", "ORG")]


def test_regular_expression_finds_the_words_it_touches() -> None:
    book = Rulebook([Rule(regex=r"ticket (\w+)", group=1, label="MISC", case="ignore")])

    assert answer(book, "see Ticket abc12") == [("abc12", "MISC")]


def test_rule_of_nothing_hides_what_the_pack_finds() -> None:
    assert answer(Rulebook([a_gazetteer("Berlin", label="O")]), "flights to Berlin") == []


def test_terms_are_compared_with_a_headline_as_it_stands() -> None:
    book = Rulebook([a_gazetteer("ROCKET")])

    assert ("ROCKET", "MISC") in answer(book, "NASA LAUNCHES NEW ROCKET TODAY")


def test_said_text_is_answered_as_said() -> None:
    book = Rulebook([Rule(say="[flights](ORG) to Berlin")])

    assert answer(book, "flights to Berlin") == [("flights", "ORG")]


def test_later_answer_to_a_text_replaces_the_earlier() -> None:
    book = Rulebook([Rule(say="to [Berlin](ORG)")])
    book.add(Rule(say="to [Berlin](PER)"))

    assert [rule.say for _, rule in book] == ["to [Berlin](PER)"]
    assert answer(book, "to Berlin") == [("Berlin", "PER")]


def test_rule_for_one_model_leaves_the_others_alone() -> None:
    book = Rulebook(
        [a_gazetteer("Berlin", model="dbmdz/bert-large-cased-finetuned-conll03-english")]
    )

    assert answer(book, "flights to Berlin") == [("Berlin", "LOC")]


def test_rule_for_every_model_leaves_those_alone_that_lack_its_label() -> None:
    book = Rulebook([a_gazetteer("house", label="ORG"), Rule(say="[house](ORG)")])

    assert answer(book, "house", POS) == [("house", "NOUN")]
    assert answer(book, "house") == [("house", "ORG")]


def test_rule_chooses_the_tag_of_a_word() -> None:
    assert answer(Rulebook([a_gazetteer("house", label="X")]), "house", POS) == [("house", "X")]


def test_removed_rule_is_asked_no_more() -> None:
    book = Rulebook()
    rule = a_gazetteer("Berlin")
    rule_id = book.add(rule)

    assert book.remove(rule_id) == rule
    assert answer(book, "flights to Berlin") == [("Berlin", "LOC")]
    with pytest.raises(UnknownRule, match=f"there is no rule {rule_id}"):
        book.remove(rule_id)


def test_ids_are_never_used_again() -> None:
    book = Rulebook([a_gazetteer("a")])
    removed = book.add(a_gazetteer("b"))
    book.remove(removed)

    assert book.add(a_gazetteer("c")) == removed + 1


def test_cleared_book_has_no_rules_and_a_reset_one_its_first() -> None:
    book = Rulebook([a_gazetteer("a")])
    book.add(a_gazetteer("b"))
    book.clear()

    assert len(book) == 0
    book.reset()
    assert [rule.terms for _, rule in book] == [("a",)]


def test_copy_begins_as_the_book_began_and_changes_alone() -> None:
    book = Rulebook([a_gazetteer("a")])
    book.add(a_gazetteer("b"))
    copy = book.copy()
    copy.add(a_gazetteer("c"))

    assert [rule.terms for _, rule in copy] == [("a",), ("c",)]
    assert [rule.terms for _, rule in book] == [("a",), ("b",)]


def test_copies_share_the_models_they_dress() -> None:
    book, model = Rulebook([a_gazetteer("a")]), ENDPOINT.models.model(NER)

    assert book.copy().dress(model) is book.copy().dress(model)


def test_dressed_models_are_bounded_in_number() -> None:
    book = Rulebook([a_gazetteer("a")])
    first = book.dress(ENDPOINT.models.model("any/0"))
    dressed = [book.dress(ENDPOINT.models.model(f"any/{number}")) for number in range(1, 65)]

    assert book.dress(ENDPOINT.models.model("any/64")) is dressed[-1]
    assert book.dress(ENDPOINT.models.model("any/0")) is not first


def test_rules_are_bounded_in_number() -> None:
    book = Rulebook(a_gazetteer(f"a{number}") for number in range(MOST_RULES))

    with pytest.raises(TooManyRules, match="1001 rules"):
        book.add(a_gazetteer("b"))


def test_rules_are_bounded_in_size() -> None:
    book = Rulebook([Rule(say="a" * MOST_CHARACTERS)])

    with pytest.raises(TooManyRules, match="put long lists of terms into a rule pack"):
        book.add(a_gazetteer("b"))


def test_adding_to_many_rules_takes_no_time_to_speak_of() -> None:
    book = Rulebook(a_gazetteer(f"a{number}") for number in range(500))
    model = ENDPOINT.models.model(NER)

    begin = time.process_time()
    for number in range(20):
        book.add(a_gazetteer(f"b{number}"))
        book.dress(model)
    seconds = (time.process_time() - begin) / 20

    assert seconds < 0.05  # About 1 ms; reading the pack again would take 150.


def test_server_refuses_to_start_with_a_rule_for_no_model() -> None:
    with pytest.raises(UnknownModel):
        create_endpoint(Settings(rules=(a_gazetteer("a", model="a/b"),)))


def test_server_refuses_to_start_with_a_label_that_no_model_has() -> None:
    settings = Settings(rules=(a_gazetteer("a", label="PERSN"),))

    with pytest.raises(BadRule, match=re.escape("dslim/bert-base-NER has no 'PERSN'")):
        create_endpoint(settings)


def test_rule_for_every_model_need_not_fit_the_first_one() -> None:
    assert create_endpoint(Settings(rules=(a_gazetteer("a", label="NOUN"),)))


def test_badly_written_expression_is_answered_in_time() -> None:
    book = Rulebook([Rule(regex="a(?:.*b)?", label="MISC")])

    # Without a bound, a search to the text's end from each letter takes seconds.
    assert answer(book, "a" * 60_000) == [("a" * 60_000, "MISC")]


def test_recorded_book_is_restored_with_its_ids() -> None:
    settings = [Rule(say="[Ada](PER)")]
    book, copy = Rulebook(settings), Rulebook(settings)
    book.add(Rule(terms=("Bob",), label="PER"))
    book.remove(1)

    copy.restore(*book.record())

    assert list(copy) == list(book)
    assert copy.add(Rule(say="[Eve](PER)")) == book.add(Rule(say="[Eve](PER)"))


def test_book_as_it_began_is_recorded_without_its_rules() -> None:
    book = Rulebook([Rule(say="[Ada](PER)")])
    book.clear()
    book.reset()

    next_id, rules = book.record()
    book.restore(next_id, rules)

    assert (next_id, rules) == (2, None)
    assert len(book) == 1
