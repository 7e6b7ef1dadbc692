"""Slow start: many equal requests, in batches of 1, 2, 4, 8 …, so that a hopeless one is not made five hundred times.

In Kubernetes: slowStartBatch in pkg/controller/replicaset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from machinery.api.errors import ApiError


async def slow_start(count: int, act: Callable[[], Awaitable[None]]) -> ApiError | None:
    """Act `count` times; stops after the first batch with a failure and returns that."""
    done, batch = 0, 1
    while done < count:
        batch = min(batch, count - done)
        results = await asyncio.gather(*(act() for _ in range(batch)), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            return _api_error(failures[0])
        done += batch
        batch *= 2
    return None


def _api_error(failure: BaseException) -> ApiError:
    """Only the API's refusals are expected here; anything else is a mistake of ours and goes up."""
    if isinstance(failure, ApiError):
        return failure
    raise failure
