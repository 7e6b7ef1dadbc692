"""Answers: bytes in the encoding that was asked for, the headers of every answer, and errors as Status objects.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import orjson
from aiohttp import web

from apiserver.call import Call
from apiserver.encoding.documents import encoded
from apiserver.negotiation import NOTHING, Form, form_of
from machinery.api.errors import ApiError, NotAcceptable

JSON_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-cache, private"}
MOST_WARNED, LONGEST_OF_MANY = 4096, 256
"""Letters of all warnings of an answer; and of each where all would be more."""


def raw(body: bytes, call: Call, status: int = 200) -> web.Response:
    """JSON that is already encoded."""
    response = web.Response(body=body, status=status, headers=JSON_HEADERS)
    if call.warnings:
        _warn(response, call.warnings)
    return response


def answer(body: bytes, call: Call, form: Form, status: int = 200) -> web.Response:
    """A JSON document in the encoding of a form."""
    return made(body if form.plain else encoded(body, form), form.media_type, call, status)


def made(body: bytes, media_type: str, call: Call, status: int = 200) -> web.Response:
    """What is encoded already."""
    response = raw(body, call, status)
    response.headers["Content-Type"] = media_type
    return response


def document(value: Any, call: Call, status: int = 200) -> web.Response:
    """A JSON-ready object of a kind, in the encoding that the client wants."""
    return answer(orjson.dumps(value), call, form_of(call.http.headers, call.http.query), status)


def plain(value: Any, call: Call, status: int = 200) -> web.Response:
    """What is no object of a kind, or cannot be had as the client wants it: JSON for people, whoever asks."""
    return raw(orjson.dumps(value, option=orjson.OPT_INDENT_2), call, status)


def text(body: str, status: int = 200) -> web.Response:
    """Plain text, as health and metrics answer."""
    return web.Response(text=body, status=status, headers={"X-Content-Type-Options": "nosniff"})


def failure(error: ApiError, call: Call) -> web.Response:
    """An error as its Status, which no wish for a Table or an unknown encoding can hide."""
    call.failure = error
    try:
        form = form_of(call.http.headers, call.http.query, transforms=NOTHING)
    except NotAcceptable:
        response = plain(error.to_dict(), call, error.code)
    else:
        response = answer(orjson.dumps(error.to_dict()), call, form, error.code)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def success(details: dict[str, Any], call: Call, status: int = 200) -> web.Response:
    """The Status that says that all went well."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    return document(body, call, status)


def _warn(response: web.Response, warnings: list[str]) -> None:
    for warning in bounded(dict.fromkeys(warnings)):
        printable = "".join(letter if letter.isprintable() else " " for letter in warning)
        quoted = printable.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{quoted}"')


def bounded(warnings: Iterable[str]) -> list[str]:
    """Clients take so many headers and no more: when all are too long, each is cut, and the last are left out."""
    found = list(warnings)
    if sum(map(len, found)) <= MOST_WARNED:
        return found
    cut = [each[:LONGEST_OF_MANY] for each in found]
    return [each for each, total in zip(cut, accumulate(map(len, cut)), strict=True) if total <= MOST_WARNED]
