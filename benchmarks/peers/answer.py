"""Answer: the bytes that every server but the stand-in has ready."""

ANSWER = (
    b'[{"entity_group":"PER","score":0.9991,"word":"Sarah Jessica Parker","start":11,"end":31},'
    b'{"entity_group":"PER","score":0.9979,"word":"Jessica","start":52,"end":59}]'
)
