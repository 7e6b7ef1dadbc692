"""Answers: JSON bytes with the headers that every answer carries, and errors as Status objects.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters.
"""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from apiserver.call import Call
from machinery.api.errors import ApiError

JSON_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-cache, private"}


def raw(body: bytes, call: Call, status: int = 200) -> web.Response:
    """JSON that is already encoded."""
    response = web.Response(body=body, status=status, headers=JSON_HEADERS)
    if call.warnings:
        _warn(response, call.warnings)
    return response


def document(value: Any, call: Call, status: int = 200) -> web.Response:
    """A JSON-ready value."""
    return raw(orjson.dumps(value), call, status)


def text(body: str, status: int = 200) -> web.Response:
    """Plain text, as health and metrics answer."""
    return web.Response(text=body, status=status, headers={"X-Content-Type-Options": "nosniff"})


def failure(error: ApiError, call: Call) -> web.Response:
    """An error as its Status."""
    response = document(error.to_dict(), call, error.code)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def success(details: dict[str, Any], call: Call, status: int = 200) -> web.Response:
    """The Status that says that all went well."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    return document(body, call, status)


def _warn(response: web.Response, warnings: list[str]) -> None:
    for warning in dict.fromkeys(warnings):
        plain = warning.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        response.headers.add("Warning", f'299 - "{plain}"')
