"""Shuffle sharding: hands are whole, steady, and seldom the same."""

from __future__ import annotations

import pytest

from apiserver.flowcontrol.hands import hand_of


@pytest.mark.parametrize(("queues", "size"), [(1, 1), (16, 4), (64, 6), (128, 6), (8, 8)])
def test_a_hand_holds_different_queues(queues: int, size: int) -> None:
    for number in range(200):
        hand = hand_of("schema", f"user-{number}", queues, size)
        assert len(set(hand)) == len(hand) == size and all(0 <= card < queues for card in hand)
        assert hand == hand_of("schema", f"user-{number}", queues, size)


def test_every_queue_is_dealt_about_as_often_and_hands_differ() -> None:
    hands = [hand_of("schema", f"user-{number}", 64, 6) for number in range(2000)]
    dealt = [sum(card in hand for hand in hands) for card in range(64)]
    assert min(dealt) > 100 and max(dealt) < 300, "2000 * 6 / 64 is 188"
    assert len({frozenset(hand) for hand in hands}) > 1990
    assert hand_of("a", "b", 64, 6) != hand_of("b", "a", 64, 6)
