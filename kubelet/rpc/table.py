"""Protobuf message classes from a table: one line a message, `name=number:type`.

The type is string unless said; `[]` repeats, `{}` is a map from string to string, and a capital letter
names another message of the table. Enums are plain int32 (the same bytes).
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
}


def _add_map_entry(message: descriptor_pb2.DescriptorProto, field: _Field, package: str) -> None:
    entry = message.nested_type.add(name=field.name.title().replace("_", "") + "Entry")
    entry.options.map_entry = True
    for number, name in enumerate(("key", "value"), start=1):
        entry.field.add(name=name, number=number, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    field.label, field.type = _Field.LABEL_REPEATED, _Field.TYPE_MESSAGE
    field.type_name = f".{package}.{message.name}.{entry.name}"


def _add_field(message: descriptor_pb2.DescriptorProto, text: str, package: str) -> None:
    name, _, rest = text.partition("=")
    number, _, kind = rest.rstrip("[]{}").partition(":")
    field = message.field.add(name=name, number=int(number), label=_Field.LABEL_OPTIONAL)
    if text.endswith("{}"):
        _add_map_entry(message, field, package)
        return
    if text.endswith("[]"):
        field.label = _Field.LABEL_REPEATED
        kind = kind.rstrip("[]")
    if kind in _SCALARS or not kind:
        field.type = _SCALARS[kind or "string"]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{package}.{kind}"


def classes(table: str, package: str) -> dict[str, Any]:
    """The class of every message of the table, by name."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for line in filter(None, table.strip().splitlines()):
        name, *fields = line.split()
        message = file.message_type.add(name=name)
        for text in fields:
            _add_field(message, text, package)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    names = [message.name for message in file.message_type]
    find = pool.FindMessageTypeByName
    return {name: message_factory.GetMessageClass(find(f"{package}.{name}")) for name in names}
