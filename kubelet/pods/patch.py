"""The smallest strategic merge patch from one pod status to the next. Pure.

Conditions are merged by type, so that those which others write survive; addresses are replaced as a whole.
Real Kubernetes: util/pod/pod.go, PatchPodStatus.
"""

from __future__ import annotations

from typing import Any

from machinery.api.core.v1 import PodStatus

_REPLACED = ("podIPs", "hostIPs")


def _conditions(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, Any]:
    before = {condition["type"]: condition for condition in old}
    changed = [_merging(before.get(c["type"], {}), c) for c in new if c not in old]
    if not changed:
        return {}
    order = [{"type": condition["type"]} for condition in new]
    return {"$setElementOrder/conditions": order, "conditions": changed}


def _merging(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Merging keeps what is not named: what shall go is named as null."""
    return {**{key: None for key in old if key not in new}, **new}


def _entry(key: str, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    if old.get(key) == new.get(key):
        return {}
    if key == "conditions":
        return _conditions(old.get(key, []), new.get(key, []))
    if key in _REPLACED and old.get(key):
        return {key: [{"$patch": "replace"}, *new.get(key, [])]}
    return {key: new.get(key)}


def status_patch(old: PodStatus, new: PodStatus, uid: str) -> dict[str, Any] | None:
    """None when there is nothing to say. The UID makes it miss a younger pod of the same name."""
    before, after = old.to_dict(), new.to_dict()
    changes: dict[str, Any] = {}
    for key in dict.fromkeys((*after, *before)):
        changes |= _entry(key, before, after)
    return {"metadata": {"uid": uid}, "status": changes} if changes else None
