"""A text in the pieces that a page highlights, as gradio's HighlightedText wants them."""


def highlights(text, client):
    entities = client.token_classification(text, aggregation_strategy="simple")
    pieces, last = [], 0
    for start, end, label in sorted(_spans(text, entities)):
        if start < last:  # It overlaps one that is shown.
            continue
        pieces += [(text[last:start], None), (text[start:end], label)]
        last = end
    return [(piece, label) for piece, label in [*pieces, (text[last:], None)] if piece]


def _spans(text, entities):
    """Where each entity stands; a model with a slow tokenizer names the words only."""
    after = 0
    for entity in entities:
        start, end = entity.start, entity.end
        if start is None or end is None:
            start = text.lower().find(entity.word.lower(), after)
            if start < 0:
                continue
            after = end = start + len(entity.word)
        yield start, end, entity.entity_group
