"""PodSecurity: a namespace's labels say which Pod Security Standard its pods are held to, warned of, or audited for.

Its configuration says what holds where no label does, and who is exempt.
Real Kubernetes: plugin/pkg/admission/security/podsecurity and k8s.io/pod-security-admission/admission.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from apiserver.admission.pod_security_configuration import VERSION, Exemptions, defaults_of, exemptions_of
from apiserver.admission.pod_security_standards import LATEST, LEVELS, PRIVILEGED, RESTRICTED, Pod, violations
from machinery.api.errors import FieldError, Forbidden, Invalid

PREFIX = "pod-security.kubernetes.io/"
MOST_PODS = 3000
_TEMPLATES = {
    ("", "replicationcontrollers"), ("", "podtemplates"), ("apps", "replicasets"), ("apps", "deployments"),
    ("apps", "statefulsets"), ("apps", "daemonsets"), ("batch", "jobs"), ("batch", "cronjobs"),
}  # fmt: skip


class Objects(Protocol):
    """How the plugin looks namespaces and pods up."""

    async def of(self, namespace: str = "") -> Sequence[Doc]:
        """Those of a namespace."""

    async def named(self, name: str) -> Doc | None:
        """The one of this name."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A level at a version: `restricted:latest`."""

    level: str = PRIVILEGED
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    def told(self, metadata: Doc, spec: Doc) -> str:
        """What is wrong with a pod, or nothing."""
        return ", ".join(map(str, violations(self.level, self._at(metadata, spec))))

    def reasons(self, metadata: Doc, spec: Doc) -> str:
        return ", ".join(each.reason for each in violations(self.level, self._at(metadata, spec)))

    def _at(self, metadata: Doc, spec: Doc) -> Pod:
        return Pod(metadata, spec, LATEST if self.version == "latest" else int(self.version.removeprefix("v1.")))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a namespace's labels ask for."""

    enforce: Standard = Standard()
    audit: Standard = Standard()
    warn: Standard = Standard()


Judgement = dict[Standard, str]
"""What is wrong with one pod by each standard, or nothing."""
PERMISSIVE = Policy()
NOTHING: Mapping[str, str] = MappingProxyType({})


def policy_of(labels: Mapping[str, str], defaults: Mapping[str, str] = NOTHING) -> tuple[Policy, list[FieldError]]:
    """A policy in any case: what cannot be read is enforced as restricted, and neither audited nor warned of."""
    if not defaults and not any(key.startswith(PREFIX) for key in labels):
        return PERMISSIVE, []
    found: list[FieldError] = []
    standards = {}
    for mode in ("enforce", "audit", "warn"):
        level = labels.get(PREFIX + mode, defaults.get(mode, PRIVILEGED))
        version = labels.get(f"{PREFIX}{mode}-version", defaults.get(f"{mode}-version", "latest"))
        if level not in LEVELS:
            found.append(_invalid(mode, level, f"must be one of {', '.join(LEVELS)}"))
            level = RESTRICTED if mode == "enforce" else PRIVILEGED
        if version != "latest" and not VERSION.fullmatch(version):
            found.append(_invalid(f"{mode}-version", version, 'must be "latest" or "v1.x"'))
            version = "latest"
        standards[mode] = Standard(level, version)
    return Policy(**standards), found


def _invalid(label: str, value: str, why: str) -> FieldError:
    return FieldError.invalid(f"metadata.labels[{PREFIX}{label}]", value, why)


