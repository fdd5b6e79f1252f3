"""Recipes: how a redirect reaches each client, and why the client would leak without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

#: Redirected, redirected only under a condition, or not at all.
Standing: TypeAlias = Literal["redirected", "conditional", "leaks"]
Version: TypeAlias = tuple[int, ...]

_BY_HOOK = "redirected in the process that imports it"
_BY_PROXY = "redirected by HTTPS_PROXY"
_NO_HOOK = "nertwin has no hook for it; "


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a redirect does for one client, in words."""

    standing: Standing
    how: str  #: By which means its calls reach the stand-in.
    why: str = ""  #: What makes it call the real API without.
    remedy: str = ""


def _hub(version: Version) -> Recipe:
    sends = "requests, and aiohttp in coroutines"
    if version >= (1, 0):
        sends = "httpx2" if version >= (2, 0) else "httpx"
    how = f"{_BY_HOOK}: it sends with {sends}"
    if version < (0, 17):
        why = "InferenceClient.post(), which all it has, calls HF_INFERENCE_ENDPOINT"
    elif version < (0, 28):
        why = (
            "a plain model id is sent to api-inference.huggingface.co; HF_INFERENCE_ENDPOINT"
            " changes that, HF_ENDPOINT does not"
        )
    elif version < (0, 29):
        why = (
            "a plain model id is sent to api-inference.huggingface.co whatever the environment"
            " says, and token_classification() ignores base_url, so that the token goes there too"
        )
    else:
        why = (
            "a plain model id is sent to router.huggingface.co whatever the environment says;"
            " HF_ENDPOINT moves the look-ups only, and model= beats base_url"
        )
    if (0, 17) <= version < (0, 29):
        why += "; after a 503 it calls again each second until its timeout, which is none"
    return Recipe("redirected", how, why)


def _hooked(why: str) -> Callable[[Version], Recipe]:
    return lambda _: Recipe("redirected", _BY_HOOK, why)


def _pycurl(_: Version) -> Recipe:
    return Recipe(
        "conditional",
        _BY_PROXY,
        "it reads no variable for its authorities, and the guard does not see its connections",
        "set CAINFO to the file that SSL_CERT_FILE names",
    )


def _curl_cffi(version: Version) -> Recipe:
    unseen = "the guard does not see its connections"
    if version < (0, 13):
        return Recipe(
            "conditional",
            _BY_PROXY,
            f"it reads no variable for its authorities, and {unseen}",
            "pass verify=os.environ['SSL_CERT_FILE'], or use 0.13 or later",
        )
    return Recipe("redirected", f"{_BY_PROXY} and SSL_CERT_FILE", unseen)


def _niquests(_: Version) -> Recipe:
    how = f"{_BY_PROXY} and REQUESTS_CA_BUNDLE"
    why = "a session with trust_env off asks no proxy; what that sends to the API is refused"
    return Recipe("redirected", how, why)


def _own_sockets(_: Version) -> Recipe:
    return Recipe(
        "leaks",
        f"{_NO_HOOK}the guard refuses what it sends to the API",
        "it has sockets of its own and asks no proxy of the environment",
        "use nertwin run --isolate",
    )


#: Python packages, by the name they are installed by.
PACKAGES: dict[str, Callable[[Version], Recipe]] = {
    "huggingface_hub": _hub,
    "requests": _hooked("it calls the URL that the program has, and no variable changes that"),
    "urllib3": _hooked("it asks no proxy of the environment"),
    "httpx": _hooked("it reads HTTPS_PROXY only when a client is made"),
    "httpx2": _hooked("it reads HTTPS_PROXY only when a client is made"),
    "aiohttp": _hooked("it asks no proxy of the environment unless trust_env is set"),
    "pycurl": _pycurl,
    "curl_cffi": _curl_cffi,
    "niquests": _niquests,
    "tornado": _own_sockets,
    "treq": _own_sockets,
}


