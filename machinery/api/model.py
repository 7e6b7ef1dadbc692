"""The base of every API type, and the facts that a field carries.

One class per Kubernetes message is the single source of decoding, encoding, OpenAPI, merge keys and protobuf numbers.
Follows the conventions of k8s.io/api: what a Go struct says by `omitempty`, pointers and tags, a field says here by
its default and its facts. Left out: conversion between versions (we store the version that we serve).
"""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, ClassVar, Self, Union, get_args, get_origin

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from machinery.api.quantity import canonical


@dataclass(frozen=True, slots=True)
class Codec:
    """Names the wire type of a scalar whose Python type does not tell it: `int32`, `meta/v1.Time` …"""

    type: str


def _whole_second(moment: datetime) -> datetime:
    """Kubernetes' Time has whole seconds and is always written in UTC."""
    if moment.microsecond or moment.utcoffset():
        return moment.astimezone(UTC).replace(microsecond=0)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _micro_text(moment: datetime) -> str:
    """MicroTime always shows six decimals; pydantic would drop them when they are zero."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _canonical_quantity(value: Any) -> Any:
    return canonical(str(value)) if isinstance(value, str | int | float) else value


Int32 = Annotated[int, Codec("int32"), Field(ge=-(2**31), lt=2**31)]
Int64 = Annotated[int, Codec("int64"), Field(ge=-(2**63), lt=2**63)]
Time = Annotated[datetime, AfterValidator(_whole_second), Codec("meta/v1.Time")]
MicroTime = Annotated[
    datetime, PlainSerializer(_micro_text, return_type=str, when_used="json"), Codec("meta/v1.MicroTime")
]
Duration = Annotated[str, Codec("meta/v1.Duration")]
Quantity = Annotated[str, BeforeValidator(_canonical_quantity), Codec("resource.Quantity")]
IntOrString = Annotated[int | str, Codec("intstr.IntOrString")]
Bytes = Annotated[str, Codec("bytes")]
FieldsV1 = Annotated[dict[str, Any], Codec("meta/v1.FieldsV1")]
RawExtension = Annotated[dict[str, Any], Codec("runtime.RawExtension")]
AnyValue = Annotated[Any, Codec("any")]
JSONValue = Annotated[Any, Codec("json")]
SchemaOrArray = Annotated[dict[str, Any] | list[Any], Codec("schemaOrArray")]
SchemaOrBool = Annotated[dict[str, Any] | bool, Codec("schemaOrBool")]
SchemaOrStringArray = Annotated[dict[str, Any] | list[str], Codec("schemaOrStringArray")]


@dataclass(frozen=True, slots=True)
class FieldFact:
    """What the rest of the system needs to know of one field.

    attr, json: its name in Python and on the wire.  proto: its protobuf number, None where protobuf has no such field.
    type: "string", "int32", "int64", "bool", "double", "any", "core/v1.Container", "map<string,string>" …
    merge, merge_key: strategic merge ("merge", "replace", "retainKeys", "merge,retainKeys") and the key of its items.
    required: always written; schema_required: OpenAPI demands it.
    list_type, list_keys: server-side apply ("atomic", "set", "map").  model: the nested Model of a list, map or struct.
    atomic: apply takes this map or struct as a whole.  published_default: the default that OpenAPI tells.
    inline: the protobuf number of the message that holds this field, where JSON splices that message in.
    """

    attr: str
    json: str
    proto: int | None
    type: str
    repeated: bool = False
    pointer: bool = False
    required: bool = False
    merge: str | None = None
    merge_key: str | None = None
    list_type: str | None = None
    list_keys: tuple[str, ...] = ()
    schema_required: bool = False
    model: "type[Model] | None" = None
    inline: int | None = None
    atomic: bool = False
    published_default: Any = None


def field(proto: int | None, default: Any, **facts: Any) -> Any:
    """Declare a field as Go's struct tags would: its protobuf number, and what it is when absent.

    The string under a field in its class tells people what it is for (`kubectl explain`).

    default: "", 0, False, (), {} are left out of JSON when unchanged; None marks a pointer; a class marks a struct
    that is always there.  facts: `json` (a wire name that camelCase does not give), `required` (written even when
    empty, and required by OpenAPI unless `optional`), `merge`, `list_type`, `list_keys`.
    """
    extra = {"proto": proto, **facts}
    options: dict[str, Any] = {"json_schema_extra": extra}
    if "json" in facts:
        options["alias"] = facts["json"]
    if isinstance(default, type):
        return Field(default_factory=default, **options)
    if default is not None and not facts.get("required"):
        options["exclude_if"] = operator.not_
    if default == {}:  # pydantic would copy a default map deeply for every object
        return Field(default_factory=dict, **options)
    return Field(default, **options)


class Model(BaseModel):
    """A message of the Kubernetes API: immutable, compared by value, snake_case in Python and camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        protected_namespaces=(),
        ser_json_inf_nan="null",
    )
    inline: ClassVar[Mapping[str, int]] = MappingProxyType({})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Class keywords go to `__pydantic_init_subclass__`, which runs when the fields are known."""

    @classmethod
    def __pydantic_init_subclass__(cls, *, inline: int | None = None, **kwargs: Any) -> None:
        """`class Volume(VolumeSource, inline=2)`: JSON splices the base's fields in, protobuf nests them as field 2."""
        super().__pydantic_init_subclass__(**kwargs)
        if inline is not None:
            base = cls.__mro__[1]
            cls.inline = MappingProxyType(dict.fromkeys(base.model_fields, inline))

    @classmethod
    def model_rebuild(cls, *, _parent_namespace_depth: int = 2, **options: Any) -> bool | None:
        """Build validator and serializer, which happens at the first use; first those of the messages inside.

        pydantic makes one that is ready a part of those around it. PodSpec would otherwise be there once more for each
        of eight kinds: a third of the memory, and half of the time, is all that it takes this way.
        """
        depth = _parent_namespace_depth + 1
        if not cls.__pydantic_complete__:
            for message in _messages_inside(cls, {cls}):
                super(Model, message).model_rebuild(_parent_namespace_depth=depth, raise_errors=False)
        return super().model_rebuild(_parent_namespace_depth=depth, **options)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Decode JSON; unknown fields are ignored and null means absent. Raises pydantic.ValidationError."""
        raw = text.encode() if isinstance(text, str) else text
        if b"null" in raw:
            raw = orjson.dumps(without_nulls(orjson.loads(raw)))
        return cls.model_validate_json(raw)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Decode the JSON form of an object. Raises pydantic.ValidationError."""
        return cls.from_json(orjson.dumps(document))

    def to_json(self) -> bytes:
        """Encode as Kubernetes does: wire names, empty optional fields left out, required ones always there."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: only dict, list, str, int, float, bool and None inside."""
        return orjson.loads(self.to_json())

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed; everything else is shared. The values are trusted, not validated."""
        return self.model_copy(update=changes)

    @classmethod
    def fields_table(cls) -> Mapping[str, FieldFact]:
        """The facts of every field by its wire name."""
        return _fields_table(cls)


class Object(Model):
    """A kind: a message that carries apiVersion, kind and metadata, and lives at a URL."""

    api_version: str
    """The group and version of the API in which this object is written, such as apps/v1."""
    kind: str
    """What kind of object this is, in CamelCase. It cannot be changed."""
    metadata: Any
    """Its name and namespace, labels and annotations, and what the server keeps about it."""


def without_nulls(value: Any) -> Any:
    """The same document without the keys whose value is null (Go reads them as absent)."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


