"""Peer files: what other stubs are told to answer to the call of the API, each in its own words."""

from __future__ import annotations

import json
from pathlib import Path

from .peers.answer import ANSWER

#: The address at which all of them are asked.
PATH = "/models/dslim/bert-base-NER"
_TYPE = "application/json"
_TEXT = ANSWER.decode()


def nginx(port: int, folder: Path) -> str:
    """A configuration with one answer to everything."""
    return f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder};
server {{ listen 127.0.0.1:{port}; default_type {_TYPE}; return 200 '{_TEXT}'; }} }}
"""


def wiremock() -> str:
    """A mapping."""
    response = {"status": 200, "headers": {"content-type": _TYPE}, "body": _TEXT}
    return json.dumps({"request": {"method": "POST", "urlPath": PATH}, "response": response})


def mockserver() -> str:
    """Expectations, of which there is one."""
    response = {"statusCode": 200, "headers": {"content-type": [_TYPE]}, "body": _TEXT}
    request = {"method": "POST", "path": PATH}
    return json.dumps([{"httpRequest": request, "httpResponse": response}])


def openapi() -> str:
    """A document with the answer as the example of an operation."""
    body = {"type": "object", "required": ["inputs"], "properties": {"inputs": {"type": "string"}}}
    groups = {"type": "array", "items": {"type": "object"}}
    answered = {"schema": groups, "example": json.loads(ANSWER)}
    operation = {
        "requestBody": {"content": {_TYPE: {"schema": body}}},
        "responses": {"200": {"description": "Groups.", "content": {_TYPE: answered}}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "peer", "version": "1"},
        "paths": {PATH: {"post": operation}},
    }
    return json.dumps(document)


def mockoon() -> str:
    """An environment with one route; what it lacks is filled in by ``--repair``."""
    response = {
        "uuid": "00000000-0000-4000-8000-000000000003",
        "body": _TEXT,
        "statusCode": 200,
        "headers": [{"key": "content-type", "value": _TYPE}],
        "bodyType": "INLINE",
        "disableTemplating": True,
        "default": True,
    }
    route = {
        "uuid": "00000000-0000-4000-8000-000000000002",
        "type": "http",
        "method": "post",
        "endpoint": PATH.removeprefix("/"),
        "responses": [response],
    }
    environment = {
        "uuid": "00000000-0000-4000-8000-000000000001",
        "lastMigration": 33,
        "name": "peer",
        "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
    }
    return json.dumps(environment)
