"""The frames of a watch; requests over a real socket are in tests/integration/machinery."""

from collections.abc import AsyncIterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import errors
from machinery.api.core.v1 import ConfigMap, Node
from machinery.client.rest import decode_frame, lines, path_of

FRAME = {"type": "ADDED", "object": {"metadata": {"name": "a", "resourceVersion": "7"}, "data": {"x": '{"type":"}'}}}


@pytest.mark.parametrize("line", [
    orjson.dumps(FRAME),
    orjson.dumps(FRAME) + b"\r",
    orjson.dumps(FRAME, option=orjson.OPT_INDENT_2),
    orjson.dumps({"object": FRAME["object"], "type": "ADDED"}),
])
def test_a_frame_however_it_is_written(line: bytes) -> None:
    event = decode_frame(ConfigMap, line)
    assert (event.type, event.object.metadata.resource_version) == ("ADDED", "7")
    assert event.object.data == {"x": '{"type":"}'}


def test_a_bookmark_carries_only_a_revision() -> None:
    line = b'{"type":"BOOKMARK","object":{"kind":"Node","apiVersion":"v1","metadata":{"resourceVersion":"9"}}}'
    event = decode_frame(Node, line)
    assert (event.type, event.object.metadata.resource_version) == ("BOOKMARK", "9")


def test_an_error_frame_is_raised() -> None:
    status = {"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410, "message": "too old"}
    with pytest.raises(errors.Expired, match="too old"):
        decode_frame(Node, orjson.dumps({"type": "ERROR", "object": status}))


@given(st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line)), st.data())
async def test_lines_do_not_depend_on_how_the_stream_is_cut(wanted: list[bytes], data: st.DataObject) -> None:
    text = b"".join(line + b"\n" for line in wanted)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))

    async def chunks() -> AsyncIterator[bytes]:
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            yield text[start:end]

    assert [line async for line in lines(chunks())] == wanted


def test_paths() -> None:
    assert path_of(ConfigMap, "default", "a") == "/api/v1/namespaces/default/configmaps/a"
    assert path_of(ConfigMap) == "/api/v1/configmaps"
    assert path_of(Node, "", "n", "status") == "/api/v1/nodes/n/status"
