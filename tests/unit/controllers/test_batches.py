"""Slow start: a hopeless request is made once, a good one many times."""

from __future__ import annotations

import pytest

from controllers.batches import slow_start
from machinery.api.errors import ApiError, ServiceUnavailable


async def attempts(count: int, failing_from: int) -> tuple[int, ApiError | None]:
    made = []

    async def act() -> None:
        made.append(1)
        if len(made) > failing_from:
            raise ServiceUnavailable("no")

    return (len(made), error) if (error := await slow_start(count, act)) is not None else (len(made), None)


@pytest.mark.parametrize(("count", "failing_from", "made"), [
    (0, 9, 0), (7, 9, 7), (100, 0, 1), (100, 1, 3), (100, 4, 7), (100, 1000, 100),
])
async def test_batches_double_until_one_fails(count, failing_from, made):
    number, error = await attempts(count, failing_from)
    assert (number, error is None) == (made, count <= failing_from)


async def test_mistakes_of_our_own_are_not_hidden():
    async def act() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await slow_start(1, act)
