"""The two doors through which a running pod's spec changes: ephemeralcontainers and resize. Pure.

Each keeps everything of the stored pod but its own part, so nothing else can slip through.
Real Kubernetes: pkg/registry/core/pod/strategy.go (podEphemeralContainersStrategy, podResizeStrategy) and
validateEphemeralContainers, ValidatePodEphemeralContainersUpdate, ValidatePodResize.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apiserver.registry.core.container_validation import container_errors
from machinery.api import quantity
from machinery.api.core.v1 import Container, EphemeralContainer, Pod, PodSpec
from machinery.api.errors import FieldError

Doc = dict[str, Any]
MIRROR = "kubernetes.io/config.mirror"
RESIZABLE = ("cpu", "memory")
PROPOSED = "Proposed"
_NOT_FOR_GUESTS = (
    ("ports", "ports"), ("resources", "resources"), ("resize_policy", "resizePolicy"),
    ("restart_policy", "restartPolicy"), ("liveness_probe", "livenessProbe"), ("readiness_probe", "readinessProbe"),
    ("startup_probe", "startupProbe"), ("lifecycle", "lifecycle"),
)  # fmt: skip
_NOT_SET = "cannot be set for an Ephemeral Container"


# --- ephemeral containers: guests that come and never go ---


def with_guests_of(new: Doc, old: Doc) -> Doc:
    """The stored spec with the ephemeral containers that are asked for."""
    kept = {key: value for key, value in old["spec"].items() if key != "ephemeralContainers"}
    guests = new.get("spec", {}).get("ephemeralContainers")
    return {**kept, "ephemeralContainers": guests} if guests else kept


def guest_errors(spec: PodSpec, path: str) -> list[FieldError]:
    """What is wrong with the ephemeral containers of a pod spec that stands at `path`."""
    found: list[FieldError] = []
    others = {container.name for container in (*spec.containers, *spec.init_containers)}
    volumes, seen = {volume.name for volume in spec.volumes}, set(others)
    for index, guest in enumerate(spec.ephemeral_containers):
        where = f"{path}.ephemeralContainers[{index}]"
        found += container_errors(as_container(guest), where, volumes=volumes, init=False)
        if guest.name in seen:
            found.append(FieldError.duplicate(f"{where}.name", guest.name))
        seen.add(guest.name)
        if guest.target_container_name and guest.target_container_name not in others:
            found.append(FieldError.not_found(f"{where}.targetContainerName", guest.target_container_name))
        found += _not_for_guests(guest, where)
    return found


def as_container(guest: EphemeralContainer) -> Container:
    """It has all the fields of a container, and one more."""
    return Container.from_dict({k: v for k, v in guest.to_dict().items() if k != "targetContainerName"})


def _not_for_guests(guest: EphemeralContainer, path: str) -> Iterator[FieldError]:
    plain = EphemeralContainer()
    for attribute, name in _NOT_FOR_GUESTS:
        if getattr(guest, attribute) != getattr(plain, attribute):
            yield FieldError.forbidden(f"{path}.{name}", _NOT_SET)
    for index, mount in enumerate(guest.volume_mounts):
        for text, name in ((mount.sub_path, "subPath"), (mount.sub_path_expr, "subPathExpr")):
            if text:
                yield FieldError.forbidden(f"{path}.volumeMounts[{index}].{name}", _NOT_SET)


def guest_update_errors(new: Pod, old: Pod) -> list[FieldError]:
    """A guest that is there stays as it is."""
    if MIRROR in old.metadata.annotations:
        return [FieldError.forbidden("", "static pods do not support ephemeral containers")]
    found = guest_errors(new.spec, "spec")
    now = {guest.name: guest for guest in new.spec.ephemeral_containers}
    for guest in old.spec.ephemeral_containers:
        if guest.name not in now:
            why = f'existing ephemeral containers "{guest.name}" may not be removed'
            found.append(FieldError.forbidden("spec.ephemeralContainers", why))
        elif now[guest.name] != guest:
            why = f'existing ephemeral containers "{guest.name}" may not be changed'
            found.append(FieldError.forbidden("spec.ephemeralContainers", why))
    return found


# --- resize: other amounts of cpu and memory ---


def resized(new: Doc, old: Doc) -> Doc:
    """The stored spec with the resources that are asked for. Renamed containers are left for validation to refuse."""
    wanted, stored = new.get("spec", {}).get("containers", []), old["spec"].get("containers", [])
    if [each.get("name") for each in wanted] != [each.get("name") for each in stored]:
        return {**old["spec"], "containers": wanted}
    pairs = zip(wanted, stored, strict=True)
    return {**old["spec"], "containers": [_with_resources(after, before) for after, before in pairs]}


def _with_resources(after: Doc, before: Doc) -> Doc:
    kept = {key: value for key, value in before.items() if key not in ("resources", "resizePolicy")}
    return kept | {key: after[key] for key in ("resources", "resizePolicy") if key in after}


def amounts_of(pod: Doc) -> list[Doc]:
    """The resources of every container, in order."""
    return [container.get("resources") or {} for container in pod["spec"].get("containers", [])]


def resize_errors(new: Pod, old: Pod, qos: Callable[[Doc], str]) -> list[FieldError]:
    if MIRROR in old.metadata.annotations:
        return [FieldError.forbidden("", "static pods cannot be resized")]
    found = list(_order_errors(new.spec.containers, old.spec.containers))
    if found:
        return found
    after, before = (qos(pod.spec.to_dict()) for pod in (new, old))
    if after != before:
        why = "Pod QOS Class may not change as a result of resizing"
        found.append(FieldError.invalid("spec", after, why))
    for index, (container, was) in enumerate(zip(new.spec.containers, old.spec.containers, strict=True)):
        found += _amount_errors(container, was, f"spec.containers[{index}].resources")
    if any(_others(a) != _others(b) for a, b in zip(new.spec.containers, old.spec.containers, strict=True)):
        found.append(FieldError.forbidden("spec", "only cpu and memory resources are mutable"))
    return found


def _order_errors(new: Iterable[Container], old: Iterable[Container]) -> Iterator[FieldError]:
    names, before = [each.name for each in new], [each.name for each in old]
    if len(names) != len(before):
        yield FieldError.forbidden("spec.containers", "containers may not be added or removed on resize")
        return
    for index, (name, was) in enumerate(zip(names, before, strict=True)):
        if name != was:
            why = "containers may not be renamed or reordered on resize"
            yield FieldError.forbidden(f"spec.containers[{index}].name", why)


def _amount_errors(new: Container, old: Container, path: str) -> Iterator[FieldError]:
    """What was promised once stays promised, and memory is not taken from a program that runs."""
    for field in ("requests", "limits"):
        before, after = getattr(old.resources, field), getattr(new.resources, field)
        if any(name in before and name not in after for name in RESIZABLE):
            yield FieldError.forbidden(f"{path}.{field}", f"resource {field} cannot be removed")
    restarts = any(p.resource_name == "memory" and p.restart_policy == "RestartContainer" for p in new.resize_policy)
    before, after = old.resources.limits.get("memory"), new.resources.limits.get("memory")
    if before and after and not restarts and quantity.parse(after) < quantity.parse(before):
        yield FieldError.forbidden(f"{path}.limits", "memory limits cannot be decreased")


def _others(container: Container) -> list[Any]:
    """Everything of the resources that a resize does not concern."""
    resources = container.resources
    amounts = [{k: v for k, v in part.items() if k not in RESIZABLE} for part in (resources.limits, resources.requests)]
    return [*amounts, resources.claims]
