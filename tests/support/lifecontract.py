"""What the classic API promises of a session, told once more in plain Python for tests.

Nothing here is the stand-in's code. All times are whole seconds, so no tolerance is needed.
"""

import math
from dataclasses import dataclass, field
from typing import Any

MODELS = ("acme/ner", "acme/pos")
SECRET = "hf_given_0123456789"  # noqa: S105 - It is made up.
WAIT_LIMIT = 15
#: What is sent as authorization, and the key that the calls count for.
TOKENS: dict[str, tuple[str | None, str]] = {
    "none": (None, ""),
    "given": (f"Bearer {SECRET}", SECRET),
    "other": ("Bearer hf_other_0123456789", "hf_other_0123456789"),
    "colon": (f"Bearer: {SECRET}", SECRET),
    "bare": (SECRET, SECRET),
}
STATES = {
    "cold": "Loadable",
    "loading": "Loadable",
    "ready": "Loaded",
    "too-big": "TooBig",
    "failed": "error",
}
LOG_IN = {"error": "Please log in or use a HF access token"}
SEEMS_INVALID = {"error": "Authorization header is correct, but the token seems invalid"}
RATE_LIMIT = {"error": "Rate limit reached. Please log in or use a HF access token"}


@dataclass(frozen=True)
class Asked:
    """A call, as its maker means it."""

    model: str
    text: str
    wait: str = ""  #: ``header``, ``one``, ``body``, or ``denied`` where the header says no.
    cache: str = ""  #: ``header`` or ``body`` say no, ``granted`` where the header says yes.
    load: bool = True
    token: str = "none"  # noqa: S105 - The name of a form.
    fault: str = ""

    @property
    def headers(self) -> dict[str, str]:
        wait = {"header": "true", "one": "1", "denied": "false"}
        cache = {"header": "False", "granted": "true"}
        sent = {
            "authorization": TOKENS[self.token][0],
            "x-wait-for-model": wait.get(self.wait),
            "x-use-cache": cache.get(self.cache),
            "x-load-model": None if self.load else "0",
            "x-nertwin-fault": self.fault or None,
        }
        return {name: value for name, value in sent.items() if value is not None}

    @property
    def body(self) -> dict[str, Any]:
        options: dict[str, bool] = {}
        if self.wait in ("body", "denied"):
            options["wait_for_model"] = True
        if self.cache in ("body", "granted"):
            options["use_cache"] = False
        inputs: Any = self.text or 5  # Five is no text.
        return {"inputs": inputs, "options": options} if options else {"inputs": inputs}


@dataclass(frozen=True)
class Promised:
    """What must come back; None is left open."""

    gate: str
    status: int
    error: Any = None
    compute_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ModelContract:
    """Where a model is."""

    life: dict[str, Any]
    stage: str
    began: int = 0
    refused: int = 0

    def at(self, now: int) -> str:
        by_time = self.stage == "loading" and not self.life.get("after_calls")
        if by_time and now >= self.began + self.life.get("after_seconds", 0):
            self.stage = "ready"
        return self.stage

    def begin(self, now: int) -> None:
        self.stage, self.began, self.refused = "loading", now, 0


