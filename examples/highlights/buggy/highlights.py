"""A text in the pieces that a page highlights, as gradio's loader of hosted models makes them."""


def highlights(text, client):
    pieces, last = [], 0
    for entity in client.token_classification(text):
        pieces.append((text[last : entity.start], None))
        pieces.append((text[entity.start : entity.end], entity.entity_group))
        last = entity.end
    pieces.append((text[last:], None))
    return pieces
