import mentions

import contract_tests


def test_package_is_the_projects_own():
    assert contract_tests.PROMISE == "a mention has a name"


def test_mention_has_a_name(nertwin):
    said = nertwin.say("[Ada](PER) sleeps")

    (mention,) = mentions.mentions(said.text, url=nertwin.model_url())

    assert mention.name == "Ada"
