"""Objects of kinds that no class of ours describes: a document and its typed metadata, with the surface of a Model.

`class_for(...)` makes one class per served version, so that whatever works with classes of kinds works with these.
To decode is to prune and to default, as the schema says. Real Kubernetes: unstructured.Unstructured, and the schema
coercing converters of apiextensions-apiserver's pkg/apiserver/customresource_handler.go.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import orjson

from apiserver.apiextensions.defaulting import default
from apiserver.apiextensions.embedded import any_embedded, coerce
from apiserver.apiextensions.pruning import prune
from apiserver.apiextensions.shapes import shape_of
from apiserver.apiextensions.structural import Structural
from machinery.api.apply.shapes import Shape
from machinery.api.field_errors import quote
from machinery.api.meta.v1 import ObjectMeta, PartialObjectMetadata
from machinery.api.model import FieldFact, without_nulls

Doc = dict[str, Any]


class CustomObject:
    """One object; never changed once made. The class variables are set by `class_for`."""

    model_fields: ClassVar[Mapping[str, Any]]
    schema: ClassVar[Structural]
    shape: ClassVar[Shape]
    embeds: ClassVar[bool]
    """Whether there are whole objects inside of its objects."""
    openapi: ClassVar[Callable[[str], Doc]]
    """Its schema as OpenAPI tells it: wants what references begin with."""
    definition: ClassVar[str]
    """The name of that in OpenAPI's documents."""

    __slots__ = ("document", "metadata")

    def __init__(self, document: Doc | None = None, metadata: Any = None) -> None:
        """`document` is all but the metadata."""
        self.document = document if document is not None else self.named()
        self.metadata = metadata if metadata is not None else ObjectMeta()

    @classmethod
    def named(cls) -> Doc:
        return {"apiVersion": cls.model_fields["api_version"].default, "kind": cls.model_fields["kind"].default}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Decode, prune and default. Raises pydantic.ValidationError, or Undecodable, for metadata of wrong types."""
        metadata = _metadata(document.get("metadata"))
        return cls(cls.normal(copy.deepcopy({**_without_metadata(document), **cls.named()}), drop=False), metadata)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Decode what was normal when it was written."""
        document = orjson.loads(text)
        return cls(_without_metadata(document), _metadata(document.get("metadata")))

    @classmethod
    def normal(cls, document: Doc, *, drop: bool = True) -> Doc:
        """The document, changed in place: without unknown fields, with defaults. `drop`: see embedded.coerce."""
        if cls.embeds:
            coerce(document, cls.schema, drop=drop)
        prune(document, cls.schema)
        default(document, cls.schema)
        return document

    def to_json(self) -> bytes:
        """apiVersion, kind and metadata first, the rest in the order given."""
        api_version, kind, rest = self._parts()
        head = b'{"apiVersion":%b,"kind":%b,"metadata":%b' % (
            orjson.dumps(api_version), orjson.dumps(kind), self.metadata.to_json(),
        )  # fmt: skip
        return head + (b"," + orjson.dumps(rest)[1:] if rest else b"}")

    def to_dict(self) -> Doc:
        """The JSON form, the caller's own."""
        return orjson.loads(self.to_json())

    def _parts(self) -> tuple[str, str, Doc]:
        rest = dict(self.document)
        return rest.pop("apiVersion"), rest.pop("kind"), rest

    def replace(self, **changes: Any) -> Self:
        """A copy with other metadata."""
        return type(self)(self.document, changes["metadata"])

    # --- what the rest of the server asks of classes

    @classmethod
    def fields_table(cls) -> Mapping[str, FieldFact]:
        """Only what every object has is described by facts."""
        return PartialObjectMetadata.fields_table()

    @classmethod
    def apply_shape(cls) -> Shape:
        return cls.shape

    @classmethod
    def unknown_fields(cls, document: Any) -> Iterator[str]:
        """The paths of all that decoding drops."""
        if not isinstance(document, dict):
            return
        known = ObjectMeta.fields_table()
        meta = document.get("metadata")
        for name in meta if isinstance(meta, dict) else ():
            if name not in known:
                yield f"unknown field {quote(f'metadata.{name}')}"
        rest = copy.deepcopy(_without_metadata(document))
        dropped = coerce(rest, cls.schema, drop=True) if cls.embeds else []
        for path in [*dropped, *prune(rest, cls.schema)]:
            yield f"unknown field {quote(path)}"


def _metadata(given: Any) -> Any:
    """ObjectMeta; the errors are those of an object with metadata."""
    return PartialObjectMetadata.from_dict({"metadata": without_nulls(given or {})}).metadata


def _without_metadata(document: Mapping[str, Any]) -> Doc:
    return {name: value for name, value in document.items() if name != "metadata"}


def class_for(
    api_version: str, kind: str, schema: Structural, *, openapi: Callable[[str], Doc], definition: str
) -> type[CustomObject]:
    """The class of one version of a kind."""
    fields = {"api_version": SimpleNamespace(default=api_version), "kind": SimpleNamespace(default=kind)}
    shape = shape_of(schema, root=True)
    facts = {"model_fields": fields, "schema": schema, "shape": shape, "definition": definition}
    facts |= {"openapi": staticmethod(openapi), "embeds": any_embedded(schema)}
    return type(kind, (CustomObject,), {"__slots__": (), "__doc__": f"{kind} of {api_version}.", **facts})
