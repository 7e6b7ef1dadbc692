"""Whoever stands for a Cacher can do what one can: views of other versions and groups are asked like the real one."""

from __future__ import annotations

import pytest

from apiserver.apiextensions import versions
from apiserver.registry import conversion
from apiserver.storage.cacher import ResourceCacher
from apiserver.storage.interface import Cacher

ASKED = [name for name in vars(Cacher) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [ResourceCacher, versions._ViewedCacher, conversion._ViewedCacher])
def test_every_cacher_has_all_of_the_interface(kind: type) -> None:
    assert {"get", "list", "size", "peek", "watch"} <= set(ASKED)
    assert [name for name in ASKED if not hasattr(kind, name)] == []
