"""The organisations that a text names."""


def companies(text, client):
    tokens = [token for token in client.token_classification(text) if token.entity]
    return [token.word for token in tokens if token.entity.endswith("ORG")]
