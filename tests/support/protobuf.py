"""Google's own protobuf as a judge of ours, and documents of any class with as many fields set as one likes."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from machinery.api.model import FieldFact, Model, message_name

# Google's implementation, given the same numbers and types, has to read what we write and write what we read.
_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"string": _FIELD.TYPE_STRING, "bytes": _FIELD.TYPE_BYTES, "bool": _FIELD.TYPE_BOOL,
            "int32": _FIELD.TYPE_INT32, "int64": _FIELD.TYPE_INT64, "double": _FIELD.TYPE_DOUBLE}


class Descriptors:
    """Descriptors of a class and of all that it reaches; a type with a codec is opaque bytes."""

    def __init__(self) -> None:
        self.file = descriptor_pb2.FileDescriptorProto(name="k8s.proto", package="k8s", syntax="proto2")
        self.done: set[str] = set()

    def add(self, model: type[Model]) -> str:
        name = message_name(model).replace("/", "_").replace(".", "_")
        if name not in self.done:
            self.done.add(name)
            message = descriptor_pb2.DescriptorProto(name=name)
            spliced = {fact.inline for fact in model.fields_table().values() if fact.inline}
            for fact in model.fields_table().values():
                if fact.proto and not fact.inline:
                    self.field(message, fact)
            for number in spliced:
                self.put(message, f"f{number}", number, _FIELD.TYPE_MESSAGE, self.add(model.__mro__[1]))
            self.file.message_type.append(message)
        return f".k8s.{name}"

    def field(self, message: Any, fact: FieldFact) -> None:
        name, kind = f"f{fact.proto}", fact.type
        if kind.startswith("map<"):
            entry = message.nested_type.add(name=f"F{fact.proto}Entry")
            entry.options.map_entry = True
            self.put(entry, "key", 1, _FIELD.TYPE_STRING)
            self.put(entry, "value", 2, *self.type_of(kind[len("map<string,"):-1], fact.model))
            field = self.put(message, name, fact.proto, _FIELD.TYPE_MESSAGE,
                             f".k8s.{message.name}.F{fact.proto}Entry")
        else:
            field = self.put(message, name, fact.proto, *self.type_of(kind, fact.model))
        field.label = _FIELD.LABEL_REPEATED if fact.repeated or kind.startswith("map<") else _FIELD.LABEL_OPTIONAL

    def type_of(self, kind: str, model: type[Model] | None) -> tuple[Any, ...]:
        if model is not None:
            return _FIELD.TYPE_MESSAGE, self.add(model)
        return (_SCALARS.get(kind, _FIELD.TYPE_BYTES),)

    @staticmethod
    def put(message: Any, name: str, number: int | None, kind: Any, type_name: str = "") -> Any:
        return message.field.add(name=name, number=number, type=kind, label=_FIELD.LABEL_OPTIONAL,
                                 type_name=type_name or None)


@cache
def google_class(model: type[Model]) -> Any:
    descriptors = Descriptors()
    name = descriptors.add(model).removeprefix(".")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptors.file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


SAMPLES: dict[str, list[Any]] = {
    "string": ["a", "héé"], "bytes": ["aGk="], "bool": [True], "int32": [1, -1, -(2**31)], "int64": [2**62, -1],
    "double": [0.5], "meta/v1.Time": ["2024-01-02T03:04:05Z"], "meta/v1.MicroTime": ["2024-01-02T03:04:05.000006Z"],
    "meta/v1.Duration": ["1m0s"], "resource.Quantity": ["500m"], "intstr.IntOrString": [3, "http"],
    "meta/v1.FieldsV1": [{"f:x": {}}], "runtime.RawExtension": [{"a": 1}], "any": [[1]], "list<string>": [["a", "b"]],
    "json": [{"a": 1}, "x", 3, False], "schemaOrArray": [{"type": "string"}, [{"type": "string"}, {"format": "x"}]],
    "schemaOrBool": [True, False, {"type": "object"}], "schemaOrStringArray": [{"type": "object"}, ["a", "b"]],
}


def sample(model: type[Model], draw: random.Random, depth: int = 0) -> dict[str, Any]:
    """Any document of a class, a few levels deep."""
    document = {}
    deepest = 5 if model.__name__ == "JSONSchemaProps" else 7  # It holds itself ten times over.
    for fact in model.fields_table().values():
        # Go always writes these two, so "absent" does not survive.
        always = fact.json in ("divisor", "targetPort")
        if fact.proto and (always or (draw.random() < 0.6 and depth < deepest)):
            document[fact.json] = sample_field(fact, draw, depth)
    return document


def sample_field(fact: FieldFact, draw: random.Random, depth: int) -> Any:
    def one() -> Any:
        kind = fact.type[len("map<string,"):-1] if fact.type.startswith("map<") else fact.type
        return draw.choice(SAMPLES[kind]) if kind in SAMPLES else sample(fact.model, draw, depth + 1)

    if fact.type.startswith("map<"):
        return {"x": one(), "y": one()}
    return [one(), one()] if fact.repeated else one()


class Everything(random.Random):
    """A draw in which every field is set."""

    def random(self) -> float:
        return 0.0
