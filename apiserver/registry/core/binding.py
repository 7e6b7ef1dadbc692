"""Binding: a pod is given its node, once and for ever; asked for at the pod, or among `bindings` as clients of old do.

`Bindings` stands where a Store stands for other kinds: what is created there changes a pod and is not kept.
Real Kubernetes: BindingREST and LegacyBindingREST in pkg/registry/core/pod/storage.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.registry import metadata
from apiserver.registry.ownership import carried_over
from apiserver.registry.strategy import Doc, Strategy
from machinery.api.errors import BadRequest, Conflict, FieldError, Invalid

if TYPE_CHECKING:
    from apiserver.registry.store import Store


class BindingStrategy(Strategy):
    """See the module."""

    kind = "Binding"


class Bindings:
    """What dispatch and the create endpoint want of a Store. Wants the Store of pods."""

    def __init__(self, pods: Store) -> None:
        self.strategy = BindingStrategy()
        self.resource = self.strategy.resource
        self._pods = pods

    async def create(self, attributes: Attributes, doc: Doc) -> bytes:
        """Bind the pod of the same name."""
        meta = doc.setdefault("metadata", {})
        metadata.check_namespace(meta, attributes.namespace)
        if not meta.get("name"):
            raise BadRequest("name is required")
        pods = replace(
            attributes, operation="CREATE", resource=self._pods.resource, name=meta["name"], subresource="binding"
        )
        return orjson.dumps(await bind(self._pods, pods, doc))


async def bind(pods: Store, attributes: Attributes, binding: Doc) -> Doc:
    """Give the pod its node, if admission lets the binding in; the Status that says so."""
    await pods.chain.passes(attributes, binding)
    target = binding.get("target", {})
    check_target(attributes.name, target)

    async def bound(old: Doc) -> Doc:
        return with_node(old, binding["metadata"], target["name"])

    await pods.update(replace(attributes, operation="UPDATE", owners=carried_over, settled=True), bound)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def check_target(name: str, target: Doc) -> None:
    """Pods run on nodes and on nothing else."""
    found = []
    if target.get("kind", "") not in ("", "Node", "Minion"):
        found.append(FieldError.not_supported("target.kind", target["kind"], ["Node", "<empty>"]))
    if not target.get("name"):
        found.append(FieldError.required("target.name"))
    if found:
        raise Invalid("Binding", name, found)


def with_node(pod: Doc, wanted: Doc, node: str) -> Doc:
    """The pod as it is once it is bound."""
    meta, name = dict(pod["metadata"]), pod["metadata"]["name"]
    if wanted.get("uid") and wanted["uid"] != meta["uid"]:
        why = f"Precondition failed: UID in precondition: {wanted['uid']}, UID in object meta: {meta['uid']}"
        raise Conflict("pods/binding", name, why)
    if "deletionTimestamp" in meta:
        raise Conflict("pods/binding", name, f"pod {name} is being deleted, cannot be assigned to a host")
    if pod["spec"].get("nodeName"):
        raise Conflict("pods/binding", name, f'pod {name} is already assigned to node "{pod["spec"]["nodeName"]}"')
    if wanted.get("annotations"):
        meta["annotations"] = {**meta.get("annotations", {}), **wanted["annotations"]}
    conditions = [c for c in pod["status"].get("conditions", []) if c["type"] != "PodScheduled"]
    scheduled = _condition(datetime.now(UTC))
    status = {**pod["status"], "conditions": [*conditions, scheduled]}
    return {**pod, "metadata": meta, "spec": {**pod["spec"], "nodeName": node}, "status": status}


def _condition(now: datetime) -> dict[str, Any]:
    return {"type": "PodScheduled", "status": "True", "lastTransitionTime": metadata.stamp(now)}
