from typing import Any
from unicodedata import category

from hypothesis import example, given
from hypothesis import strategies as st

from nertwin.mockserver import ModelCard
from nertwin.mockserver.authoring import Rule
from nertwin.mockserver.explain import explain
from nertwin.mockserver.models import make_model
from nertwin.mockserver.payload import Parameters
from nertwin.mockserver.rendering import Mark, mark_text, render_explanation
from nertwin.mockserver.rulebook import Rulebook


def rendered(text: str, *rules: Rule, most: int = 200, **card: Any) -> list[str]:
    model = Rulebook(rules).dress(make_model(ModelCard(id="acme/ner", **card)))
    explanation = explain(model, text, Parameters(), default_strategy="simple", most=most)
    return render_explanation(explanation).splitlines()


def marked(text: str, *marks: tuple[int, int, str]) -> list[str]:
    return list(mark_text(text, [Mark(*mark) for mark in marks]))


def test_carets_stand_under_what_is_marked() -> None:
    assert marked("Ada met Bob.", (0, 3, "PER"), (8, 11, "PER")) == [
        "  Ada met Bob.",
        "  ^^^     ^^^",
        "  PER     PER",
    ]


def test_carets_are_as_wide_as_the_characters() -> None:
    assert marked("\U0001f600 漢字 e\u0301", (2, 4, "A"), (5, 7, "B")) == [
        "  \U0001f600 漢字 e\u0301",
        "     ^^^^ ^",
        "     A    B",
    ]


def test_marks_that_touch_have_signs_of_their_own() -> None:
    assert marked("AdaBob", (0, 3, "A"), (3, 6, "B"))[1] == "  ^^^~~~"


def test_names_without_room_go_below() -> None:
    assert marked("a b c", (0, 1, "LONG"), (2, 3, "LONG"), (4, 5, "X"))[2:] == [
        "  LONG",
        "    LONG",
        "      X",
    ]


def test_long_text_is_cut_at_blanks() -> None:
    lines = marked("word " * 30)

    assert [line.strip() for line in lines] == ["word " * 18 + "word", "word " * 10 + "word"]


def test_mark_across_two_lines_is_named_once() -> None:
    lines = marked("one\ntwo", (0, 7, "X"))

    assert lines == ["  one", "  ^^^", "  X", "  two", "  ^^^"]


def test_control_characters_are_not_sent_to_the_terminal() -> None:
    assert marked("a\x1b[31m\r\u2028b") == ["  a·[31m··b"]


@given(st.text(max_size=300))
@example("漢" * 200)
@example("\n\n")
@example("0" * 96 + "\u0300")
def test_no_line_is_wider_than_a_terminal(text: str) -> None:
    lines = marked(text, *([(0, len(text), "X")] if text else []))

    # What is set above or below the character before it takes no column.
    widths = [
        len([sign for sign in line if category(sign) not in ("Mn", "Me", "Cf")]) for line in lines
    ]
    assert max(widths) <= 98


def test_text_is_shown_with_its_entities_first() -> None:
    lines = rendered("flights to Berlin")

    assert lines[:5] == [
        "acme/ner · rules of conll · strategy simple",
        "",
        "  flights to Berlin",
        "             ^^^^^^",
        "             LOC 0.9979",
    ]


def test_losers_stand_below_their_winner() -> None:
    lines = rendered("flights to Berlin", Rule(terms=("to Berlin",), label="ORG"))

    place = lines.index("  8–17 [to Berlin](ORG) terms.1, priority 100")
    assert lines[place + 1] == (
        "      11–17 [Berlin](LOC) gazetteer.cities lost: higher priority, 100 > 49"
    )


def test_losers_without_a_shown_winner_name_it() -> None:
    rule = Rule(terms=("b c d",), label="ORG", priority=60)
    lines = rendered("a b c d", rule, Rule(terms=("a b",), label="ORG", priority=50), most=1)

    assert "  0–3 [a b](ORG) terms.2 lost to terms.1: higher priority, 60 > 50" in lines
    assert "  … and 1 more matches" in lines


def test_tokens_bear_their_labels() -> None:
    lines = rendered("to Unbelievableton", Rule(terms=("Unbelievableton",), label="ORG"))

    assert lines[-2] == "6 tokens of 2 words"
    assert lines[-1].startswith("  to Unbel/B-ORG ##iev/I-ORG")


def test_rest_is_counted() -> None:
    lines = rendered("Berlin " * 10, most=2)

    assert "  … and 8 more entities" in lines
    assert lines[-1] == "  … and 8 more tokens"


def test_text_without_matches_says_so() -> None:
    assert "No rule matched." in rendered("nothing at all")


def test_pinned_text_says_so() -> None:
    lines = rendered("Ada", Rule(say="[Ada](ORG)"))

    assert "The text is pinned by say.1, so no other rule was asked." in lines
    assert "No rule matched." not in lines


def test_rule_of_nothing_is_told() -> None:
    lines = rendered("Berlin", Rule(terms=("Berlin",), label="O"))

    assert "  0–6 [Berlin](O) terms.1, priority 100: no entity here" in lines


def test_tokenizer_without_offsets_has_no_carets() -> None:
    assert "^" not in "".join(rendered("flights to Berlin", tokenizer="wordpiece-slow"))


def test_long_stretch_is_cut() -> None:
    lines = rendered("A" * 60, Rule(regex="A+", label="ORG"))

    assert f"  0–60 [{'A' * 39}…](ORG) regex.1, priority 100" in lines
