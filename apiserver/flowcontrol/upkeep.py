"""Keeps the bootstrap objects in the cluster, and tells in each flow schema's status whether its level is there.

Mandatory objects are set right again; suggested ones are, too, while their annotation says so, and an object that
lacks the annotation gets it: "true" if nobody has changed it since it was made.
Real Kubernetes: pkg/registry/flowcontrol/ensurer and the status part of flowcontrol/apf_controller.go.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.ensure import Doc, Stores, ensure
from apiserver.flowcontrol.bootstrap import AUTOUPDATE, LEVEL, MANDATORY, SCHEMA, objects
from apiserver.flowcontrol.fairness import Fairness
from apiserver.registry.store import Store
from apiserver.storage.interface import StorageError
from apiserver.user import ITSELF
from machinery.api.errors import ApiError, NotFound

log = logging.getLogger(__name__)
GROUP = "flowcontrol.apiserver.k8s.io"
PLURALS = {LEVEL: "prioritylevelconfigurations", SCHEMA: "flowschemas"}
AGAIN_SECONDS = 1.0


# --- bootstrap objects


async def keep(stores: Stores) -> None:
    """Levels before schemas, since none is to refer to what is not there yet."""
    for kind, plural in PLURALS.items():
        store = stores[GROUP, "v1", plural]
        await asyncio.gather(*(_one(store, wanted) for wanted in objects(kind)))


async def _one(store: Store, wanted: Doc) -> None:
    name = wanted["metadata"]["name"]
    entry = store.cacher.peek(store.key("", name))
    if entry is None:
        await ensure(store, wanted)
    elif kept(orjson.loads(entry.body), wanted) is not None:

        async def change(current: Doc) -> Doc:
            return kept(current, wanted) or current

        await store.update(Attributes("UPDATE", store.resource, "", name, ITSELF), change)


def kept(existing: Doc, wanted: Doc) -> Doc | None:
    """The object as it should be; None when it is, or when somebody else decides."""
    meta = existing["metadata"]
    annotations, mandatory = meta.get("annotations") or {}, meta["name"] in MANDATORY
    follows = annotations.get(AUTOUPDATE) or ("true" if meta.get("generation", 1) == 1 else "false")
    follows = "true" if mandatory else follows
    free = meta["name"] == "exempt" and existing["spec"].get("type") == "Exempt"
    spec = wanted["spec"] if follows == "true" and not free else existing["spec"]
    changed = {**meta, "annotations": {**annotations, AUTOUPDATE: follows}}
    if annotations.get(AUTOUPDATE) == follows and holds(existing["spec"], spec):
        return None
    return {**existing, "metadata": changed, "spec": spec}


def holds(actual: Any, wanted: Any) -> bool:
    """Whether what is stored says what is wanted; it may say more, which are defaults."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        return all(holds(actual.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(actual, list):
        return len(actual) == len(wanted) and all(map(holds, actual, wanted))
    return actual == wanted


async def follow(fairness: Fairness, stores: Stores) -> None:
    """After every change set right what is ours, and write the status that it calls for, until cancelled."""
    store = stores[GROUP, "v1", PLURALS[SCHEMA]]
    while True:
        await fairness.changed.wait()
        fairness.changed.clear()
        try:
            await keep(stores)
            for name in [name for name, document in fairness.documents(SCHEMA).items() if _told(fairness, document)]:
                await _write(fairness, store, name)
        except (StorageError, ApiError) as error:
            log.warning("upkeep of flow schemas postponed: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
            fairness.changed.set()


# --- status


async def _write(fairness: Fairness, store: Store, name: str) -> None:
    async def change(current: Doc) -> Doc:
        return _told(fairness, current) or current

    try:
        await store.update(Attributes("UPDATE", store.resource, "", name, ITSELF, "status"), change)
    except NotFound:
        return


def _told(fairness: Fairness, document: Doc) -> Doc | None:
    """The schema with the right status; None when it has that, or is not stored."""
    if not document["metadata"].get("uid"):
        return None
    level = document["spec"]["priorityLevelConfiguration"]["name"]
    condition = dangling(level, there=level in fairness.documents(LEVEL))
    rows = (document.get("status") or {}).get("conditions") or []
    old = next((row for row in rows if row["type"] == condition["type"]), {})
    if all(old.get(field) == value for field, value in condition.items()):
        return None
    moved = old.get("status") != condition["status"]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition["lastTransitionTime"] = now if moved else old.get("lastTransitionTime") or now
    others = [row for row in rows if row["type"] != condition["type"]]
    return {**document, "status": {"conditions": [*others, condition]}}


def dangling(level: str, *, there: bool) -> Doc:
    """The condition of a schema that refers to this level."""
    what = f'This FlowSchema references the PriorityLevelConfiguration object named "{level}"'
    if there:
        return {"type": "Dangling", "status": "False", "reason": "Found", "message": f"{what} and it exists"}
    why = f"{what} but there is no such object"
    return {"type": "Dangling", "status": "True", "reason": "NotFound", "message": why}
