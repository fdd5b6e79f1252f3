"""Redirect: an application that names only a model's id is answered by the stand-in."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from .authority import Authority, NoAuthority
from .environment import Changes, changed, redirecting
from .isolation import name_hosts
from .proxy import OF_THE_API, running_proxy
from .redirecting.detour import Attempt, Detour, current, taken, tally
from .redirecting.hooks import hooked
from .redirecting.hosts import API_HOSTS
from .redirecting.programs import Orders, read_attempts, tell
from .upstream import Upstreams

_LOOKUPS = (
    ("huggingface_hub.inference._providers._common", "_fetch_inference_provider_mapping"),
    ("huggingface_hub.inference._providers.hf_inference", "_check_supported_task"),
    ("huggingface_hub.inference._providers.hf_inference", "_fetch_recommended_models"),
)
_TELEMETRY = "HF_HUB_DISABLE_TELEMETRY"
_CLIENT = "_GLOBAL_CLIENT"
_TRUE = ("1", "ON", "YES", "TRUE")  # As huggingface_hub reads its variables.


_NOT_REDIRECTED = (
    "Call the stand-in's url, or use the fixture nertwin_redirect, which answers for the API's"
    " hosts"
)
_NOT_ANSWERED = (
    "The stand-in answers for the API's hosts only, and clients that `nertwin doctor` names are"
    " redirected to it"
)


class Redirect:
    """What happens to one test's calls to the API: they are answered, or refused and told."""

    __test__ = False  # pytest collects classes by their name.

    def __init__(
        self, url: str, changes: Changes, told: Path | None, notes: Sequence[str] = ()
    ) -> None:
        self.url = url or "the guard"  #: Where the calls go.
        self._changes = changes
        self._told = told
        self._notes = notes  # Of the proxy, which all redirects share.
        self._noted = len(notes)
        self._refused: list[Attempt] = []
        self._seen = 0
        self._process = os.getpid()

    def __repr__(self) -> str:
        return f"Redirect({self.url!r})"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a program whose calls are redirected; os.environ has it as well."""
        return changed(os.environ, self._changes)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The requests that were refused, those of the test and those of programs it started."""
        told = read_attempts(self._told) if self._told else ()
        return (*self._refused, *told)

    def hear(self, attempt: Attempt) -> None:
        """Keep an attempt, also one of a process that this one has forked."""
        if os.getpid() == self._process or self._told is None:
            self._refused.append(attempt)
        else:
            tell(str(self._told), attempt)

    def surprises(self) -> str:
        """What was refused since the last look, or nothing."""
        attempts = self.attempts
        new, self._seen = attempts[self._seen :], len(attempts)
        if not new:
            return ""
        lines = "\n".join(f"  {line}" for line in tally(new))
        return (
            f"nertwin's guard refused requests that would have left this machine:\n{lines}\n"
            f"{_NOT_ANSWERED if self._told else _NOT_REDIRECTED}; what may go out is chosen with"
            " --nertwin-guard (api, any or off)."
        )

    def account(self) -> str:
        """What was refused and noted, a line each, for the report of a test that fails."""
        refused = [f"refused {line}" for line in tally(self.attempts)]
        what = "what is for the API's hosts comes here" if self._told else "guarded"
        notes = dict.fromkeys(self._notes[self._noted :])
        head = what if refused else f"{what}; nothing was refused"
        return "\n".join([head, *refused, *(f"note: {note}" for note in notes)])


