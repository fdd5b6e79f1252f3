from hypothesis import find, given

from nertwin.contract_tests.strategies import TaggedText, adversarial_texts, tagged_texts


@given(tagged_texts())
def test_every_tagged_entity_slices_to_its_word(tagged: TaggedText) -> None:
    assert all(tagged.text[each.start : each.end] == each.word for each in tagged.entities)


def test_a_name_can_begin_and_end_the_text() -> None:
    tagged = find(tagged_texts(), lambda drawn: bool(drawn.entities))

    assert (tagged.entities[0].start, tagged.entities[0].end) == (0, len(tagged.text))


def test_tagged_texts_shrink_to_one_name() -> None:
    tagged = find(tagged_texts(), lambda drawn: any(each.label == "ORG" for each in drawn.entities))

    assert tagged.text == "Microsoft"


@given(adversarial_texts())
def test_adversarial_texts_can_be_written_as_utf8(text: str) -> None:
    assert text.encode().decode() == text
