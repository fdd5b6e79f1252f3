"""Pack files: what may stand in them, and what is said about what may not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.mockserver.errors import NertwinError
from nertwin.mockserver.rules import BadPack, RulePack, UnknownPack, load_pack
from nertwin.mockserver.tagger import find_spans
from nertwin.mockserver.words import cut_words

LABELS = 'labels = ["O", "B-PRODUCT", "I-PRODUCT", "B-MAKER", "I-MAKER"]\n'


def a_pack(folder: Path, rules: str, labels: str = LABELS) -> RulePack:
    path = folder / "acme.toml"
    path.write_text(labels + rules, encoding="utf-8")
    return load_pack(str(path))


def a_rule(kind: str, body: str, label: str = "PRODUCT") -> str:
    return f'[[{kind}]]\nid = "it"\nlabel = "{label}"\n{body}\n'


def find(pack: RulePack, text: str) -> list[tuple[str, str]]:
    words = cut_words(text)
    spans = find_spans(text, words, pack)
    return [
        (text[words.starts[span.first] : words.ends[span.last - 1]], span.label) for span in spans
    ]


def test_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(UnknownPack) as raised:
        load_pack("conl")

    assert raised.value.name == "conl"
    assert str(raised.value) == (
        "no rule pack 'conl'. Did you mean 'conll'? "
        "There are conll, medical, pii, pos; a path must end in .toml."
    )


@pytest.mark.parametrize("error", [UnknownPack, BadPack])
def test_pack_errors_are_nertwin_errors_and_value_errors(error: type[Exception]) -> None:
    assert issubclass(error, NertwinError)
    assert issubclass(error, ValueError)


def test_a_pack_is_read_once() -> None:
    assert load_pack("pii") is load_pack("pii")


def test_pack_without_a_name_is_called_as_its_file(tmp_path: Path) -> None:
    assert a_pack(tmp_path, "").name == "acme"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        pytest.param('lable = "x"', "unknown key 'lable'. Did you mean 'labels'?", id="top-key"),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]\nprioritty = 3'),
            "unknown key 'prioritty'. Did you mean 'priority'?",
            id="rule-key",
        ),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]', label="PRODUKT"),
            "label is 'PRODUKT'. Did you mean 'PRODUCT'?",
            id="label-outside-the-table",
        ),
        pytest.param(a_rule("gazetteer", ""), "it lists nothing", id="no-terms"),
        pytest.param(
            a_rule("gazetteer", f'terms = ["{"word " * 25}"]'),
            "has 25 words; a term may have at most 24",
            id="term-too-long",
        ),
        pytest.param(a_rule("gazetteer", "terms = [1]"), "quote each item", id="number-as-term"),
        pytest.param(
            a_rule("gazetteer", 'terms = "x"'), "must be a list of strings", id="terms-not-a-list"
        ),
        pytest.param(
            a_rule("gazetteer", 'file = "missing.txt"'), "can't be read", id="missing-file"
        ),
        pytest.param(
            a_rule("gazetteer", 'file = "../secret.txt"'), "lies outside", id="file-outside"
        ),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]\ncase = "ignored"'),
            "case is 'ignored'. Did you mean 'ignore'?",
            id="case",
        ),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]\nscore = 1.5'), "between 0 and 1", id="score"
        ),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]\npriority = 2000'), "0 to 1000", id="priority"
        ),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]\npriority = true'),
            "must be a whole number",
            id="priority-not-a-number",
        ),
        pytest.param(
            a_rule("gazetteer", 'terms = ["x"]') * 2, "two gazetteers of this id", id="same-id"
        ),
        pytest.param(a_rule("pattern", "regex = '(a'"), "missing )", id="bad-regex"),
        pytest.param(a_rule("pattern", "regex = '(?=a)'"), "no look-around", id="look-ahead"),
        pytest.param(
            a_rule("pattern", "regex = 'a'\ngroup = 1"), "no group 1", id="group-not-there"
        ),
        pytest.param(
            a_rule("pattern", "regex = 'a'\nvalid = 'lune'"),
            "Did you mean 'luhn'?",
            id="unknown-validator",
        ),
        pytest.param(
            a_rule("sequence", 'match = "capitol"'), "Did you mean 'capital'?", id="unknown-list"
        ),
        pytest.param(a_rule("sequence", 'match = "(capital"'), "is never closed", id="open"),
        pytest.param(a_rule("sequence", 'match = "capital)"'), "closes nothing", id="closed"),
        pytest.param(a_rule("sequence", 'match = "+"'), "repeats nothing", id="nothing-repeated"),
        pytest.param(a_rule("sequence", 'match = "| lower"'), "nothing before", id="empty-choice"),
        pytest.param(a_rule("sequence", 'match = "capital&"'), "must follow", id="dangling-and"),
        pytest.param(
            a_rule("sequence", 'match = "<lower> <lower>"'), "two entities", id="two-entities"
        ),
        pytest.param(a_rule("sequence", 'match = "lower #"'), "no sign", id="unknown-sign"),
        pytest.param(
            a_rule("sequence", f'match = "{"(" * 4}lower{"+)" * 4}+"'),
            "too large",
            id="repeats-inside-repeats",
        ),
        pytest.param(
            '[shorthands]\nname = "capital"\n' + a_rule("sequence", 'match = "lower&!name"'),
            "can't be turned round",
            id="negated-shorthand",
        ),
        pytest.param("gazetteer = [1]", "write gazetteer as [[gazetteer]]", id="not-tables"),
        pytest.param("[tags]\n", "default is missing", id="tags-without-default"),
        pytest.param(
            '[tags]\ndefault = "PRODUCT"\n[tags.shapes]\ncapitals = "PRODUCT"',
            "Did you mean 'capital'?",
            id="unknown-shape",
        ),
    ],
)
def test_bad_pack_is_told_what_to_do(tmp_path: Path, rules: str, said: str) -> None:
    with pytest.raises(BadPack) as raised:
        a_pack(tmp_path, rules)

    assert said in str(raised.value)
    assert str(raised.value).startswith("acme.toml")


def test_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPack, match="not TOML"):
        a_pack(tmp_path, "labels")


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPack, match="name an existing file"):
        load_pack(str(tmp_path / "none.toml"))


def test_label_table_must_not_repeat_a_label(tmp_path: Path) -> None:
    with pytest.raises(BadPack, match="different names"):
        a_pack(tmp_path, "", labels='labels = ["O", "O"]\n')


def test_gazetteer_reads_the_file_next_to_the_pack(tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("# Ours.\nRoad Runner\n\nJet Skates\n", encoding="utf-8")

    pack = a_pack(tmp_path, a_rule("gazetteer", 'file = "terms.txt"'))

    assert find(pack, "A Road Runner on Jet Skates") == [
        ("Road Runner", "PRODUCT"),
        ("Jet Skates", "PRODUCT"),
    ]


@pytest.mark.parametrize(
    ("case", "found"),
    [("exact", []), ("ignore", [("road RUNNER", "PRODUCT")])],
    ids=["exact", "ignore"],
)
def test_gazetteer_reads_case_as_asked(
    tmp_path: Path, case: str, found: list[tuple[str, str]]
) -> None:
    rule = a_rule("gazetteer", f'terms = ["Road Runner"]\ncase = "{case}"')

    assert find(a_pack(tmp_path, rule), "a road RUNNER") == found


def test_term_with_punctuation_is_cut_as_texts_are(tmp_path: Path) -> None:
    pack = a_pack(tmp_path, a_rule("gazetteer", 'terms = ["A.C.M.E."]'))

    assert find(pack, "the A.C.M.E. anvil") == [("A.C.M.E.", "PRODUCT")]


def test_phrase_priority_is_that_of_terms_of_several_words(tmp_path: Path) -> None:
    products = a_rule(
        "gazetteer", 'terms = ["Acme", "Acme Anvil"]\npriority = 10\nphrase_priority = 60'
    )
    makers = products.replace('"it"', '"makers"').replace('"PRODUCT"', '"MAKER"')
    makers = makers.replace('"Acme", "Acme Anvil"', '"Acme"').replace("priority = 10", "")

    pack = a_pack(tmp_path, products + makers.replace("phrase_priority = 60", ""))

    assert find(pack, "Acme Anvil by Acme") == [("Acme Anvil", "PRODUCT"), ("Acme", "MAKER")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("SKU-12 sold", [("SKU-12", "PRODUCT")], id="plain"),
        pytest.param("\U0001f600 é SKU-12", [("SKU-12", "PRODUCT")], id="after-astral"),
        pytest.param("\ud800 SKU-12", [("SKU-12", "PRODUCT")], id="after-a-lone-surrogate"),
        pytest.param("\udc00\ud800 SKU-12", [("SKU-12", "PRODUCT")], id="surrogates-reversed"),
    ],
)
def test_pattern_counts_code_points(
    tmp_path: Path, text: str, found: list[tuple[str, str]]
) -> None:
    pack = a_pack(tmp_path, a_rule("pattern", r"regex = 'SKU-\d+'"))

    assert find(pack, text) == found


def test_pattern_takes_the_group_that_is_asked_for(tmp_path: Path) -> None:
    pack = a_pack(tmp_path, a_rule("pattern", r"regex = 'part (\d+)'" + "\ngroup = 1"))

    assert find(pack, "part 17") == [("17", "PRODUCT")]


def test_pattern_can_ignore_case(tmp_path: Path) -> None:
    pack = a_pack(tmp_path, a_rule("pattern", "regex = 'anvil'\ncase = 'ignore'"))

    assert find(pack, "An ANVIL") == [("ANVIL", "PRODUCT")]


def test_empty_match_is_no_entity(tmp_path: Path) -> None:
    pack = a_pack(tmp_path, a_rule("pattern", "regex = 'x*'"))

    assert find(pack, "abc") == []


def test_validator_turns_matches_down(tmp_path: Path) -> None:
    pack = a_pack(tmp_path, a_rule("pattern", r"regex = '\d{16}'" + "\nvalid = 'luhn'"))

    assert find(pack, "4111111111111111 or 4111111111111112") == [("4111111111111111", "PRODUCT")]


@pytest.mark.parametrize(
    ("match", "text", "found"),
    [
        pytest.param("'the' <capital>", "the Anvil", "Anvil", id="context-outside"),
        pytest.param("'the' capital", "the Anvil", "the Anvil", id="context-inside"),
        pytest.param("initial '.' capital+", "J. Acme Anvil", "J. Acme Anvil", id="plus"),
        pytest.param("( acronym | capital )*", "an ACME Anvil", "ACME Anvil", id="choice"),
        pytest.param("capital&!start", "Anvil Anvils", "Anvils", id="not-the-first-word"),
        pytest.param("start&capital", "Anvil Anvils", "Anvil", id="first-word"),
        pytest.param("start&capital", "it fell. Anvil", "Anvil", id="first-after-full-stop"),
        pytest.param("start&capital", "it\nAnvil", "Anvil", id="first-of-a-line"),
        pytest.param("maker lower?", "an acme anvil", "acme anvil", id="list"),
        pytest.param("maker&!capital", "Acme acme", "acme", id="list-without-shape"),
        pytest.param("number mixed", "7 2nd", "7 2nd", id="digits"),
        pytest.param("uncased mark any", "漢 , x", "漢 , x", id="other-shapes"),
        pytest.param("brand", "the Acme Anvil", "Acme Anvil", id="shorthand"),
        pytest.param("brand&maker lower", "a b", "", id="nothing-there"),
        pytest.param("!any", "a b", "", id="no-word-at-all"),
    ],
)
def test_sequence_finds_neighbouring_words(
    tmp_path: Path, match: str, text: str, found: str
) -> None:
    lists = '[lists]\nmaker = {terms = ["Acme"], case = "ignore"}\n'
    shorthands = '[shorthands]\nname = "capital"\nbrand = "name&maker name?"\n'
    match = match.replace("brand&maker", "maker&mark")

    pack = a_pack(tmp_path, lists + shorthands + a_rule("sequence", f'match = "{match}"'))

    assert find(pack, text) == [(each, "PRODUCT") for each in filter(None, [found])]


def test_abbreviation_ends_no_sentence(tmp_path: Path) -> None:
    lists = '[lists]\nabbreviation = ["Mr"]\n'

    pack = a_pack(tmp_path, lists + a_rule("sequence", 'match = "start&capital"'))

    assert find(pack, "to Mr. Acme") == []


def test_list_called_like_a_shape_takes_its_name(tmp_path: Path) -> None:
    lists = '[lists]\nlower = ["Acme"]\nother = ["Anvil"]\n'

    pack = a_pack(tmp_path, lists + a_rule("sequence", 'match = "lower&!other"'))

    assert find(pack, "an Acme Anvil") == [("Acme", "PRODUCT")]


def test_gazetteer_is_a_list_too(tmp_path: Path) -> None:
    makers = a_rule("gazetteer", 'terms = ["Acme", "Big Co"]', label="MAKER").replace("it", "maker")

    pack = a_pack(tmp_path, makers + a_rule("sequence", 'match = "maker capital"'))

    assert find(pack, "Acme Anvil") == [("Acme Anvil", "PRODUCT")]


def test_label_o_means_no_entity_here(tmp_path: Path) -> None:
    terms = a_rule("gazetteer", 'terms = ["Acme"]')
    never = a_rule("sequence", "match = \"'Acme' 'Road'\"", label="O")

    pack = a_pack(tmp_path, terms + never)

    assert find(pack, "Acme in Acme Road") == [("Acme", "PRODUCT")]


def test_repeat_finds_a_word_of_a_longer_entity_again(tmp_path: Path) -> None:
    terms = a_rule("gazetteer", 'terms = ["Wile Coyote"]', label="MAKER")

    pack = a_pack(tmp_path, terms + a_rule("repeat", "", label="MAKER"))

    assert find(pack, "Wile Coyote. Coyote!") == [
        ("Wile Coyote", "MAKER"),
        ("Coyote", "MAKER"),
    ]


def test_headlines_are_read_as_if_written_normally(tmp_path: Path) -> None:
    lists = 'headlines = true\n[lists]\ncommon = ["falls"]\n'

    pack = a_pack(tmp_path, lists + a_rule("gazetteer", 'terms = ["Acme Anvil"]'))

    assert find(pack, "ACME ANVIL FALLS") == [("ACME ANVIL", "PRODUCT")]


def test_tags_label_every_word(tmp_path: Path) -> None:
    rules = (
        '[lists]\nmaker = {terms = ["acme"], case = "ignore"}\nthing = ["anvil"]\n'
        '[tags]\ndefault = "X"\n[tags.lists]\nmaker = "MAKER"\nthing = "PRODUCT"\n'
        '[tags.endings]\ning = "VERB"\n[tags.shapes]\nmark = "PUNCT"\n'
        + a_rule("sequence", "match = \"<'falling'> 'anvil'\"", label="ADJ")
    )

    pack = a_pack(tmp_path, rules, 'labels = ["X", "MAKER", "PRODUCT", "VERB", "ADJ", "PUNCT"]\n')

    assert [label for _, label in find(pack, "Acme falling anvil , falling down")] == [
        *("MAKER", "ADJ", "PRODUCT"),
        *("PUNCT", "VERB", "X"),
    ]


def test_pack_without_patterns_and_sequences_leaves_re2_alone(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(LABELS + a_rule("gazetteer", 'terms = ["Acme"]'), encoding="utf-8")
    code = (
        "import sys; from nertwin.mockserver.rules import load_pack; "
        f"load_pack({str(path)!r}); print('re2' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
