from typing import Any

import pytest

from nertwin.mockserver import ModelCard
from nertwin.mockserver.authoring import DEFAULT_PRIORITY, BadRule, Rule, check_rule
from nertwin.mockserver.models import make_model
from nertwin.mockserver.rules import BUILT_IN_PACKS, load_pack
from nertwin.mockserver.tables import read_table

MODEL = make_model(ModelCard(id="acme/ner"))


def message_of(**fields: Any) -> str:
    with pytest.raises(BadRule) as caught:
        Rule(**fields)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"say": "[Ada](PER)"}, "say"),
        ({"regex": "a", "label": "PER"}, "regex"),
        ({"terms": ("a",), "label": "PER"}, "terms"),
    ],
)
def test_rule_has_one_kind(fields: Any, kind: str) -> None:
    assert Rule(**fields).kind == kind


@pytest.mark.parametrize("pack", BUILT_IN_PACKS)
def test_authors_priority_is_above_all_of_a_built_in_pack(pack: str) -> None:
    assert max(claim.priority for claim in load_pack(pack).claims) < DEFAULT_PRIORITY


def test_rule_is_read_from_a_table() -> None:
    rule = read_table(Rule, {"terms": ["Road Runner"], "label": "MISC"}, where="rules")

    assert rule == Rule(terms=("Road Runner",), label="MISC")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "finds nothing; give it exactly one of say, regex, terms"),
        ({"say": "a", "regex": "b"}, "has say and regex; give it exactly one"),
        ({"say": "[a](PER"}, "belongs to no mark"),
        ({"say": "[a](PER)", "label": "PER"}, "write labels and scores into the markup"),
        ({"say": "[a](PER)", "priority": 5}, "has priority = 5, which means nothing"),
        ({"terms": ("a",), "label": "PER", "group": 1}, "only a regex has groups"),
        ({"terms": ("a",)}, "it has no label"),
        ({"terms": "Berlin", "label": "LOC"}, "must be a tuple of words and phrases"),
        ({"terms": ("a", " "), "label": "LOC"}, "must be a tuple of words and phrases"),
        ({"terms": ("a " * 25,), "label": "LOC"}, "has 25 words"),
        ({"regex": "(a", "label": "PER"}, "missing ): (a"),
        ({"regex": "(?=a)", "label": "PER"}, "RE2 has no look-around"),
        ({"regex": "(((a{100}){100}){100}", "label": "PER"}, "can't be used"),
        ({"regex": "a", "label": "PER", "group": 1}, "there is no group 1"),
        ({"regex": "a" * 1001, "label": "PER"}, "1000 is the most"),
        ({"regex": "a", "label": "PER", "priority": 1001}, "priority is 1001"),
        ({"regex": "a", "label": "PER", "score": 1}, "must lie between 0 and 1"),
        ({"regex": "a", "label": "PER", "model": "a b"}, "write NAME or ORG/NAME"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rule_that_cannot_be_is_refused(fields: Any, told: str) -> None:
    assert told in message_of(**fields)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule(say="[a](PERS)"), "has no 'PERS'. Did you mean 'PER'? It has O, MISC, PER"),
        (Rule(say="[a](B-PER)"), "has no 'B-PER'"),
        (Rule(say="[a](PER:0.1)"), "a score of 0.1 can't be the largest of the 9"),
        (Rule(regex="a", label="PRODUCT"), "label table of acme/ner has no 'PRODUCT'"),
        (Rule(regex="a", label="PER", score=0.1), "a score of 0.1 can't be the largest"),
    ],
)
def test_rule_that_does_not_fit_the_model_is_refused(rule: Rule, told: str) -> None:
    with pytest.raises(BadRule) as caught:
        check_rule(rule, MODEL)

    assert told in str(caught.value)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(say="nothing is marked"),
        Rule(say="[a](PER:0.4)"),
        Rule(terms=("a",), label="O"),
        Rule(terms=("a",), label="PER", score=0.4),
    ],
)
def test_rule_that_fits_is_taken(rule: Rule) -> None:
    check_rule(rule, MODEL)
