"""Shuffle sharding: each flow is dealt a hand of queues, as cards from a deck. Pure.

Two flows seldom hold the same hand, so that one which fills its queues leaves nearly everybody another to wait in.
Real Kubernetes: k8s.io/apiserver/pkg/util/shufflesharding.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b


@lru_cache(maxsize=4096)
def hand_of(schema: str, flow: str, queues: int, size: int) -> tuple[int, ...]:
    """`size` different numbers below `queues`, always the same for a flow."""
    number = int.from_bytes(blake2b(f"{schema}\0{flow}".encode(), digest_size=16).digest())
    hand: list[int] = []
    for dealt in range(min(size, queues)):
        number, card = divmod(number, queues - dealt)
        hand.append(_in_deck(card, hand))
    return tuple(hand)


def _in_deck(card: int, hand: list[int]) -> int:
    """The card's place in the whole deck, of which the hand is missing."""
    for taken in sorted(hand):
        card += card >= taken
    return card
