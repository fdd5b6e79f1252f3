"""Stand-ins with everything that some check needs."""

from nertwin.mockserver import ModelCard, Settings
from nertwin.mockserver.life import Life
from nertwin.schemas import Profile

TOKEN = "hf_canary0123456789abcdefghijklmnopqr"  # noqa: S105
COLD = "nertwin/cold,nertwin/frosty"


def stand_in(profile: Profile) -> Settings:
    """Settings of a stand-in that lets everybody in and has models that load within a moment."""
    life = Life(starts="cold", after_seconds=30, estimated_time=0.3)
    cards = [ModelCard(id=each, pack="conll", life=life) for each in COLD.split(",")]
    models = {card.id: card for card in cards}
    return Settings(port=0, profile=profile, clock="scaled:100", models=models)
