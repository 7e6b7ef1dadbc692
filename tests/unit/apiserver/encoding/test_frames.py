"""Frames are made once per event and form; a Table's first frame carries the columns; errors are frames as well."""

from __future__ import annotations

from typing import Any

import orjson

from apiserver.encoding.frames import Frames
from apiserver.negotiation import PROTOBUF, Form
from apiserver.registry.core.config_map import ConfigMapStrategy
from apiserver.storage.event import Emission, bookmark
from machinery.api import protobuf, wire
from machinery.api.errors import Expired

MAP = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c", "resourceVersion": "7"}, "data": {"a": "b"}}


def emission() -> Emission:
    return Emission("MODIFIED", 7, orjson.dumps(MAP))


def opened(frame: bytes) -> tuple[str, Any]:
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    event = wire.submessages(frame[4:])
    return event[1].decode(), protobuf.decode(wire.submessages(event[2])[1])


def test_plain_frames_are_the_event_s_own() -> None:
    event, frames = emission(), Frames(ConfigMapStrategy(), Form())
    assert frames.frame(event) is event.frame and frames.content_type == "application/json"


def test_protobuf() -> None:
    event = emission()
    first, second = (Frames(ConfigMapStrategy(), Form(PROTOBUF)) for _ in range(2))
    assert first.content_type == "application/vnd.kubernetes.protobuf;stream=watch"
    assert opened(first.frame(event)) == ("MODIFIED", MAP)
    assert second.frame(event) is first.frame(event), "made once for all who want this form"


def test_protobuf_of_the_metadata_alone_is_another_form() -> None:
    event = emission()
    whole = Frames(ConfigMapStrategy(), Form(PROTOBUF)).frame(event)
    partial = Frames(ConfigMapStrategy(), Form(PROTOBUF, "PartialObjectMetadata")).frame(event)
    assert partial != whole and opened(partial)[1]["kind"] == "PartialObjectMetadata"
    assert "data" not in opened(partial)[1]


def test_tables_have_columns_once() -> None:
    event, form = emission(), Form(as_kind="Table")
    mine, yours = Frames(ConfigMapStrategy(), form, "None"), Frames(ConfigMapStrategy(), form, "None")
    first, second = orjson.loads(mine.frame(event)), orjson.loads(mine.frame(event))
    assert [column["name"] for column in first["object"]["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert second["object"]["columnDefinitions"] is None and second["object"]["rows"][0]["object"] is None
    yours.frame(event)
    assert yours.frame(event) is mine.frame(event)
    assert Frames(ConfigMapStrategy(), form, "Object").frame(event) != mine.frame(event)


def test_a_bookmark_in_a_table_keeps_its_annotations() -> None:
    mark = bookmark("v1", "ConfigMap", 9, initial_end=True)
    table = orjson.loads(Frames(ConfigMapStrategy(), Form(as_kind="Table"), "Metadata").frame(mark))["object"]
    assert table["metadata"] == {"resourceVersion": "9"} and table["rows"][0]["cells"] == ["", "", ""]
    annotations = table["rows"][0]["object"]["metadata"]["annotations"]
    assert annotations == {"k8s.io/initial-events-end": "true"}


def test_errors() -> None:
    kind, status = opened(Frames(ConfigMapStrategy(), Form(PROTOBUF)).error(Expired("too old")))
    assert (kind, status["kind"], status["code"], status["reason"]) == ("ERROR", "Status", 410, "Expired")
    line = Frames(ConfigMapStrategy(), Form()).error(Expired("too old"))
    assert line.endswith(b"}\n") and orjson.loads(line)["object"]["code"] == 410
