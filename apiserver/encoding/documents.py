"""One JSON document in any encoding that we offer: JSON for people, YAML, Kubernetes' protobuf.

Pure. Plain JSON is handed through as it is. Messages of objects are remembered for all who ask for the same object,
up to a bound in bytes: what nobody asks for in protobuf costs nothing.
Real Kubernetes: k8s.io/apimachinery/pkg/runtime/serializer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from apiserver.negotiation import JSON, YAML, Form
from machinery.api import protobuf, yaml
from machinery.api.meta.v1 import ListMeta
from machinery.api.model import Model
from machinery.api.protobuf_encoder import encode_message
from machinery.api.wire import put_bytes

Doc = dict[str, Any]
REMEMBERED_BYTES = 32 * 1024 * 1024
_OLD_METADATA = "meta.k8s.io/v1beta1"


class Messages:
    """Protobuf messages by the JSON text that they were made from, the longest unused forgotten first."""

    def __init__(self, limit: int = REMEMBERED_BYTES) -> None:
        self._limit, self._size = limit, 0
        self._made: OrderedDict[bytes, bytes] = OrderedDict()

    def of(self, body: bytes, model: type[Model]) -> bytes:
        """The message of an object, without envelope."""
        message = self._made.get(body)
        if message is not None:
            self._made.move_to_end(body)
            return message
        message = encode_message(orjson.loads(body), model)
        self._keep(body, message)
        return message

    def _keep(self, body: bytes, message: bytes) -> None:
        self._made[body] = message
        self._size += len(body) + len(message)
        while self._size > self._limit:
            old, forgotten = self._made.popitem(last=False)
            self._size -= len(old) + len(forgotten)

    def __len__(self) -> int:
        return len(self._made)


MESSAGES = Messages()


def encoded(body: bytes, form: Form) -> bytes:
    """A JSON document in the encoding of a form; its own apiVersion and kind say what it is."""
    if form.media_type == JSON:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2) if form.pretty else body
    document = orjson.loads(body)
    return yaml.dump(document).encode() if form.media_type == YAML else in_envelope(document)


def in_envelope(document: Doc) -> bytes:
    """Any object, list, Status or discovery document as protobuf."""
    if "apiVersion" not in document:  # the list of versions is older than versions
        return protobuf.encode(document, protobuf.model_for("v1", document["kind"]))
    if document["apiVersion"] != _OLD_METADATA:
        return protobuf.encode(document)
    kind, items = document["kind"], document.get("items")
    model = protobuf.model_for("meta.k8s.io/v1", kind.removesuffix("List"))
    if items is None:
        return protobuf.envelope(_OLD_METADATA, kind, encode_message(document, model))
    # The older list counts its fields the other way round: items 1, metadata 2.
    raw = b"".join(put_bytes(1, encode_message(item, model)) for item in items)
    return protobuf.envelope(_OLD_METADATA, kind, raw + put_bytes(2, encode_message(document["metadata"], ListMeta)))


def object_in_envelope(body: bytes, model: type[Model]) -> bytes:
    """An object of a served kind as protobuf."""
    api_version, kind = (model.model_fields[name].default for name in ("api_version", "kind"))
    return protobuf.envelope(api_version, kind, MESSAGES.of(body, model))


def in_yaml(body: bytes) -> bytes:
    """An object as the item of a list in YAML."""
    return yaml.dump([orjson.loads(body)]).encode()


def list_in_yaml(items: Sequence[bytes], meta: Doc, model: type[Model]) -> bytes:
    """A list of such items; its keys are in order of the alphabet, as an object's are."""
    api_version, kind = (model.model_fields[name].default for name in ("api_version", "kind"))
    head = f"apiVersion: {api_version}\nitems:{'' if items else ' []'}\n"
    return b"".join((head.encode(), *items, yaml.dump({"kind": f"{kind}List", "metadata": meta}).encode()))


def list_in_envelope(messages: Iterable[bytes], meta: Doc, model: type[Model]) -> bytes:
    """A list of objects, whose messages exist already, as protobuf."""
    api_version, kind = (model.model_fields[name].default for name in ("api_version", "kind"))
    raw = [put_bytes(1, encode_message(meta, ListMeta)), *(put_bytes(2, message) for message in messages)]
    return protobuf.envelope(api_version, f"{kind}List", b"".join(raw))
