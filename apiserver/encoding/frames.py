"""The frames of one watch in the form that its client asked for.

JSON: one line per event. Protobuf: four bytes of length and a WatchEvent. A frame is made once per event and form and
shared by all watchers that want it; the first frame of a Table alone carries the columns, so it is made for one.
Real Kubernetes: watchEncoder in k8s.io/apiserver/pkg/endpoints/handlers/response.go.
"""

from __future__ import annotations

from typing import Any

import orjson

from apiserver import tables
from apiserver.encoding.documents import in_envelope, object_in_envelope
from apiserver.negotiation import PROTOBUF, Form
from apiserver.registry.strategy import Strategy
from apiserver.storage.interface import Emission
from machinery.api import protobuf
from machinery.api.errors import ApiError

Doc = dict[str, Any]


class Frames:
    """Wants the strategy of the kind, the form, and what a Table's rows shall hold of their objects."""

    def __init__(self, strategy: Strategy, form: Form, include: str = "") -> None:
        self._strategy, self._form, self._include = strategy, form, include
        self._name = f"{form.name}/{include}"
        self._columns_sent = form.as_kind != "Table"

    @property
    def content_type(self) -> str:
        """JSON's is as it always is; others say that this is a stream."""
        media_type = self._form.media_type
        return f"{media_type};stream=watch" if media_type == PROTOBUF else media_type

    def frame(self, emission: Emission) -> bytes:
        """One event."""
        if self._form.plain:
            return emission.frame
        if not self._columns_sent:
            self._columns_sent = True
            return self._table(emission, columns=True)
        return emission.rendered(self._name, self._render)

    def error(self, error: ApiError) -> bytes:
        """The frame that ends a watch with a Status."""
        return self._framed("ERROR", error.to_dict())

    def _render(self, emission: Emission) -> bytes:
        if self._form.as_kind == "Table":
            return self._table(emission, columns=False)
        if self._form.as_kind:
            return self._framed(emission.type, tables.partial(emission.body, self._form.version))
        return protobuf.watch_frame(emission.type, object_in_envelope(emission.body, self._strategy.model))

    def _table(self, emission: Emission, *, columns: bool) -> bytes:
        make_row = tables.blank_row if emission.type == "BOOKMARK" else tables.row
        found = [make_row(self._strategy, emission.body, self._form, self._include)]
        meta = {"resourceVersion": str(emission.revision)}
        return self._framed(emission.type, tables.table(self._strategy, found, self._form, meta=meta, columns=columns))

    def _framed(self, type_: str, obj: Doc) -> bytes:
        if self._form.media_type == PROTOBUF:
            return protobuf.watch_frame(type_, in_envelope(obj))
        return orjson.dumps({"type": type_, "object": obj}, option=orjson.OPT_APPEND_NEWLINE)
