"""What the control API's description says, held against what it answers."""

from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from nertwin.mockserver.control import PREFIX
from nertwin.mockserver.control.openapi import openapi
from nertwin.mockserver.control.routes import ROUTES

DOCUMENT: Any = openapi(ROUTES)
_REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:control", Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
)


def check_described(response: httpx.Response) -> None:
    """Fail if the answer is none that the description of its path foretells."""
    response.read()
    path, method = response.request.url.path, response.request.method.lower()
    template = next((PREFIX + each.path for each in ROUTES if each.match(path) is not None), path)
    operation = DOCUMENT["paths"].get(template, {}).get(method)
    if operation is None:
        assert response.status_code in (404, 405), response.text
        return
    described = operation["responses"][str(response.status_code)]
    if "content" not in described:
        assert response.content == b""
        return
    assert response.headers["content-type"] == "application/json"
    schema = described["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = {"$ref": f"urn:control{schema['$ref']}"}
    Draft202012Validator(schema, registry=_REGISTRY).validate(response.json())
