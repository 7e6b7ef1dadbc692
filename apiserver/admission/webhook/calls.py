"""Asking webhooks about one request: which of them, in which version, and what becomes of a failure.

Real Kubernetes: admission/plugin/webhook/generic/webhook.go and the two dispatchers' callHook.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from apiserver.admission import expressions, matching
from apiserver.admission.attributes import Attributes
from apiserver.admission.matching import View
from apiserver.admission.webhook import review
from apiserver.admission.webhook.client import CallFailed, WebhookClient
from apiserver.admission.webhook.configurations import Configurations, Hook
from apiserver.admission.webhook.review import Verdict, WrongAnswer
from apiserver.cel import EvaluationError
from machinery.api.errors import BadRequest, Forbidden, InternalError, NotFound
from machinery.api.field_errors import quote
from machinery.api.scheme import Resource

log = logging.getLogger(__name__)
Doc = dict[str, Any]
NamespaceLabels = Callable[[str], Awaitable[dict[str, str] | None]]
"""The labels of a namespace; None when there is none of this name."""


class Kinds(Protocol):
    """See kinds.ServedKinds."""

    def views(self, resource: Resource) -> tuple[View, ...]: ...

    def completed(self, attributes: Attributes, doc: Doc, old: Doc | None) -> Doc: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What both plugins share."""

    client: WebhookClient
    kinds: Kinds
    namespace_labels: NamespaceLabels


@dataclass(frozen=True, slots=True)
class Question:
    """A webhook that wants to be asked, its place among all, and the version that it wants."""

    hook: Hook
    index: int
    view: View


class Calls:
    """The webhooks of one of the two kinds. `phase` is `mutation` or `validating`, as annotations say it."""

    def __init__(self, configurations: Configurations, around: Surroundings, phase: str) -> None:
        self._configurations = configurations
        self._around = around
        self._phase = phase
        self.kinds = around.kinds

    def concern(self, attributes: Attributes) -> bool:
        """Whether there may be a webhook that wants to hear of this request."""
        return self._configurations.any and not matching.exempt(attributes.resource)

    async def relevant(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> AsyncIterator[Question]:
        """Those that are concerned, in order. `obj` is looked at anew for each: an earlier one may have changed it."""
        hooks = await self._configurations.hooks()
        views = self.kinds.views(attributes)
        for index, hook in enumerate(hooks):
            view = matching.matching_view(hook.doc.get("rules", ()), attributes, views, exact=hook.exact)
            if view is None or not matching.objects_match(hook.objects, obj, old):
                continue
            if await self._in_namespace(hook, attributes, obj) and _wanted(hook, attributes, view, (obj, old)):
                yield Question(hook, index, view)

    async def _in_namespace(self, hook: Hook, attributes: Attributes, obj: Doc | None) -> bool:
        namespace = matching.namespace_of(attributes)
        if hook.namespaces.empty or not namespace:
            return True
        found = matching.own_labels(attributes, obj)
        if found is None:
            found = await self._around.namespace_labels(namespace)
        if found is None:
            raise NotFound("namespaces", namespace)
        return hook.namespaces.matches(found)

    async def verdict(
        self, question: Question, attributes: Attributes, obj: Doc | None, old: Doc | None
    ) -> Verdict | None:
        """What the webhook says; None when it failed and does not mind. Raises what the client is to be told."""
        hook, view = question.hook, question.view
        if attributes.dry_run and not hook.safe_to_try:
            raise BadRequest(f"admission webhook {quote(hook.name)} does not support dry run")
        uid = str(uuid.uuid4())
        asked = {"uid": uid, **review.request(attributes, view, view.show(obj), view.show(old))}
        body = {"kind": "AdmissionReview", "apiVersion": review.API_VERSION, "request": asked}
        try:
            verdict = await self._answer(hook, uid, body)
        except CallFailed as error:
            failure = InternalError(f"failed calling webhook {quote(hook.name)}: {error}")
            if not hook.ignores_failures:
                raise failure from None
            log.warning("%s; its failurePolicy is Ignore", failure)
            self._note_failed_open(question, attributes)
            return None
        attributes.annotations.update({f"{hook.name}/{key}": value for key, value in verdict.annotations.items()})
        attributes.warnings.extend(matching.plain(verdict.warnings))
        if not verdict.allowed:
            raise review.denial(hook.name, verdict.status)
        return verdict

    async def _answer(self, hook: Hook, uid: str, body: Doc) -> Verdict:
        if review.VERSION not in hook.doc.get("admissionReviewVersions", ()):
            raise CallFailed("webhook does not accept v1 AdmissionReview objects, and this server speaks no other")
        try:
            text = await self._around.client.ask(hook, body)
        except CallFailed as error:
            raise CallFailed(f"failed to call webhook: {error}") from None
        try:
            return review.verified(text, uid, mutating=self._phase == "mutation")
        except WrongAnswer as error:
            raise CallFailed(f"received invalid webhook response: {error}") from None

    def _note_failed_open(self, question: Question, attributes: Attributes) -> None:
        key = f"failed-open.{self._phase}.webhook.admission.k8s.io/round_0_index_{question.index}"
        attributes.annotations[key] = question.hook.name


def _wanted(hook: Hook, attributes: Attributes, view: View, objects: tuple[Doc | None, Doc | None]) -> bool:
    """Whether the match conditions are met; when that cannot be said, failurePolicy decides."""
    conditions = hook.doc.get("matchConditions", ())
    if not conditions:
        return True
    try:
        return expressions.met(conditions, expressions.values_of(attributes, view, *objects))
    except EvaluationError as error:
        if hook.ignores_failures:
            return False
        resource = attributes.resource
        raise Forbidden(resource.plural, attributes.name, str(error), group=resource.group) from None
