"""A refusal by an ending namespace is not a failure; any other is."""

from __future__ import annotations

import pytest

from controllers.terminating import is_ending, unless_ending
from machinery.api.errors import ApiError, Forbidden, from_status


def refusal(reason: str) -> ApiError:
    return from_status({
        "kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "no",
        "details": {"causes": [{"reason": reason, "message": "no"}]}})


async def refused(error: Exception) -> None:
    raise error


async def test_only_the_end_of_the_namespace_is_no_failure():
    assert is_ending(refusal("NamespaceTerminating"))
    assert await unless_ending(refused(refusal("NamespaceTerminating"))) is None
    with pytest.raises(Forbidden):
        await unless_ending(refused(refusal("Quota")))
