"""The organisations that a text names."""


def companies(text, client):
    entities = client.token_classification(text, aggregation_strategy="simple")
    # Grouped answers have entity_group, which never has a prefix; their words lack the case
    # and the blanks of the text where the model's tokenizer does.
    return [text[each.start : each.end] for each in entities if each.entity_group == "ORG"]
