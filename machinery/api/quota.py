"""What an object costs of a ResourceQuota, and which quotas it counts for. Pure, over plain JSON objects.

Both the admission plugin, which reserves, and the controller, which counts again, ask here: they must agree.
Real Kubernetes: pkg/quota/v1 and its evaluators. Left out: claims of devices, scopes of volume attributes classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from machinery.api import quantity

Doc = dict[str, Any]
Amounts = dict[str, str]
"""Quantities by the name of the resource."""

_COUNTED = frozenset({
    "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
})  # fmt: skip
"""Kinds of the core group that have a name of their own beside count/…"""
_MUST_BE_SAID = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
_ALSO_REQUESTS = ("cpu", "memory", "ephemeral-storage")
_CLASS = ".storageclass.storage.k8s.io/"
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"


# --- amounts ---


def plus(first: Mapping[str, str], second: Mapping[str, str]) -> Amounts:
    """Both together."""
    total = dict(first)
    for name, amount in second.items():
        total[name] = quantity.add(total[name], amount) if name in total else amount
    return total


def minus(first: Mapping[str, str], second: Mapping[str, str]) -> Amounts:
    """What of the first remains without the second; may be less than nothing."""
    return plus(first, {name: _negative(amount) for name, amount in second.items()})


def _negative(amount: str) -> str:
    return amount[1:] if amount.startswith("-") else amount if quantity.parse(amount) == 0 else f"-{amount}"


def not_below_zero(amounts: Mapping[str, str]) -> Amounts:
    return {name: amount if quantity.parse(amount) > 0 else "0" for name, amount in amounts.items()}


def _most(first: Mapping[str, str], second: Mapping[str, str]) -> Amounts:
    both = {**first, **second}
    return {
        name: max(first.get(name, "0"), second.get(name, "0"), key=quantity.parse) if name in first else amount
        for name, amount in both.items()
    }


def only(amounts: Mapping[str, str], names: Iterable[str]) -> Amounts:
    return {name: amounts[name] for name in names if name in amounts}


def exceeding(wanted: Mapping[str, str], used: Mapping[str, str], hard: Mapping[str, str]) -> list[str]:
    """The names of which more is wanted than is left. Giving back is always allowed."""
    return [
        name
        for name, amount in sorted(wanted.items())
        if quantity.parse(amount) > 0
        and quantity.parse(used.get(name, "0")) + quantity.parse(amount) > quantity.parse(hard[name])
    ]


# --- what an object costs ---


def usage(group: str, plural: str, obj: Doc, now: datetime) -> Amounts:
    """Everything that it could count for, under every name."""
    costs = {f"count/{plural}.{group}" if group else f"count/{plural}": "1"}
    if group:
        return costs
    if plural == "pods":
        return costs if has_ended(obj, now) else {**costs, "pods": "1", **pod_costs(obj["spec"])}
    if plural in _COUNTED:
        costs[plural] = "1"
    if plural == "persistentvolumeclaims":
        return costs | _claim_costs(obj)
    return costs | (_service_costs(obj.get("spec", {})) if plural == "services" else {})


def has_ended(pod: Doc, now: datetime) -> bool:
    """It runs no more, or should not since its grace period is over: then it uses nothing."""
    if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return True
    meta = pod["metadata"]
    marked, grace = meta.get("deletionTimestamp"), meta.get("deletionGracePeriodSeconds")
    if not marked or grace is None:
        return False
    return now > datetime.fromisoformat(marked) + timedelta(seconds=grace)


def pod_costs(spec: Doc) -> Amounts:
    """Processors, memory and the like, by the names that a quota has for them."""
    return _named(amounts_of(spec, "requests"), amounts_of(spec, "limits"))


def _named(requests: Mapping[str, str], limits: Mapping[str, str]) -> Amounts:
    found: Amounts = {}
    for name, amount in requests.items():
        if name in _ALSO_REQUESTS or name.startswith("hugepages-"):
            found[name] = amount
        found[f"requests.{name}"] = amount
    return found | {f"limits.{name}": amount for name, amount in limits.items() if name in _ALSO_REQUESTS}


def amounts_of(spec: Doc, field: str) -> Amounts:
    """The pod's `requests` or `limits` in all: its containers together, or the hungriest step of its start."""
    running: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers", ()):
        step = plus(running, _said(container, field))
        if container.get("restartPolicy") == "Always":
            running = step
        peak = _most(peak, step)
    for container in spec.get("containers", ()):
        running = plus(running, _said(container, field))
    total = _most(peak, running) | _said(spec, field)
    overhead = spec.get("overhead", {})
    return plus(total, overhead if field == "requests" else only(overhead, total))


def _said(holder: Doc, field: str) -> Amounts:
    return holder.get("resources", {}).get(field, {})


