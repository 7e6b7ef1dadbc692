"""What an extension server says of its kinds in OpenAPI: its part of version 2, and where its version 3 is.

A server that has no version 3 gets one made of its version 2. Definitions that we have too are taken from us when the
documents are merged, where Kubernetes keeps both under two names.
Real Kubernetes: kube-aggregator's pkg/controllers/{openapi,openapiv3}, kube-openapi's pkg/{aggregator,openapiconv}.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from apiserver.aggregator.relay import Relay, There
from apiserver.encoding.published import Published

log = logging.getLogger(__name__)

Doc = dict[str, Any]
_JSON = "application/json"
_V2_REFS, _V3_REFS = "#/definitions/", "#/components/schemas/"
_PARAMETERS = "#/parameters/"
NONSENSE = (AttributeError, KeyError, TypeError, ValueError, RecursionError)
"""How it ends when what another server says has not the shape that it should have."""
_DEEPER = 16
"""How much deeper a part lies in our own document than in itself, and some more."""
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch"))


@dataclass(frozen=True)
class Described:
    """`location` is where version 3 is to be had; `document` is it, where the server has none of its own."""

    version2: Doc | None = None
    etag: str = ""
    location: str = ""
    document: Published | None = None


NOTHING = Described()


async def described(relay: Relay, there: There, root: str, before: Described) -> Described:
    """Ask the server. Raises Unreachable, and ValueError for what is no JSON."""
    told = await relay.ask(there, "/openapi/v2", accept=_JSON, etag=before.etag)
    if told.status == 304:
        version2, etag = before.version2, before.etag
    else:
        document = orjson.loads(told.body) if told.status == 200 else {}
        version2, etag = speakable(part_of(document, root)), told.etag
    index = await relay.ask(there, "/openapi/v3", accept=_JSON)
    paths = orjson.loads(index.body).get("paths", {}) if index.status == 200 else {}
    if location := paths.get(root, {}).get("serverRelativeURL", ""):
        return Described(version2, etag, location)
    if version2 is None:
        return Described()
    if version2 == before.version2 and before.document is not None:
        return Described(version2, etag, before.location, before.document)
    own = Published(orjson.dumps(as_version3(version2)), _JSON)
    return Described(version2, etag, f"/openapi/v3/{root}?hash={own.digest}", own)


def speakable(part: Doc | None) -> Doc | None:
    """The part, if it can be told in every encoding: nonsense of others must not spoil what we say ourselves."""
    if part is None:
        return None
    from apiserver.openapi import gnostic  # with its YAML, only for who has extension servers

    try:
        gnostic.document({"swagger": "2.0", "info": {"title": "", "version": ""}, **part})
        whole: Any = merged({"paths": {}, "definitions": {}}, [part])
        for _ in range(_DEEPER):
            whole = [whole]
        orjson.dumps(whole)
    except NONSENSE as error:
        log.warning("an extension server's OpenAPI is left out: %s: %s", type(error).__name__, error)
        return None
    return part


def part_of(document: Doc, root: str) -> Doc | None:
    """The paths of one group and version, and the definitions that they need; None when there are none."""
    shared = document.get("parameters") or {}
    below = {path: item for path, item in (document.get("paths") or {}).items() if _is_below(path, f"/{root}")}
    paths = _with_parameters(below, shared)
    if not paths:
        return None
    known = document.get("definitions") or {}
    needed: dict[str, Doc] = {}
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name in known and name not in needed:
            needed[name] = known[name]
            waiting += _references(known[name])
    return {"paths": paths, "definitions": needed}


def _with_parameters(value: Any, shared: Doc) -> Any:
    """References to a document's shared parameters lead nowhere in another document."""
    if isinstance(value, list):
        return [_with_parameters(each, shared) for each in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("$ref")
    if isinstance(ref, str) and ref.startswith(_PARAMETERS):
        return shared[ref.removeprefix(_PARAMETERS)]
    return {key: _with_parameters(each, shared) for key, each in value.items()}


def _is_below(path: str, root: str) -> bool:
    return path.rstrip("/") == root or path.startswith(f"{root}/")


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str):
            yield ref.removeprefix(_V2_REFS)
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def merged(document: Doc, others: Iterable[Doc]) -> Doc:
    """Our own version 2 with the parts of others."""
    paths, definitions = dict(document["paths"]), dict(document["definitions"])
    for other in others:
        paths |= other["paths"]
        definitions = other["definitions"] | definitions
    ordered = {"paths": dict(sorted(paths.items())), "definitions": dict(sorted(definitions.items()))}
    return {**document, **ordered}


def as_version3(part: Doc) -> Doc:
    """A part of version 2, in the form of version 3."""
    paths = {path: _path_item(item) for path, item in part["paths"].items()}
    schemas = {name: _renamed(each) for name, each in part["definitions"].items()}
    about = {"title": "Kubernetes", "version": "v1"}
    return {"openapi": "3.0.0", "info": about, "paths": paths, "components": {"schemas": schemas}}


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: each.replace(_V2_REFS, _V3_REFS, 1) if key == "$ref" and isinstance(each, str) else _renamed(each)
            for key, each in value.items()
        }
    return [_renamed(each) for each in value] if isinstance(value, list) else value


def _path_item(item: Doc) -> Doc:
    found: Doc = {key: _operation(each) for key, each in item.items() if key in _METHODS}
    if item.get("parameters"):
        found["parameters"] = [_parameter(each) for each in item["parameters"]]
    return found


def _operation(operation: Doc) -> Doc:
    produces = operation.get("produces") or [_JSON]
    consumes = operation.get("consumes") or [_JSON]
    found = {key: value for key, value in operation.items() if key not in ("consumes", "produces", "schemes")}
    given = operation.get("parameters") or []
    found["parameters"] = [_parameter(each) for each in given if each.get("in") != "body"]
    for body in (each for each in given if each.get("in") == "body"):
        content = {media: {"schema": _renamed(body.get("schema", {}))} for media in consumes}
        found["requestBody"] = {"content": content, **({"required": True} if body.get("required") else {})}
    responses = (operation.get("responses") or {}).items()
    found["responses"] = {code: _response(each, produces) for code, each in responses}
    return found


def _parameter(parameter: Doc) -> Doc:
    about = {key: value for key, value in parameter.items() if key in ("name", "in", "description", "required", "$ref")}
    schema = {key: value for key, value in parameter.items() if key not in about}
    return about if "$ref" in about else {**about, "schema": _renamed(schema)}


def _response(response: Doc, produces: list[str]) -> Doc:
    found = {"description": response.get("description", "")}
    if "schema" in response:
        found["content"] = {media: {"schema": _renamed(response["schema"])} for media in produces}
    return found