class Redirector:
    """The proxy and its certificates, which the tests of one run share.

    Where this process is isolated, the names of the API's hosts mean this machine, and the proxy
    stands at their port.
    """

    def __init__(self, *, is_isolated: bool = False) -> None:
        self._stack = ExitStack()
        self._is_isolated = is_isolated
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        #: Hints of the proxy for its clients' users.
        self.notes: list[str] = []
        self._bundle: Path | None = self._folder / "authorities.pem"
        self._made = 0
        try:
            authority = Authority()
            authority.write_bundle(self._folder / "authorities.pem", os.environ)
        except NoAuthority:
            if is_isolated:
                raise
            authority, self._bundle = None, None
        if is_isolated:
            name_hosts(API_HOSTS, self._folder / "hosts")
        ports = OF_THE_API if is_isolated else ()
        proxy = running_proxy(
            current,
            authority,
            note=self.notes.append,
            upstreams=Upstreams(os.environ),
            direct_ports=ports,
        )
        self._proxy = self._stack.enter_context(proxy).url

    def __enter__(self) -> Redirector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the proxy and remove its files."""
        self._stack.close()

    @contextmanager
    def redirect(self, url: str, *, guard: str) -> Iterator[Redirect]:
        """Answer for the API's hosts with the stand-in at ``url`` while the block runs."""
        self._made += 1
        told = self._folder / f"attempts-{self._made}.jsonl"
        orders = Orders(url, guard, str(told), self._is_isolated)
        changes = redirecting(os.environ, orders, proxy=self._proxy, bundle=self._bundle)
        redirect = Redirect(url, changes, told, self.notes)
        with (
            online(),
            _silent(),
            _own_client(),
            _own_opener(self._proxy),
            _environment(changed(os.environ, changes)),
            hooked(),
            taken(Detour(url, guard, redirect.hear, self._is_isolated)),
        ):
            forget_lookups()
            yield redirect
            forget_lookups()


@contextmanager
def guarding(mode: str) -> Iterator[Redirect]:
    """Refuse requests to the hosts that ``mode`` names while the block runs, and redirect none."""
    redirect = Redirect("", {}, None)
    with _silent(), hooked(), taken(Detour("", mode, redirect.hear)):
        yield redirect


def forget_lookups() -> None:
    """Have huggingface_hub forget what it knows of models: it would never ask again."""
    for module, name in _LOOKUPS:
        clear = getattr(getattr(sys.modules.get(module), name, None), "cache_clear", None)
        if clear is not None:
            clear()


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Have ``os.environ`` be like that, and as it was afterwards."""
    before = dict(os.environ)
    names = [name for name in before.keys() | wanted.keys() if before.get(name) != wanted.get(name)]
    _set({name: wanted.get(name) for name in names})
    try:
        yield
    finally:
        _set({name: before.get(name) for name in names})


def _set(variables: Changes) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def online() -> Iterator[None]:
    """Have huggingface_hub call though HF_HUB_OFFLINE was set when it was, or will be, imported."""
    with _constant("HF_HUB_OFFLINE", False, ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")):
        yield


@contextmanager
def _silent() -> Iterator[None]:
    """Have huggingface_hub tell its owner nothing, and ask nothing that no application wants."""
    with _constant(_TELEMETRY, True, (_TELEMETRY,)), _environment({**os.environ, _TELEMETRY: "1"}):
        yield


@contextmanager
def _own_client() -> Iterator[None]:
    """Have huggingface_hub make another client afterwards: httpx reads proxies when it is made."""
    module = "huggingface_hub.utils._http"
    before = getattr(sys.modules.get(module), _CLIENT, None)
    try:
        yield
    finally:
        http = sys.modules.get(module)
        close = getattr(http, "close_session", None)
        if close is not None and getattr(http, _CLIENT, None) is not before:
            close()


@contextmanager
def _own_opener(proxy: str) -> Iterator[None]:
    """Have urllib forget what it knows of the proxy: it reads proxies once, at its first call."""
    try:
        yield
    finally:
        request: Any = sys.modules.get("urllib.request")
        handlers = getattr(getattr(request, "_opener", None), "handlers", ())
        if any(proxy in getattr(each, "proxies", {}).values() for each in handlers):
            request.install_opener(None)


@contextmanager
def _constant(name: str, value: bool, variables: Iterable[str]) -> Iterator[None]:
    """Have huggingface_hub think that of what it reads from variables when it is imported."""
    module = "huggingface_hub.constants"
    before = any(os.environ.get(each, "").upper() in _TRUE for each in variables)
    before = getattr(sys.modules.get(module), name, before)
    _set_constant(sys.modules.get(module), name, value)
    try:
        yield
    finally:
        _set_constant(sys.modules.get(module), name, before)


def _set_constant(constants: Any, name: str, value: bool) -> None:  # noqa: ANN401
    if hasattr(constants, name):
        setattr(constants, name, value)
