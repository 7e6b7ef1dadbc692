"""From a request's body to the plain JSON form of one object: JSON, YAML or Kubernetes protobuf in.

Says what is unknown or duplicate (fieldValidation Ignore, Warn, Strict) and what has the wrong type.
Real Kubernetes: k8s.io/apimachinery/pkg/runtime/serializer and sigs.k8s.io/json.
"""

from __future__ import annotations

import base64
import binascii
import string
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from apiserver import strictness
from machinery.api.canonical import completed
from machinery.api.errors import BadRequest, UnsupportedMediaType
from machinery.api.meta.v1 import DeleteOptions
from machinery.api.model import FieldFact, Model
from machinery.api.protobuf import decode as decode_protobuf
from machinery.api.yaml import load

Doc = dict[str, Any]
JSON_TYPE = "application/json"
DEEPEST = 200
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/=\r\n")
PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf"
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")
ACCEPTED = (JSON_TYPE, "application/yaml", PROTOBUF_TYPE)


def parse(body: bytes, content_type: str, *, protobuf: bool = True) -> Doc:
    """The document in a body, whatever its encoding; not all kinds have a `protobuf` form."""
    media_type = media_type_of(content_type)
    if media_type in ("", JSON_TYPE, "*/*"):
        document = parse_json(body)
    elif media_type in YAML_TYPES:
        document = _parse_yaml(body)
    elif media_type == PROTOBUF_TYPE and protobuf:
        document = decode_protobuf(body)
    else:
        raise UnsupportedMediaType(ACCEPTED if protobuf else ACCEPTED[:-1])
    if not isinstance(document, dict):
        raise BadRequest(no_object(document))
    return document


def no_object(value: Any) -> str:
    """Why a JSON value that is no object cannot be one of the API."""
    return (
        "couldn't get version/kind; json parse error: json: cannot unmarshal "
        f"{_go_type(value)} into Go value of type struct {{ APIVersion string; Kind string }}"
    )


def media_type_of(content_type: str) -> str:
    """The type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def parse_json(body: bytes) -> Any:
    try:
        return loads(body)
    except Undecodable as error:
        raise BadRequest(f"couldn't get version/kind; json parse error: {error}") from None


def loads(body: bytes) -> Any:
    """A JSON text; raises Undecodable."""
    try:
        document = orjson.loads(body)
        if body.count(b"{") + body.count(b"[") > DEEPEST:
            orjson.dumps(document)  # fails for what is nested so deeply that nothing could be stored of it
        return document
    except TypeError:
        raise Undecodable("exceeded max depth") from None
    except orjson.JSONDecodeError as error:
        why = "unexpected end of JSON input" if error.pos >= len(body.rstrip()) else str(error)
        raise Undecodable(why) from None


def _parse_yaml(body: bytes) -> Any:
    try:
        return load(body)
    except yaml.YAMLError as error:
        raise BadRequest(f"error converting YAML to JSON: yaml: {error}".replace("\n", " ")) from None


def check_kind(document: Doc, api_version: str, kind: str) -> None:
    """A body may leave apiVersion and kind out, but not contradict its URL."""
    given = (document.get("apiVersion") or api_version, document.get("kind") or kind)
    if given == (api_version, kind):
        return
    if given[0] != api_version:
        raise BadRequest(
            f"the API version in the data ({given[0]}) does not match the expected API version ({api_version})"
        )
    raise BadRequest(
        f"the object provided is unrecognized (must be of type {kind}): couldn't decode a {given[1]} as a {kind}"
    )


class Undecodable(Exception):
    """Why a document is no object of its class."""


def canonical(document: Doc, model: type[Model], *, api_version: str) -> Doc:
    """The document as its class would write it: unknown fields dropped, types checked, nulls gone."""
    try:
        return decoded(document, model, api_version=api_version)
    except Undecodable as error:
        kind = model.model_fields["kind"].default
        raise BadRequest(f"{_cannot(api_version, kind)}: {error}") from None


def decoded(document: Doc, model: type[Model], *, api_version: str) -> Doc:
    """The same; raises Undecodable. What is canonical already is taken as it is, and so are its parts."""
    document = {**document, "apiVersion": api_version, "kind": model.model_fields["kind"].default}
    if issubclass(model, Model) and completed(document, model):
        return document
    try:
        typed = model.from_dict(document)
    except ValidationError as error:
        raise Undecodable(_type_error(error, model)) from None
    for way in _ways_to_bytes(model) if issubclass(model, Model) else ():
        for text in _texts(typed, way):
            if (at := _illegal_base64(text)) is not None:
                raise Undecodable(f"illegal base64 data at input byte {at}")
    found = typed.to_dict()
    meta = document.get("metadata")
    if isinstance(meta, dict) and meta.get("managedFields") == []:
        found["metadata"]["managedFields"] = []  # not the same as none: the client wants all owners forgotten
    return found


@cache
def _ways_to_bytes(model: type[Model]) -> tuple[tuple[str, ...], ...]:
    """The attributes that lead to fields of bytes, such as data of a Secret or spec.request; most kinds have none."""
    return tuple(_bytes_below(model, frozenset()))


def _bytes_below(model: type[Model], above: frozenset[type[Model]]) -> Iterator[tuple[str, ...]]:
    for fact in model.fields_table().values():
        if fact.type in ("bytes", "map<string,bytes>"):
            yield (fact.attr,)
        elif fact.model is not None and fact.model not in above and fact.model is not model:
            yield from ((fact.attr, *rest) for rest in _bytes_below(fact.model, above | {model}))


def _texts(value: Any, way: tuple[str, ...]) -> Iterator[str]:
    """Every text at the end of the way; lists and maps on it are gone through."""
    if value is None:
        return
    if isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item, way)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item, way)
    elif way:
        yield from _texts(getattr(value, way[0]), way[1:])
    else:
        yield value


def _illegal_base64(text: str) -> int | None:
    """Where Go's decoder would stop; None for text that decodes (line breaks are allowed)."""
    plain = text.replace("\n", "").replace("\r", "")
    try:
        base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        wrong = next((i for i, letter in enumerate(text) if letter not in _BASE64), None)
        return len(plain) // 4 * 4 if wrong is None else wrong
    return None


