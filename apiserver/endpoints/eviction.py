"""POST …/pods/web/eviction: a delete that disruption budgets may refuse. The decision is registry.policy.eviction's.

Marks the pod as disrupted and deletes it; a budget pays first, and if it changed meanwhile all is decided again.
Real Kubernetes: pkg/registry/core/pod/storage/eviction.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from apiserver import options, replies
from apiserver.admission.attributes import Attributes
from apiserver.call import Call
from apiserver.endpoints import write
from apiserver.endpoints.dispatch import Endpoint
from apiserver.registry import deletion
from apiserver.registry.deletion import DeleteOptions
from apiserver.registry.metadata import stamp
from apiserver.registry.ownership import carried_over
from apiserver.registry.policy.eviction import DISRUPTION_TARGET, Charge, Delete, Refuse, decide
from apiserver.registry.store import Store
from apiserver.storage.interface import Selection
from apiserver.user import ITSELF
from machinery.api.core.v1 import Pod
from machinery.api.errors import BadRequest, Conflict, TooManyRequests
from machinery.api.policy.v1 import Eviction, PodDisruptionBudget

Doc = dict[str, Any]
_TRIES = 10


def eviction_endpoint(budgets: Store) -> Endpoint:
    """The endpoint; wants the Store of the disruption budgets."""

    async def evict(call: Call, pods: Store) -> web.StreamResponse:
        wanted = options.write_options(call.http.query)
        eviction = await write.body_of(call, Eviction, "policy/v1", wanted, older="policy/v1beta1")
        if eviction["metadata"].get("name", call.info.name) != call.info.name:
            raise BadRequest("name in URL does not match name in Eviction object")
        dry_run = wanted.dry_run or deletion.from_body(eviction.get("deleteOptions") or {}).dry_run
        asking = write.attributes(call, pods, "CREATE", dry_run=dry_run)
        await pods.chain.passes(asking, eviction)
        asked = deletion.from_body(eviction.get("deleteOptions") or {})
        given = replace(asking, operation="DELETE", subresource="", owners=carried_over, settled=True)
        await _Attempt(pods, budgets, given).until_done(replace(asked, dry_run=dry_run))
        return replies.document(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, call, 201
        )

    return evict


class _Attempt:
    """One eviction. Wants the pods, the budgets, and what admission is told of the delete."""

    def __init__(self, pods: Store, budgets: Store, given: Attributes) -> None:
        self._pods, self._budgets, self._given = pods, budgets, given

    async def until_done(self, options: DeleteOptions) -> None:
        """Again and again while others change the pod or its budget, unless the client insists on one state."""
        for _ in range(_TRIES):
            try:
                return await self._once(options)
            except Conflict:
                if options.resource_version or options.uid:
                    raise
        raise TooManyRequests("the pod and its disruption budget change too often", 10)

    async def _once(self, options: DeleteOptions) -> None:
        pod = await self._pod()
        decision = decide(pod, await self._guards(), datetime.now(UTC))
        match decision:
            case Refuse(error):
                raise error
            case Charge():
                await self._charge(decision)
            case Delete(resource_version):
                options = replace(options, resource_version=options.resource_version or resource_version)
        await self._delete(pod, options)

    async def _pod(self) -> Pod:
        entry = await self._pods.cacher.get(self._pods.key(self._given.namespace, self._given.name))
        if entry is None:
            raise self._pods.missing(self._given.name)
        return Pod.from_json(entry.body)

    async def _guards(self) -> Sequence[PodDisruptionBudget]:
        found = await self._budgets.cacher.list(Selection(self._budgets.scope(self._given.namespace)))
        return [PodDisruptionBudget.from_json(entry.body) for entry in found.items]

    async def _charge(self, charge: Charge) -> None:
        """A status with the resourceVersion that was read: Conflict when the budget changed."""
        meta = charge.budget.metadata
        revision, status = meta.resource_version, charge.status.to_dict()

        async def charged(old: Doc) -> Doc:
            return {**old, "metadata": {**old["metadata"], "resourceVersion": revision}, "status": status}

        given = self._given
        paid = Attributes(
            "UPDATE", self._budgets.resource, given.namespace, meta.name, ITSELF, "status", given.dry_run, settled=True
        )
        await self._budgets.update(paid, charged)

    async def _delete(self, pod: Pod, options: DeleteOptions) -> None:
        if not self._given.dry_run and pod.metadata.deletion_timestamp is None:
            options = await self._mark(options)
        await self._pods.delete(self._given, options)

    async def _mark(self, options: DeleteOptions) -> DeleteOptions:
        """The pod says why it goes; a precondition moves on to the state after that."""
        given = replace(self._given, operation="UPDATE", subresource="status", user=ITSELF)
        body = await self._pods.update(given, lambda old: _marked(old, options))
        if not options.resource_version:
            return options
        return replace(options, resource_version=orjson.loads(body)["metadata"]["resourceVersion"])


async def _marked(pod: Doc, options: DeleteOptions) -> Doc:
    meta, status = pod["metadata"], pod.get("status", {})
    if options.resource_version not in ("", meta["resourceVersion"]) or options.uid not in ("", meta["uid"]):
        raise Conflict("pods", meta["name"])
    rest = [condition for condition in status.get("conditions", []) if condition["type"] != DISRUPTION_TARGET["type"]]
    target = {**DISRUPTION_TARGET, "lastTransitionTime": stamp(datetime.now(UTC))}
    return {**pod, "status": {**status, "conditions": [*rest, target]}}
