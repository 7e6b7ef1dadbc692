"""ValidatingAdmissionPolicy: policies and their bindings from the watch cache, held against every write they match.

A policy does nothing without a binding; of several refusals the first is told, by the names of policy and binding.
Real Kubernetes: admission/plugin/policy/validating/dispatcher.go and policy/generic.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson

from apiserver.admission import expressions, matching
from apiserver.admission.attributes import Attributes
from apiserver.admission.matching import View
from apiserver.admission.plugin import Plugin
from apiserver.admission.policy.evaluation import Failure, Outcome, evaluate
from apiserver.admission.policy.params import BadParams, Params
from apiserver.admission.webhook.calls import Kinds, NamespaceLabels
from apiserver.storage.interface import Cacher, Selection
from apiserver.storage.keys import prefix_of
from machinery.api.errors import Cause, Details, Forbidden, NotFound

Doc = dict[str, Any]
POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"
_CODES = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413}
_FAILURE = "validation.policy.admission.k8s.io/validation_failure"


class Objects:
    """All objects of one kind, unpacked once per change, in the order of their names."""

    def __init__(self, cacher: Cacher, plural: str) -> None:
        self._cacher, self._all = cacher, Selection(prefix_of(plural))
        self._known: dict[str, tuple[int, Doc]] = {}

    @property
    def any(self) -> bool:
        return bool(self._cacher.size)

    async def all(self) -> list[Doc]:
        known, self._known = self._known, {}
        for entry in (await self._cacher.list(self._all, resource_version=0)).items:
            found = known.get(entry.key)
            fresh = found is None or found[0] != entry.revision
            self._known[entry.key] = (entry.revision, orjson.loads(entry.body)) if fresh else found
        return [obj for _, obj in self._known.values()]


class ValidatingAdmissionPolicy(Plugin):
    """See the module."""

    def __init__(
        self, policies: Objects, bindings: Objects, kinds: Kinds, *, params: Params, namespace_labels: NamespaceLabels
    ) -> None:
        self._policies, self._bindings, self._kinds, self._params = policies, bindings, kinds, params
        self._namespace_labels = namespace_labels

    def handles(self, attributes: Attributes) -> bool:
        return self._bindings.any and not matching.exempt(attributes.resource)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        bindings = await self._bindings.all()
        denied: list[tuple[str, Failure]] = []
        for policy in await self._policies.all():
            name, spec = policy["metadata"]["name"], policy["spec"]
            bound = [binding for binding in bindings if binding["spec"].get("policyName") == name]
            view = await self._view(spec.get("matchConstraints"), attributes, obj, old) if bound else None
            if view is None:
                continue
            await asyncio.sleep(0)  # policies may take their time each; others get theirs in between
            values = expressions.values_of(attributes, view, obj, old)
            for binding in bound:
                if await self._view(binding["spec"].get("matchResources"), attributes, obj, old) is None:
                    continue
                async for outcome in self._outcomes(policy, binding, attributes, values):
                    self._publish(policy, binding, attributes, outcome)
                    actions = binding["spec"].get("validationActions", ())
                    failures = [*(outcome.failures if "Deny" in actions else ()), *outcome.broken]
                    who = f"ValidatingAdmissionPolicy '{name}' with binding '{binding['metadata']['name']}'"
                    denied += [(who, failure) for failure in failures]
        if denied:
            raise refusal(attributes, *denied[0])

    async def _view(self, match: Doc | None, attributes: Attributes, obj: Any, old: Any) -> View | None:
        """The version in which this is matched; None when it is not. No constraints match everything."""
        views = self._kinds.views(attributes)
        if match is None:
            return views[0]
        exact = match.get("matchPolicy") == "Exact"
        if matching.matching_view(match.get("excludeResourceRules", ()), attributes, views, exact=exact):
            return None
        if not matching.objects_match(matching.selector(match.get("objectSelector")), obj, old):
            return None
        if not await self._in_namespace(match, attributes, obj):
            return None
        rules = match.get("resourceRules", ())
        return matching.matching_view(rules, attributes, views, exact=exact) if rules else views[0]

    async def _in_namespace(self, match: Doc, attributes: Attributes, obj: Any) -> bool:
        wanted, namespace = matching.selector(match.get("namespaceSelector")), matching.namespace_of(attributes)
        if wanted.empty or not namespace:
            return True
        labels = matching.own_labels(attributes, obj)
        labels = await self._namespace_labels(namespace) if labels is None else labels
        if labels is None:
            raise NotFound("namespaces", namespace)
        return wanted.matches(labels)

    async def _outcomes(
        self, policy: Doc, binding: Doc, attributes: Attributes, values: Doc
    ) -> AsyncIterator[Outcome]:
        """One per object of parameters, or one alone."""
        spec, strict = policy["spec"], policy["spec"].get("failurePolicy") != "Ignore"
        try:
            found = await self._params.of(spec.get("paramKind"), binding["spec"].get("paramRef"), attributes.namespace)
        except BadParams as error:
            yield Outcome(broken=[Failure(f"failed to configure binding: {error}")] if strict else [])
            return
        namespace = await self._params.namespace(attributes.namespace) if attributes.namespace else None
        for params in found:
            yield evaluate(spec, {**values, "params": params, "namespaceObject": namespace})

    def _publish(self, policy: Doc, binding: Doc, attributes: Attributes, outcome: Outcome) -> None:
        """What the binding's actions Warn and Audit ask for, and the policy's own notes."""
        name, bound = policy["metadata"]["name"], binding["metadata"]["name"]
        actions = binding["spec"].get("validationActions", ())
        for failure in outcome.failures:
            if "Warn" in actions:
                who = f"ValidatingAdmissionPolicy '{name}' with binding '{bound}'"
                attributes.warnings.extend(matching.plain([f"Validation failed for {who}: {failure.message}"]))
            if "Audit" in actions:
                row = {"message": failure.message, "policy": name, "binding": bound}
                row |= {"expressionIndex": failure.index, "validationActions": actions}
                attributes.annotations[_FAILURE] = orjson.dumps([row]).decode()
        for key, text in outcome.notes:
            key = f"{name}/{key}"
            before = attributes.annotations.get(key, "")
            said = before.split(", ") if before else []
            attributes.annotations[key] = before if text in said else ", ".join([*said, text])


def refusal(attributes: Attributes, who: str, failure: Failure) -> Forbidden:
    """What the client is told; the reason decides the code, Invalid is 422."""
    resource, message = attributes.resource, f"{who} denied request: {failure.message}"
    error = Forbidden(resource.plural, attributes.name or "Unknown", message, group=resource.group)
    error.reason, error.code = failure.reason, _CODES.get(failure.reason, 422)
    name = attributes.name or "Unknown"
    error.details = Details(name=name, group=resource.group, kind=resource.plural, causes=(Cause(message=message),))
    return error
