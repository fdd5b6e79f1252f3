import pytest
from highlights import highlights
from huggingface_hub import InferenceClient

SLOW = "nertwin/slow-tokenizer"


def joined(pieces):
    return "".join(piece for piece, _ in pieces)


def marked(pieces):
    return [piece for piece, label in pieces if label]


@pytest.mark.parametrize(
    "markup",
    [
        "nothing",
        "[Ada](PER)",
        "[Ada](PER)[Bob](ORG)",
        "😀 [Ada](PER) 😀",
        "[Zoë](PER) met [Đỗ](PER)",
    ],
)
def test_pieces_are_the_text(nertwin, nertwin_inference_client, markup):
    said = nertwin.say(markup)

    pieces = highlights(said.text, nertwin_inference_client)

    assert joined(pieces) == said.text
    assert len(marked(pieces)) == len(said.answers["simple"])


def test_model_without_offsets_shows_each_word_once(nertwin):
    said = nertwin.say("[Ada](PER) met [Bob](PER)", model=SLOW)
    client = InferenceClient(model=nertwin.model_url(SLOW), token=nertwin.token)

    pieces = highlights(said.text, client)

    assert joined(pieces) == said.text
    assert marked(pieces) == ["Ada", "Bob"]


def test_text_is_shown_whole_whatever_the_order(nertwin, nertwin_inference_client):
    # The API keeps the order of the text; a gateway before it may sort by score.
    nertwin.fail_next("violate", clause="span.text-order")
    said = nertwin.say("[Ada](PER) met [Bob](PER)")

    assert joined(highlights(said.text, nertwin_inference_client)) == said.text