def _claim_costs(claim: Doc) -> Amounts:
    spec = claim.get("spec", {})
    storage = _said(spec, "requests").get("storage", "0")
    allocated = claim.get("status", {}).get("allocatedResources", {}).get("storage", "0")
    storage = max(storage, allocated, key=quantity.parse)
    costs = {"requests.storage": storage}
    if name := claim["metadata"].get("annotations", {}).get(_OLD_CLASS) or spec.get("storageClassName", ""):
        costs |= {f"{name}{_CLASS}requests.storage": storage, f"{name}{_CLASS}persistentvolumeclaims": "1"}
    return costs


def _service_costs(spec: Doc) -> Amounts:
    ports, kind = spec.get("ports", ()), spec.get("type", "ClusterIP")
    given = [port for port in ports if port.get("nodePort") or spec.get("allocateLoadBalancerNodePorts") is not False]
    node_ports = {"NodePort": len(ports), "LoadBalancer": len(given)}.get(kind, 0)
    return {"services.nodeports": str(node_ports), "services.loadbalancers": str(int(kind == "LoadBalancer"))}


# --- which quotas it counts for ---


def is_interested(hard: Iterable[str], group: str, plural: str) -> bool:
    """Whether objects of this kind can use any of it."""
    names = set(hard)
    counts = f"count/{plural}.{group}" if group else f"count/{plural}"
    if counts in names or group:
        return counts in names
    if plural == "persistentvolumeclaims":
        return any(name in (plural, "requests.storage") or _CLASS in name for name in names)
    if plural == "services":
        return bool(names & {"services", "services.nodeports", "services.loadbalancers"})
    if plural == "pods":
        return any(_is_of_pods(name) for name in names)
    return plural in _COUNTED and plural in names


def _is_of_pods(name: str) -> bool:
    if name in ("pods", *_ALSO_REQUESTS) or name.startswith(("hugepages-", "limits.")):
        return True
    return name.startswith("requests.") and name != "requests.storage"


def in_scope(spec: Doc, group: str, plural: str, obj: Doc) -> bool:
    """Whether the object is one of those that the quota's scopes speak of; only pods have scopes."""
    rows = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes", ())]
    rows += spec.get("scopeSelector", {}).get("matchExpressions", ())
    if not rows:
        return True
    return not group and plural == "pods" and all(_fits(row, obj) for row in rows)


def _fits(row: Doc, pod: Doc) -> bool:
    spec = pod["spec"]
    match row["scopeName"]:
        case "Terminating":
            return _ends_by_itself(spec)
        case "NotTerminating":
            return not _ends_by_itself(spec)
        case "BestEffort":
            return _is_best_effort(spec)
        case "NotBestEffort":
            return not _is_best_effort(spec)
        case "PriorityClass":
            return _selected(row, spec.get("priorityClassName", ""))
        case "CrossNamespacePodAffinity":
            return _looks_elsewhere(spec)
    return False


def _ends_by_itself(spec: Doc) -> bool:
    return spec.get("activeDeadlineSeconds", -1) >= 0


def _is_best_effort(spec: Doc) -> bool:
    containers = (*spec.get("containers", ()), *spec.get("initContainers", ()), spec)
    said = [amount for each in containers for field in ("requests", "limits")
            for name, amount in _said(each, field).items() if name in ("cpu", "memory")]  # fmt: skip
    return all(quantity.parse(amount) == 0 for amount in said)


def _selected(row: Doc, name: str) -> bool:
    values = row.get("values", ())
    answers = {"Exists": bool(name), "DoesNotExist": not name, "In": name in values, "NotIn": name not in values}
    return answers.get(row["operator"], False)


def _looks_elsewhere(spec: Doc) -> bool:
    affinity = spec.get("affinity", {})
    for kind in ("podAffinity", "podAntiAffinity"):
        terms = list(affinity.get(kind, {}).get("requiredDuringSchedulingIgnoredDuringExecution", ()))
        preferred = affinity.get(kind, {}).get("preferredDuringSchedulingIgnoredDuringExecution", ())
        terms += [each.get("podAffinityTerm", {}) for each in preferred]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False


def unsaid(hard: Iterable[str], spec: Doc) -> str:
    """Which containers of a pod leave open what the quota limits: `limits.cpu for: a,b; …`, or nothing."""
    wanted = sorted(name for name in hard if name in _MUST_BE_SAID)
    missing: dict[str, set[str]] = {}
    for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
        said = _named(_said(container, "requests"), _said(container, "limits")).keys()
        of_pod = _named(_said(spec, "requests"), _said(spec, "limits")).keys()
        for name in wanted:
            if name not in said and name not in of_pod:
                missing.setdefault(name, set()).add(container["name"])
    return "; ".join(f"{name} for: {','.join(sorted(who))}" for name, who in missing.items())
