from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apiserver.storage.event import CacheEvent
from apiserver.storage.history import History
from apiserver.storage.interface import Compacted

steps = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 40)), max_size=60)


@given(steps, st.integers(0, 200))
def test_since_gives_all_or_says_that_it_cannot(steps: list[tuple[int, float]], asked: int) -> None:
    history = History(10, least=5, most=20, age=60)
    revision, now, happened = 10, 0.0, []
    for gap, pause in steps:
        # gap 0: several keys changed in one revision
        revision, now = revision + gap if happened else revision + 1, now + pause
        happened.append(revision)
        history.append(CacheEvent(revision, None, None), now)
    assert len(history) <= 20
    assert len(history) >= min(5, len(happened))
    try:
        found = [event.revision for event in history.since(asked)]
    except Compacted as error:
        assert asked < history.floor == error.oldest
    else:
        assert asked >= 10
        assert found == [each for each in happened if each > asked]


def test_young_events_stay_beyond_the_least() -> None:
    history = History(0, least=2, most=5, age=60)
    for revision in range(1, 5):
        history.append(CacheEvent(revision, None, None), float(revision))
    assert len(history) == 4
    history.append(CacheEvent(5, None, None), 63.5)
    assert [event.revision for event in history.since(3)] == [4, 5]
    with pytest.raises(Compacted, match=r"too old resource version: 2 \(3\)"):
        history.since(2)