def check_fields(
    document: Doc, model: type[Model], *, mode: str, body: bytes = b"", content_type: str = JSON_TYPE
) -> list[str]:
    """What is unknown or given twice: raised when the mode is Strict, returned as warnings otherwise.

    `body` is the text that the document was read from.
    """
    if mode == "Ignore":
        return []
    is_yaml = bool(body) and media_type_of(content_type) in YAML_TYPES
    twice = strictness.yaml_duplicates(body) if is_yaml else ""
    found = [twice] if twice else []
    found += strictness.strict_errors(document, model, b"" if is_yaml else body)
    if found and mode == "Strict":
        api_version, kind = (model.model_fields[name].default for name in ("api_version", "kind"))
        raise BadRequest(f"{_cannot(api_version, kind)}: strict decoding error: {', '.join(found)}")
    return strictness.warnings_of(found)


def _cannot(api_version: str, kind: str) -> str:
    return f'{kind} in version "{api_version.rpartition("/")[2]}" cannot be handled as a {kind}'


_GO_TYPES = {"string": "string", "bool": "bool", "int32": "int32", "int64": "int64", "double": "float64"}


def _type_error(error: ValidationError, model: type[Model]) -> str:
    """Go's words for the first field whose JSON type is wrong."""
    first = error.errors(include_url=False)[0]
    struct, fact, names = _located(first["loc"], model)
    given = first["input"]
    if fact is None:
        return f"json: {first['msg']}"
    if fact.type.endswith(("resource.Quantity", "resource.Quantity>")) and isinstance(given, str | int | float):
        return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    if fact.type in ("meta/v1.Time", "meta/v1.MicroTime") and isinstance(given, str):
        return f'parsing time "{given}" as "2006-01-02T15:04:05Z07:00": cannot parse "{given}" as "2006"'
    wanted = _GO_TYPES.get(fact.type, fact.type.rpartition("/")[2])
    shown = ("[]" if fact.repeated and first["type"] == "tuple_type" else "") + wanted
    field = f"{struct.__name__}.{'.'.join(names)}"
    return f"json: cannot unmarshal {_go_type(given)} into Go struct field {field} of type {shown}"


def _located(steps: Iterable[Any], model: type[Model]) -> tuple[type[Model], FieldFact | None, list[str]]:
    """The class and the field that an error's location ends in, and the names on the way."""
    struct, fact, names = model, None, []
    inside = model
    for step in steps:
        if step in inside.fields_table():
            struct, fact = inside, inside.fields_table()[step]
            names.append(step)
            inside = fact.model or inside
    return struct, fact, names


def _go_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if value is None:
        return "null"
    return "array" if isinstance(value, list) else "object"


def read_options(body: bytes, content_type: str) -> Doc:
    """The optional DeleteOptions body of a DELETE."""
    if not body.strip():
        return {}
    document = parse(body, content_type)
    if document.get("kind", "DeleteOptions") != "DeleteOptions":
        raise BadRequest(f"the body of a delete must be DeleteOptions, not {document['kind']}")
    return canonical(document, DeleteOptions, api_version="v1")
