from __future__ import annotations

import orjson
import pytest

from apiserver.storage.entry import entry_from
from apiserver.storage.event import CacheEvent, bookmark, transition


@pytest.mark.parametrize(
    ("matched", "matches", "type_"),
    [(False, True, "ADDED"), (True, True, "MODIFIED"), (True, False, "DELETED"), (False, False, None)],
)
def test_transition(matched: bool, matches: bool, type_: str | None) -> None:
    assert transition(matched, matches) == type_


def test_each_type_is_made_once_and_deleted_shows_the_old_object() -> None:
    old = entry_from("/registry/pods/d/a", 5, b'{"metadata":{"name":"a"},"x":1}', lambda _: {})
    new = entry_from("/registry/pods/d/a", 9, b'{"metadata":{"name":"a"},"x":2}', lambda _: {})
    event = CacheEvent(9, old, new)
    assert event.emission("MODIFIED") is event.emission("MODIFIED")
    gone = orjson.loads(event.emission("DELETED").frame)
    assert gone == {"type": "DELETED", "object": {"metadata": {"resourceVersion": "9", "name": "a"}, "x": 1}}
    assert event.emission("ADDED").frame.endswith(b'"x":2}}\n')


def test_bookmark() -> None:
    frame = bookmark("apps/v1", "Deployment", 7).frame
    assert frame == (
        b'{"type":"BOOKMARK","object":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"resourceVersion":"7"}}}\n'
    )
