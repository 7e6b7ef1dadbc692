"""ResourceQuota: nothing enters beyond what its namespace may use; what enters is reserved before it is stored.

The reservation is a compare-and-swap on each quota's status, so that any number of creates at once stays within it.
It is given back when the object is not stored after all; the quota controller counts again whatever else happens.
Real Kubernetes: k8s.io/apiserver/pkg/admission/plugin/resourcequota, whose sentences these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from apiserver.admission import limited_resources
from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from machinery.api import quota
from machinery.api.errors import Forbidden
from machinery.api.quota import Amounts

Change = Callable[[Doc], Amounts]
"""From a quota as it is to its status.used as it should be; may refuse by raising."""
_UNCOUNTED = frozenset({"events", "bindings", "localsubjectaccessreviews"})
_GROWING = {("pods", "resize"), ("persistentvolumeclaims", ""), ("services", "")}


class Quotas(Protocol):
    """How the plugin looks quotas up and writes them."""

    @property
    def any(self) -> bool:
        """Whether there are any at all."""

    async def of(self, namespace: str) -> Sequence[Doc]:
        """Those of a namespace."""

    async def use(self, namespace: str, name: str, change: Change) -> None:
        """Write what `change` makes of a quota as it is now."""


class ResourceQuota(Plugin):
    """See the module."""

    def __init__(self, quotas: Quotas, configuration: Doc | None = None) -> None:
        self._quotas = quotas
        self._limited = limited_resources.rows_of(configuration) if configuration is not None else []

    def handles(self, attributes: Attributes) -> bool:
        resource = attributes.resource
        if not (self._quotas.any or self._limited) or not attributes.namespace or not resource.namespaced:
            return False
        if attributes.operation == "CREATE":
            return not attributes.subresource and resource.plural not in _UNCOUNTED
        grows = (resource.plural, attributes.subresource) in _GROWING
        return attributes.operation == "UPDATE" and not resource.group and grows

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        await attributes.give_back()
        quotas = concerned(attributes, obj, await self._quotas.of(attributes.namespace))
        limited = limited_resources.matching(self._limited, attributes.resource.group, attributes.resource.plural)
        if not quotas and not limited:
            return
        if attributes.operation == "CREATE" and attributes.resource.plural == "pods":
            _refuse_unsaid(attributes, obj, quotas)
        costs = _costs(attributes, obj, old)
        if not any(costs.values()):
            return
        if limited:
            _refuse_uncovered(attributes, limited, obj, quotas=quotas, costs=costs)
        for each in quotas:
            used_up(attributes, each, costs)
        if not attributes.dry_run:
            await self._reserve(attributes, quotas, costs)

    async def _reserve(self, attributes: Attributes, quotas: Sequence[Doc], costs: Amounts) -> None:
        namespace = attributes.namespace
        try:
            for each in quotas:
                name = each["metadata"]["name"]
                taken: list[Amounts] = []

                def reserve(now: Doc, taken: list[Amounts] = taken) -> Amounts:
                    wanted, used = used_up(attributes, now, costs), now["status"].get("used", {})
                    taken[:] = [wanted]
                    return quota.not_below_zero(quota.plus(used, wanted))

                def release(now: Doc, taken: list[Amounts] = taken) -> Amounts:
                    status = now.get("status", {})
                    back = quota.only(taken[0], status.get("hard", {}))
                    return quota.not_below_zero(quota.minus(status.get("used", {}), back))

                await self._quotas.use(namespace, name, reserve)
                if taken:
                    attributes.reserved.append(lambda name=name, release=release: self._quotas.use(
                        namespace, name, release))  # fmt: skip
        except Forbidden:
            await attributes.give_back()
            raise


def concerned(attributes: Attributes, obj: Doc, quotas: Sequence[Doc]) -> list[Doc]:
    """The quotas that this object counts for; one whose controller has not looked at it yet limits nothing."""
    group, plural = attributes.resource.group, attributes.resource.plural
    return [
        each
        for each in quotas
        if quota.is_interested(each.get("status", {}).get("hard", {}), group, plural)
        and quota.in_scope(each.get("spec", {}), group, plural, obj)
    ]


def _costs(attributes: Attributes, obj: Doc, old: Doc | None) -> Amounts:
    group, plural, now = attributes.resource.group, attributes.resource.plural, datetime.now(UTC)
    costs = quota.usage(group, plural, obj, now)
    if old is not None:
        costs = quota.minus(costs, quota.usage(group, plural, old, now))
    return {name: amount for name, amount in costs.items() if amount != "0"}


def _refuse_unsaid(attributes: Attributes, pod: Doc, quotas: Sequence[Doc]) -> None:
    for each in quotas:
        if missing := quota.unsaid(each["status"]["hard"], pod["spec"]):
            raise _forbidden(attributes, f"failed quota: {each['metadata']['name']}: must specify {missing}")


def _refuse_uncovered(
    attributes: Attributes, limited: Sequence[Doc], obj: Doc, *, quotas: Sequence[Doc], costs: Amounts
) -> None:
    """Some resources may only be used where a quota says how much."""
    covered = [name for each in quotas for name in each["status"]["hard"]]
    if missing := limited_resources.uncovered(limited, costs, covered):
        raise _forbidden(attributes, f"insufficient quota to consume: {','.join(missing)}")
    is_pod = attributes.resource.plural == "pods" and not attributes.resource.group
    if is_pod and (scopes := limited_resources.uncovered_scopes(limited, obj, quotas)):
        raise _forbidden(attributes, f"insufficient quota to match these scopes: [{' '.join(scopes)}]")


def used_up(attributes: Attributes, found: Doc, costs: Amounts) -> Amounts:
    """What of the costs this quota counts; Forbidden when that is more than is left."""
    name, status = found["metadata"]["name"], found.get("status", {})
    hard, used = status.get("hard", {}), status.get("used", {})
    wanted = quota.only(costs, hard)
    if unknown := sorted(wanted.keys() - used.keys()):
        raise _forbidden(attributes, f"status unknown for quota: {name}, resources: {','.join(unknown)}")
    if over := quota.exceeding(wanted, used, hard):
        said = [f"{word}: {_said(amounts, over)}" for word, amounts in
                (("requested", wanted), ("used", used), ("limited", hard))]  # fmt: skip
        raise _forbidden(attributes, f"exceeded quota: {name}, {', '.join(said)}")
    return wanted


def _said(amounts: Mapping[str, str], names: Sequence[str]) -> str:
    return ",".join(f"{name}={amounts[name]}" for name in names)


def _forbidden(attributes: Attributes, why: str) -> Forbidden:
    return Forbidden(attributes.resource.plural, attributes.name, why, group=attributes.resource.group)
