"""Runs of pytest within a test, whose tests call a stand-in."""

import pytest

# Schemathesis makes a warning of what another plugin says of a test.
_QUIET = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
_HEAD = """
import asyncio
import json
import time
import urllib.error
import urllib.request

import pytest

def post(url, inputs="Ada", body=None, **headers):
    content = json.dumps({"inputs": inputs} if body is None else body).encode()
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(url, content, headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code

def ask_until_it_answers(url, pause):
    while post(url) != 200:
        pause()
"""


def run(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """Run the tests in this process, in the order in which they stand."""
    pytester.makepyfile(_HEAD + tests)
    return pytester.runpytest_inprocess(*_QUIET, "-p", "no:randomly", *arguments)


def run_apart(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """The same in a process of its own, with plugins that change the process."""
    pytester.makepyfile(_HEAD + tests)
    return pytester.runpytest_subprocess(*_QUIET, *arguments, timeout=120)
