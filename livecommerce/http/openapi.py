"""The OpenAPI 3.1 document of the REST interface, derived from its table of routes."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from livecommerce.http.api import ANYONE, REFRESH_COOKIE, Route
from livecommerce.http.refusals import STATUS
from signaling.payloads import Empty, Wire

_REF: Final = "#/components/schemas/{model}"

_REFUSED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["refused"],
    "properties": {
        "refused": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; what a program decides by."},
                "message": {"type": "string", "description": "A sentence for a person."},
                "retry_after_s": {"type": "number", "description": "When trying again may help."},
                "details": {"type": "object"},
                "request_id": {"type": "string", "description": "Quote it when asking for help."},
            },
        }
    },
}


def openapi(routes: Sequence[Route], version: str) -> dict[str, Any]:
    models: list[tuple[type[Wire], JsonSchemaMode]] = []
    for route in routes:
        models += [(route.takes, "validation"), (route.answer, "serialization")]
    refs, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "livecommerce",
            "version": version,
            "description": "Times `*_at_ms` are epoch milliseconds; money is integer minor units.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Refused": _REFUSED, **schemas.get("$defs", {})},
            "securitySchemes": {
                "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "refreshCookie": {"type": "apiKey", "in": "cookie", "name": REFRESH_COOKIE},
            },
        },
    }


def _operation(route: Route, refs: Any) -> dict[str, Any]:
    taken = refs[(route.takes, "validation")]
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header(route)],
        "responses": {
            str(route.status): {
                "description": HTTPStatus(route.status).phrase,
                "content": {route.file_type: {"schema": {"type": "string", "format": "binary"}}}
                if route.file_type
                else _json(refs[(route.answer, "serialization")]),
            },
            **_refusals(route),
        },
        "security": _security(route),
    }
    if route.upload is not None:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {
            "required": True,
            "content": dict.fromkeys(route.upload.content_types, binary),
        }
    elif route.method != "GET":
        operation["requestBody"] = {
            "required": route.takes is not Empty,
            "content": _json(taken),
        }
    return operation


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.by_cookie:
        return [{"refreshCookie": []}]
    return [] if route.who == ANYONE else [{"accessToken": []}]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.method != "GET" and route.upload is None:
        return []
    properties = route.takes.model_json_schema().get("properties", {})
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in properties.items()
    ]


def _header(route: Route) -> list[dict[str, Any]]:
    if not route.by_cookie:
        return []
    return [
        {
            "name": "X-Livecommerce",
            "in": "header",
            "required": True,
            "schema": {"const": "1"},
        }
    ]


def _refusals(route: Route) -> dict[str, Any]:
    """The codes that this route may be refused with, by HTTP status."""
    codes = {*route.errors, "payload.invalid", "service.unavailable", "server.failed"}
    if route.who != ANYONE:
        codes |= {"auth.required", "auth.invalid", "auth.forbidden"}
    if route.method != "GET":
        wrong_type = "payload.not_json" if route.upload is None else "payload.wrong_type"
        codes |= {wrong_type, "payload.too_large", "request.timed_out"}
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes):
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        str(status): {
            "description": ", ".join(names),
            "content": _json({"$ref": _REF.format(model="Refused")}),
        }
        for status, names in sorted(by_status.items())
    }


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
