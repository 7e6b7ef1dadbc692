"""Which pods use a claim, and what becomes of finalizers."""

from __future__ import annotations

from typing import Any

import pytest

from controllers import pv_protection, pvc_protection
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod

OURS = "kubernetes.io/pv-protection"
DELETED = "2030-01-01T00:00:00Z"


def pod(node: str = "n", **meta: Any) -> Pod:
    volumes = [{"name": "a", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "own", "ephemeral": {}}]
    return Pod.from_dict({"metadata": {"name": "web", **meta}, "spec": {"nodeName": node, "volumes": volumes}})


def test_who_uses_a_claim() -> None:
    assert [pvc_protection.uses(pod(), name) for name in ("data", "web-own", "other")] == [True, True, False]
    assert not pvc_protection.uses(pod(node=""), "data"), "no node has it yet, and none will start it"
    over = pod(deletionTimestamp=DELETED, deletionGracePeriodSeconds=0)
    assert pvc_protection.uses(over, "data") and not pvc_protection.uses(over, "web-own")


def volume(phase: str, *finalizers: str, deleted: bool = False) -> PersistentVolume:
    meta = {"name": "v", "finalizers": list(finalizers), **({"deletionTimestamp": DELETED} if deleted else {})}
    return PersistentVolume.from_dict({"metadata": meta, "status": {"phase": phase}})


@pytest.mark.parametrize(("given", "finalizers"), [
    (volume("Available"), (OURS,)),
    (volume("Bound", OURS, deleted=True), None),
    (volume("Released", "a", OURS, deleted=True), ("a",)),
    (volume("Available", OURS), None),
    (volume("Available", deleted=True), None),
])  # fmt: skip
def test_finalizers_of_volumes(given: PersistentVolume, finalizers: tuple[str, ...] | None) -> None:
    wanted = pv_protection.plan(given)
    assert (wanted.metadata.finalizers if wanted else None) == finalizers


def test_which_claims_are_looked_at() -> None:
    fresh = PersistentVolumeClaim.from_dict({"metadata": {"name": "c", "namespace": "n"}})
    kept = PersistentVolumeClaim.from_dict(
        {"metadata": {"name": "c", "namespace": "n", "finalizers": [pvc_protection.FINALIZER]}})
    assert pvc_protection.keys_of_claim(None, fresh) == ["n/c"]
    assert pvc_protection.keys_of_claim(None, kept) == [] == pvc_protection.keys_of_claim(kept, None)