class Contract:
    """A session as its users may expect it."""

    def __init__(self, ttl: int | None) -> None:
        self.now = 0
        self.auth = "open"
        self.quota: dict[str, Any] | None = None
        self.is_caching = True
        self.ttl = ttl
        self.models: dict[str, ModelContract] = {}
        self.forget_models()
        self.kept: dict[tuple[str, str], int] = {}
        self.made: dict[str, int] = {}
        self.window = 0
        self.gates: list[str] = []

    def forget_models(self) -> None:
        self.models = {model: ModelContract({}, "ready") for model in MODELS}

    def change(self, **settings: Any) -> None:
        self.auth = settings.get("auth", self.auth)
        self.is_caching = settings.get("cache", self.is_caching)
        quota = settings.get("quota", self.quota)
        ttl = settings.get("cache_ttl", self.ttl)
        self.made = self.made if quota == self.quota else {}
        self.kept = self.kept if ttl == self.ttl else {}
        self.quota, self.ttl = quota, ttl

    def never_loads(self, model: str) -> bool:
        return self.models[model].stage in ("too-big", "failed")

    def bring(self, model: str, stage: str) -> None:
        found = self.models[model]
        before = found.at(self.now)
        if stage != "loading":
            found.stage = stage
        elif before != "loading":
            found.begin(self.now)

    def clear_cache(self, model: str | None) -> int:
        gone = [key for key in self.kept if model in (None, key[0])]
        for key in gone:
            del self.kept[key]
        return len(gone)

    def borders(self) -> list[int]:
        """When something ends by itself: an answer's age, a load, a window."""
        ends = [] if self.ttl is None else [at + self.ttl for at in self.kept.values()]
        ends += [each.began + each.life.get("after_seconds", 0) for each in self.models.values()]
        if self.quota is not None:
            ends.append((self.now // self.quota["window"] + 1) * self.quota["window"])
        return ends

    def status(self, model: str) -> str:
        self.gates.append("route")
        return STATES[self.models[model].at(self.now)]

    def call(self, asked: Asked) -> Promised:
        promised = self._refused_by_key(asked) or self._within_quota(asked)
        self.gates.append(promised.gate)
        return promised

    def _refused_by_key(self, asked: Asked) -> Promised | None:
        if self.auth == "open":
            return None
        if asked.token == "none":  # noqa: S105
            return Promised("auth", 429, LOG_IN)
        is_let_in = {
            "required": asked.token in ("given", "other"),
            "token": asked.token == "given",  # noqa: S105
            "read-only": False,
        }
        return None if is_let_in[self.auth] else Promised("auth", 400, SEEMS_INVALID)

    def _within_quota(self, asked: Asked) -> Promised:
        key = TOKENS[asked.token][1]
        quota = self.quota or {}
        calls = quota.get("calls" if key else "anonymous_calls")
        if calls is None:
            return self._hurt(asked)
        window = quota["window"]
        if self.now // window != self.window:
            self.window, self.made = self.now // window, {}
        left = str(math.ceil(window - self.now % window))
        if self.made.get(key, 0) >= calls:
            wait = {"retry-after": left} if quota["retry_after"] else {}
            return Promised("quota", 429, RATE_LIMIT, headers=wait)
        self.made[key] = self.made.get(key, 0) + 1
        return self._hurt(asked)

    def _hurt(self, asked: Asked) -> Promised:
        if asked.fault:
            return Promised("fault", int(asked.fault))
        return self._answer(asked) if asked.text else Promised("request", 400)

    def _answer(self, asked: Asked) -> Promised:
        key = (asked.model, asked.text)
        uses_cache = self.is_caching and asked.cache not in ("header", "body")
        if uses_cache and key in self.kept:
            if self.ttl is None or self.now - self.kept[key] < self.ttl:
                return Promised("cache", 200, compute_type="cache")
            del self.kept[key]
        refused = self._unavailable(asked)
        if refused is not None:
            return refused
        if uses_cache and self.ttl != 0:
            self.kept[key] = self.now
        return Promised("rule", 200, compute_type="cpu")

    def _unavailable(self, asked: Asked) -> Promised | None:
        model = self.models[asked.model]
        waits = asked.wait in ("header", "one", "body")
        stage = model.at(self.now)
        if stage == "ready":
            return None
        if stage == "too-big":
            words = f"The model {asked.model} is too large to be loaded automatically (21GB > 10GB)"
            return Promised("availability", 403, {"error": f"{words}."})
        if stage == "failed":
            return Promised("availability", 500, {"error": "unknown error"})
        if not asked.load and (stage == "cold" or not waits):
            return Promised("availability", 200, {"error": "not loaded yet"})
        if stage == "cold":
            model.begin(self.now)
        return self._wait(model) if waits else self._refuse(asked.model)

    def _wait(self, model: ModelContract) -> Promised | None:
        ends = model.began + model.life.get("after_seconds", 0)
        if model.life.get("after_calls"):
            model.stage = "ready"
        elif ends - self.now > WAIT_LIMIT:
            self.now += WAIT_LIMIT
            words = f"Model too busy, unable to get response in less than {WAIT_LIMIT} second(s)"
            return Promised("availability", 500, {"error": words})
        else:
            self.now = max(self.now, ends)
        return None

    def _refuse(self, model_id: str) -> Promised:
        model = self.models[model_id]
        model.refused += 1
        if model.refused == model.life.get("after_calls"):
            model.stage = "ready"
        estimate = model.life.get("estimated_time", 20.0)
        if model.life.get("counts_down"):
            estimate = max(0.0, estimate - (self.now - model.began))
        words = f"Model {model_id} is currently loading"
        return Promised("availability", 503, {"error": words, "estimated_time": estimate})