class PodSecurity(Plugin):
    """See the module."""

    def __init__(self, namespaces: Objects, pods: Objects, configuration: Doc | None = None) -> None:
        self._namespaces, self._pods = namespaces, pods
        self._defaults = defaults_of(configuration) if configuration is not None else NOTHING
        self._exempt = exemptions_of(configuration) if configuration is not None else Exemptions()

    def handles(self, attributes: Attributes) -> bool:
        kind = attributes.resource.group, attributes.resource.plural
        if attributes.operation == "DELETE":
            return False
        if kind == ("", "pods"):
            return attributes.subresource in ("", "ephemeralcontainers", "resize")
        return not attributes.subresource and (kind == ("", "namespaces") or kind in _TEMPLATES)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        if attributes.resource.plural == "namespaces":
            await self._namespace(attributes, obj, old)
            return
        namespace = await self._namespaces.named(attributes.namespace)
        policy, _ = policy_of(namespace["metadata"].get("labels", {}) if namespace else {}, self._defaults)
        if policy == PERMISSIVE or self._is_exempt(attributes, obj):
            return
        if attributes.resource.plural != "pods":
            if template := template_of(obj):
                modes = (policy.audit, policy.warn)
                _note(attributes, policy, _judged(modes, template.get("metadata", {}), template.get("spec", {})))
        elif old is None or is_significant(obj, old):
            told = _judged((policy.enforce, policy.audit, policy.warn), obj["metadata"], obj["spec"])
            _enforce(attributes, policy, told)
            _note(attributes, policy, told)

    def _is_exempt(self, attributes: Attributes, obj: Doc) -> bool:
        pod = obj if attributes.resource.plural == "pods" else template_of(obj) or {}
        runtime_class = (pod.get("spec") or {}).get("runtimeClassName", "")
        why = self._exempt.reason(attributes.namespace, attributes.user.name, runtime_class)
        if why:
            attributes.annotations[f"{PREFIX}exempt"] = why
        return bool(why)

    async def _namespace(self, attributes: Attributes, obj: Doc, old: Doc | None) -> None:
        """Labels must be right where they change; pods that are there already are only told of."""
        policy, errors = policy_of(obj["metadata"].get("labels", {}), self._defaults)
        labels = old["metadata"].get("labels", {}) if old else {}
        before, old_errors = policy_of(labels, self._defaults) if old else (PERMISSIVE, [])
        if errors and errors != old_errors:
            raise Invalid("Namespace", attributes.name, errors)
        if self._exempt.reason(attributes.name, attributes.user.name):
            return
        now, was = policy.enforce, before.enforce
        relaxed = now.version == was.version and LEVELS.index(now.level) <= LEVELS.index(was.level)
        if old is not None and now != was and now.level != PRIVILEGED and not relaxed:
            for warning in existing(attributes.name, now, await self._pods.of(attributes.name)):
                _warn(attributes, warning)


def _judged(modes: tuple[Standard, ...], metadata: Doc, spec: Doc) -> Judgement:
    """Often several modes name the same standard."""
    return {standard: standard.told(metadata, spec) for standard in {*modes}}


def _enforce(attributes: Attributes, policy: Policy, judgement: Judgement) -> None:
    attributes.annotations[f"{PREFIX}enforce-policy"] = str(policy.enforce)
    if told := judgement[policy.enforce]:
        raise Forbidden("pods", attributes.name, f'violates PodSecurity "{policy.enforce}": {told}')


def _note(attributes: Attributes, policy: Policy, judgement: Judgement) -> None:
    if told := judgement[policy.audit]:
        attributes.annotations[f"{PREFIX}audit-violations"] = f'would violate PodSecurity "{policy.audit}": {told}'
    if told := judgement[policy.warn]:
        _warn(attributes, f'would violate PodSecurity "{policy.warn}": {told}')


def _warn(attributes: Attributes, warning: str) -> None:
    """Once, also when a write is tried again."""
    if warning not in attributes.warnings:
        attributes.warnings.append(warning)


def existing(namespace: str, standard: Standard, pods: Sequence[Doc]) -> list[str]:
    """What to say of pods that were there before; those with the same faults share a line."""
    faults: dict[str, list[str]] = {}
    for pod in pods[:MOST_PODS]:
        if reasons := standard.reasons(pod["metadata"], pod["spec"]):
            faults.setdefault(reasons, []).append(pod["metadata"]["name"])
    said = []
    if len(pods) > MOST_PODS:
        said.append(
            f"new PodSecurity enforce level only checked against the first {MOST_PODS} of {len(pods)} existing pods")
    if faults:
        said.append(f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{standard}"')
    return said + sorted(f"{_together(names)}: {reasons}" for reasons, names in faults.items())


def _together(names: Sequence[str]) -> str:
    others = len(names) - 1
    return min(names) + (f" (and {others} other pod{'s' if others > 1 else ''})" if others else "")


def template_of(obj: Doc) -> Doc | None:
    """The pod template of a workload."""
    spec = obj.get("spec", obj)
    return spec.get("jobTemplate", {}).get("spec", spec).get("template")


def is_significant(pod: Doc, old: Doc) -> bool:
    """Whether an update can make a pod worse: images, containers, and nothing else may change."""
    return any(_images(each) != _images(other) for each, other in _both(pod, old))


def _both(pod: Doc, old: Doc) -> list[tuple[Sequence[Doc], Sequence[Doc]]]:
    fields = ("containers", "initContainers", "ephemeralContainers")
    return [(pod["spec"].get(field, ()), old["spec"].get(field, ())) for field in fields]


def _images(containers: Sequence[Doc]) -> list[tuple[str, str]]:
    return [(each["name"], each.get("image", "")) for each in containers]
