"""The table of who tolerates what."""

from __future__ import annotations

import pytest

from machinery.api.core.v1 import Taint, Toleration
from machinery.api.tolerations import NO_EXECUTE, NO_SCHEDULE, tolerates, untolerated

TAINT = Taint(key="k", value="v", effect=NO_SCHEDULE)


@pytest.mark.parametrize(("toleration", "answer"), [
    (Toleration(key="k", value="v", effect=NO_SCHEDULE), True),
    (Toleration(key="k", operator="Equal", value="v"), True),
    (Toleration(key="k", operator="Exists"), True),
    (Toleration(operator="Exists"), True),
    (Toleration(key="k", value="other"), False),
    (Toleration(key="other", operator="Exists"), False),
    (Toleration(key="k", operator="Exists", effect=NO_EXECUTE), False),
    (Toleration(), False),
    (Toleration(key="k", operator="Unknown", value="v"), False),
])
def test_one_toleration_against_one_taint(toleration, answer):
    assert tolerates(toleration, TAINT) is answer


def test_the_first_taint_that_nobody_tolerates():
    other = Taint(key="other", effect=NO_EXECUTE)
    tolerations = (Toleration(key="k", operator="Exists"),)
    assert untolerated((TAINT, other), tolerations, (NO_SCHEDULE, NO_EXECUTE)) == other
    assert untolerated((TAINT, other), tolerations, (NO_SCHEDULE,)) is None
