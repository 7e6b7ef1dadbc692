"""Refusals that are no failures: nothing new can be made in a namespace that is going away, and need not be."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from machinery.api.errors import Forbidden

T = TypeVar("T")


def is_ending(error: Exception) -> bool:
    """Whether the API refused because the namespace is being terminated."""
    return isinstance(error, Forbidden) and any(cause.reason == "NamespaceTerminating" for cause in error.causes)


async def unless_ending(creation: Awaitable[T]) -> T | None:
    """What was created; None where its namespace is ending."""
    try:
        return await creation
    except Forbidden as error:
        if not is_ending(error):
            raise
        return None
