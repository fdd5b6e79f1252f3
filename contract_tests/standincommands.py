"""Stand-in commands: ``nertwin serve``, ``run``, ``explain``, ``init`` and ``doctor``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nertwin.mockserver.aggregation import Strategy


@click.command()
@click.option("--host", metavar="HOST", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.  [default: 8080]")
@click.option(
    "--profile",
    metavar="NAME",
    help="Dialect of the API: classic, router or dedicated.  [default: classic]",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with settings.  [default: nertwin.toml or pyproject.toml here or above]",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="ID[=PACK]",
    help="Serve one more model, with a built-in rule pack (conll, which is the default, pos,"
    " pii, medical) or a .toml file of your own. May be repeated.",
)
@click.option(
    "--default-model", metavar="ID", help="What / answers.  [default: dslim/bert-base-NER]"
)
@click.option("--any-model", is_flag=True, default=None, help="Serve any model id.")
@click.option("--workers", type=int, metavar="N", help="Processes that share the port.")
@click.option(
    "--state",
    metavar="URL",
    help="Where sessions live: memory, each process for itself, or a Redis that servers share,"
    " as redis://127.0.0.1:6379/0.  [default: memory]",
)
@click.option(
    "--reload", is_flag=True, default=None, help="Start again when settings or rules change."
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Form of the log on standard error.  [default: text]",
)
def serve(config: Path | None, **given: object) -> None:
    """Run the stand-in until Ctrl-C or SIGTERM.

    The first line on standard output says when and where it listens:

    \b
        nertwin listening on http://127.0.0.1:8080

    Every option can also be set in the environment (NERTWIN_PORT=0) or in the TOML file
    (port = 0); the command line wins over the environment, the environment over the file.
    """
    from nertwin.mockserver import process
    from nertwin.mockserver.configuration import load_settings
    from nertwin.mockserver.log import configure_log

    named = {key: value for key, value in given.items() if value not in (None, ())}
    load = partial(load_settings, named, config=config)
    configure_log(load().log_format)
    process.serve(load, announce=lambda url: click.echo(f"nertwin listening on {url}"))


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--profile", metavar="NAME", help="Dialect of the API.  [default: classic]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with settings, models and rules.  [default: as for serve]",
)
@click.option(
    "--model", "models", multiple=True, metavar="ID[=PACK]", help="Serve one more model, as serve."
)
@click.option("--any-model", is_flag=True, default=None, help="Serve any model id.")
@click.option(
    "--guard",
    type=click.Choice(["api", "any", "off"]),
    default="api",
    show_default=True,
    help="Hosts that nothing may go out to: the API's owner's, or any but this machine.",
)
@click.option("--isolate", is_flag=True, help="Give COMMAND a network without a way out (Linux).")
@click.option(
    "--strict", is_flag=True, help="Exit with 1 for findings and unknown paths or models, too."
)
def run(
    command: tuple[str, ...],
    guard: str,
    config: Path | None,
    *,
    isolate: bool,
    strict: bool,
    **given: object,
) -> None:
    """Run COMMAND with a stand-in in the API's place, and report what it asked.

    \b
        nertwin run -- python app.py
        nertwin run --guard any -- npm test

    Its calls to Hugging Face's inference hosts, by whichever client and in whichever language,
    are answered here. Python, Node and Bun programs need no more; others must honour HTTPS_PROXY
    and one of SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, NODE_EXTRA_CA_CERTS and
    DENO_CERT, and need pip install 'nertwin[redirect]'. With --isolate even those are answered
    that know no proxy, and nothing else can be reached. `nertwin doctor` says what holds for
    what is installed.

    \b
    Exit status: COMMAND's (128 + N where signal N ended it), or where that is 0: 1 a request was
    refused, or with --strict there are findings. 2 usage, 126 can't be run, 127 not found.
    """
    from .command import Order, run_command

    named = {key: value for key, value in given.items() if value not in (None, ())}
    order = Order(
        command=command, guard=guard, isolate=isolate, strict=strict, config=config, given=named
    )
    sys.exit(run_command(order))


@click.command()
@click.argument("text")
@click.option("--model", metavar="ID", help="Which model answers.  [default: that of /]")
@click.option(
    "--strategy",
    type=click.Choice(["none", "simple", "first", "average", "max"]),
    help="aggregation_strategy.  [default: the profile's]",
)
@click.option("--stride", type=click.IntRange(min=0), metavar="N", help="stride, in tokens.")
@click.option("--profile", metavar="NAME", help="Dialect of the API.  [default: classic]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with settings, models and rules.  [default: as for serve]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(
    text: str,
    model: str | None,
    strategy: Strategy | None,
    stride: int | None,
    profile: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Say why TEXT is answered as it is: its rules, tokens and entities.

    \b
        nertwin explain 'Ada Lovelace lived in London'

    No server is needed, and none is asked. The models and rules are those that `nertwin
    serve` has with the same settings.
    """
    import orjson

    from nertwin.mockserver.app import create_endpoint
    from nertwin.mockserver.configuration import load_settings
    from nertwin.mockserver.explain import explain as explain_text
    from nertwin.mockserver.payload import Parameters
    from nertwin.mockserver.rendering import render_explanation
    from nertwin.mockserver.rulebook import Rulebook

    try:
        text.encode()
    except UnicodeEncodeError as error:  # From bytes of the command line that are no UTF-8.
        raise click.UsageError("TEXT is no valid UTF-8; no request could bring it") from error
    settings = load_settings({"profile": profile} if profile else {}, config=config)
    endpoint = create_endpoint(settings)
    found = endpoint.models.model(model or settings.default_model)
    explanation = explain_text(
        Rulebook(settings.rules).dress(found),
        text,
        Parameters(aggregation_strategy=strategy, stride=stride, forbids_stride=strategy == "none"),
        default_strategy=endpoint.profile.default_strategy,
        score=endpoint.profile.score,
    )
    if as_json:
        document = orjson.dumps(explanation.to_json(), option=orjson.OPT_INDENT_2)
        click.echo(document.decode())
    else:
        click.echo(render_explanation(explanation), nl=False)


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Put nertwin into the project in DIR, or in this folder.

    Writes a nertwin.toml, in which every setting stands commented out with its default, and
    tests/test_ner.py, an example that passes as it is. Files that are there stay as they are.
    """
    from .scaffold import scaffold

    for outcome in scaffold(folder):
        word = "wrote" if outcome.is_written else "left out"
        click.echo(f"{word} {outcome.path}: {outcome.why}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def doctor(*, as_json: bool) -> None:
    """Say what of this environment is redirected, by which recipe, and what would leak.

    Looked at are the Python that runs nertwin, programs in PATH, Node packages of this folder,
    and what is set in the environment. Nothing is called but programs for their versions.
    """
    import os

    from .doctor import diagnose, print_diagnosis

    print_diagnosis(diagnose(Path.cwd(), os.environ), as_json=as_json)
