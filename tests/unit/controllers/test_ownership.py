"""Adoption and release, as a table."""

from __future__ import annotations

import pytest

from controllers.ownership import claim, owned_by
from machinery.api.apps.v1 import ReplicaSet
from machinery.api.labels import parse
from tests.support.objects import NOW, meta, owner, pod

RS = ReplicaSet(metadata=meta("web", uid="rs-1"))
GOING = RS.replace(metadata=RS.metadata.replace(deletion_timestamp=NOW))
MINE, OTHERS = (owner("rs-1"),), (owner("rs-2"),)


@pytest.mark.parametrize(("who", "app", "owners", "leaving", "fate"), [
    (RS, "web", MINE, False, "keep"),
    (RS, "web", MINE, True, "keep"),
    (RS, "other", MINE, False, "release"),
    (RS, "web", (), False, "adopt"),
    (RS, "web", (), True, ""),
    (RS, "other", (), False, ""),
    (RS, "web", OTHERS, False, ""),
    (RS, "web", (OTHERS[0].replace(controller=None),), False, "adopt"),
    (GOING, "web", (), False, ""),
    (GOING, "other", MINE, False, "keep"),
])
def test_fates(who, app, owners, leaving, fate):
    one = pod("p", labels={"app": app}, owners=owners, metadata={"deletion_timestamp": NOW if leaving else None})
    result = claim(who, parse("app=web"), [one])
    assert {name: getattr(result, name) for name in ("keep", "adopt", "release")} == {
        name: (one,) if name == fate else () for name in ("keep", "adopt", "release")}


def test_the_reference_names_the_owner():
    ref = owned_by(RS)
    assert (ref.api_version, ref.kind, ref.name, ref.uid, ref.controller) == (
        "apps/v1", "ReplicaSet", "web", "rs-1", True)