@cache
def _fields_table(cls: type[Model]) -> Mapping[str, FieldFact]:
    if not cls.__pydantic_fields_complete__:  # Only then: building a validator takes 10 ms.
        cls.model_rebuild()
    table = {}
    for attr, info in cls.model_fields.items():
        extra = dict(info.json_schema_extra or {})
        codec = next((m for m in info.metadata if isinstance(m, Codec)), None)
        shape = _shape_of(info.annotation, codec)
        wire = info.alias or attr
        table[wire] = FieldFact(
            attr=attr,
            json=wire,
            proto=extra.get("proto"),
            pointer=info.default is None,
            required=bool(extra.get("required")),
            schema_required=bool(extra.get("required")) and not extra.get("optional"),
            merge=extra.get("merge"),
            merge_key=extra.get("merge_key"),
            list_type=extra.get("list_type"),
            list_keys=tuple(extra.get("list_keys", ())),
            inline=cls.inline.get(attr),
            atomic=bool(extra.get("atomic")),
            published_default=extra.get("openapi_default"),
            **shape,
        )
    return MappingProxyType(table)


def _messages_inside(cls: type[Model], seen: set[type[Model]]) -> Iterator[type[Model]]:
    """Those of its fields, each after what is inside it; not those without any inside, which take next to nothing."""
    for message in chain.from_iterable(_named_in(info.annotation) for info in cls.model_fields.values()):
        if message not in seen:
            seen.add(message)
            yield from _messages_inside(message, seen)
            if any(_named_in(info.annotation) for info in message.model_fields.values()):
                yield message


def _named_in(annotation: Any) -> list[type[Model]]:
    """The messages that a field's annotation names: `tuple[Container, ...]` names Container."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return [annotation]
    return [message for part in get_args(annotation) for message in _named_in(part)]


def _shape_of(annotation: Any, codec: Codec | None = None) -> dict[str, Any]:
    """type, repeated and model of an annotation such as `tuple[ContainerPort, ...]` or `Int32 | None`."""
    if codec is not None:
        return {"type": codec.type}
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape_of(args[0], next((m for m in args[1:] if isinstance(m, Codec)), None))
    if origin in (Union, UnionType):
        return _shape_of(next(arg for arg in args if arg is not NoneType))
    if origin is tuple:
        return {**_shape_of(args[0]), "repeated": True}
    if origin is dict:
        value = _shape_of(args[1])
        inner = f"list<{value['type']}>" if value.get("repeated") else value["type"]
        return {"type": f"map<string,{inner}>", "model": value.get("model")}
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return {"type": message_name(annotation), "model": annotation}
    return {"type": _SCALARS.get(annotation, "any")}


_SCALARS = {str: "string", bool: "bool", int: "int64", float: "double"}


def message_name(model: type[Model]) -> str:
    """`core/v1.Container`: where the class lives, in the notation of FieldFact.type."""
    group, version = model.__module__.split(".")[2:4]
    return f"{group}/{version}.{model.__name__}"