def _node(version: Version) -> Recipe:
    if version < (14, 18):
        return Recipe(
            "leaks",
            "the preload needs Node 14.18 or later",
            "Node asks no proxy of the environment",
            "use nertwin run --isolate, or a later Node",
        )
    return Recipe(
        "redirected",
        "by a preload in NODE_OPTIONS, for fetch, node:http and node:https",
        "Node asks no proxy of the environment, and no client of the API reads a variable",
    )


def _bun(version: Version) -> Recipe:
    if version < (1, 2, 11):
        return Recipe(
            "conditional",
            f"{_BY_PROXY} and NODE_EXTRA_CA_CERTS",
            "no variable has it load a preload, so the guard does not see its sockets",
            "use Bun 1.2.11 or later, or nertwin run --isolate",
        )
    return Recipe(
        "redirected",
        "by a preload in BUN_INSPECT_PRELOAD, for fetch, node:http and node:https",
        "a program that bun build --compile has made loads no preload: of that only fetch, which"
        " asks HTTPS_PROXY, is redirected",
    )


def _deno(version: Version) -> Recipe:
    by_proxy = f"fetch is {_BY_PROXY} and DENO_CERT"
    if version < (2, 6):
        return Recipe(
            "conditional",
            by_proxy,
            "it loads no preload, so the guard sees neither node:https nor sockets",
            "use Deno 2.6 or later, or nertwin run --isolate",
        )
    return Recipe(
        "redirected",
        f"{by_proxy}, node:http and node:https by a preload in NODE_OPTIONS",
        "the preload needs --allow-env, --allow-write and --allow-net; without them all but fetch"
        " is neither redirected nor guarded",
    )


def _curl(_: Version) -> Recipe:
    return Recipe(
        "redirected",
        f"{_BY_PROXY}, http_proxy and CURL_CA_BUNDLE",
        "with --noproxy, --proxy or --cacert it calls the API itself, and nothing sees that but"
        " nertwin run --isolate",
    )


def _documented(variable: str) -> Callable[[Version], Recipe]:
    """Of programs that nertwin was never tried with."""
    why = f"by its documentation it honours HTTPS_PROXY and {variable}; this was not tried"
    return lambda _: Recipe("conditional", _BY_PROXY, why)


def _wget(_: Version) -> Recipe:
    return Recipe(
        "conditional",
        _BY_PROXY,
        "where it is built with GnuTLS it reads no variable for its authorities, and fails",
        'pass --ca-certificate="$SSL_CERT_FILE"',
    )


def _java(_: Version) -> Recipe:
    return Recipe(
        "leaks",
        "neither HTTPS_PROXY nor a file of authorities is read",
        "Java has a key store and system properties in their place",
        "pass -Dhttps.proxyHost and -Dhttps.proxyPort, and a key store with the authority",
    )


#: Programs, by the name they are called by.
PROGRAMS: dict[str, Callable[[Version], Recipe]] = {
    "node": _node,
    "curl": _curl,
    "wget": _wget,
    "deno": _deno,
    "bun": _bun,
    "go": _documented("SSL_CERT_FILE"),
    "ruby": _documented("SSL_CERT_FILE"),
    "dotnet": _documented("SSL_CERT_FILE"),
    "java": _java,
}


def _js_client(version: Version) -> Recipe:
    host = "router.huggingface.co" if version >= (3, 2) else "api-inference.huggingface.co"
    why = f"a plain model id is sent to {host}; only endpointUrl or a fetch of one's own changes it"
    if version >= (3, 3, 1):
        why += "; after a 503 it calls again at once, for ever"
    return Recipe("redirected", "by the preload: it sends with Node's fetch", why)


#: Packages of Node, where they are installed below the folder.
NODE_PACKAGES: dict[str, Callable[[Version], Recipe]] = {
    "@huggingface/inference": _js_client,
    "axios": lambda _: Recipe("redirected", "by the preload: it sends with node:https"),
    "node-fetch": lambda _: Recipe("redirected", "by the preload: it sends with node:https"),
    "got": lambda _: Recipe("redirected", "by the preload: it sends with node:https"),
    "undici": lambda _: Recipe(
        "leaks",
        "the guard refuses what it sends to the API",
        "this package has sockets of its own, unlike Node's fetch",
        "use nertwin run --isolate, or Node's own fetch",
    ),
}
