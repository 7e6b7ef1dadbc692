"""MutatingAdmissionWebhook: webhooks that may change the object, one after the other, each seeing what came before.

When one has changed it, the plugins before this one run again, and then, once, those webhooks that asked for that
(reinvocationPolicy IfNeeded) and were overtaken by a change of somebody else's: nothing can go round for ever.
Real Kubernetes: admission/plugin/webhook/mutating and admission/reinvocation.go. Left out: patches of what somebody
connects with.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apiserver import decoding
from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin
from apiserver.admission.webhook.calls import Calls, Question
from apiserver.admission.webhook.configurations import Hook
from machinery.api.errors import ApiError, BadRequest, InternalError
from machinery.api.field_errors import quote
from machinery.api.patch import json_patch

Doc = dict[str, Any]


@dataclass(slots=True)
class _Rounds:
    """Who is to be asked again. `changed` whether anybody changed anything in the first round."""

    asked: set[str] = field(default_factory=set)
    overtaken: set[str] = field(default_factory=set)
    changed: bool = False

    def note(self, hook: Hook, *, changed: bool) -> None:
        """A change overtakes everybody who was asked before; not the one who made it."""
        if changed:
            self.changed = True
            self.overtaken |= self.asked
            self.asked = set()
        if hook.again:
            self.asked.add(hook.key)


class MutatingAdmissionWebhook(Plugin):
    """See the module. `before`: the plugins that may change objects, too."""

    def __init__(self, calls: Calls, before: Sequence[Plugin] = ()) -> None:
        self._calls = calls
        self._before = tuple(before)

    def handles(self, attributes: Attributes) -> bool:
        return self._calls.concern(attributes)

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        rounds = _Rounds()
        async for question in self._calls.relevant(attributes, obj, old):
            rounds.note(question.hook, changed=await self._ask(question, attributes, obj, old))
        if not rounds.changed:
            return
        given = orjson.dumps(obj, option=orjson.OPT_SORT_KEYS)
        for plugin in self._before:
            if plugin.handles(attributes):
                await plugin.admit(attributes, obj, old)
        again = rounds.overtaken
        if orjson.dumps(obj, option=orjson.OPT_SORT_KEYS) != given:
            again = again | rounds.asked
        if not again:
            return
        async for question in self._calls.relevant(attributes, obj, old):
            if question.hook.key in again:
                await self._ask(question, attributes, obj, old, turn=1)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        """What is deleted passes the chain only here; there is nothing to change, only to refuse."""
        if attributes.operation == "DELETE":
            async for question in self._calls.relevant(attributes, obj, old):
                await self._ask(question, attributes, obj, old)

    async def _ask(self, question: Question, attributes: Attributes, obj: Any, old: Any, *, turn: int = 0) -> bool:
        """Whether the webhook changed the object."""
        verdict = await self._calls.verdict(question, attributes, obj, old)
        hook, changed = question.hook, False
        if verdict is not None and (operations := _operations(hook, verdict.patch)):
            new = self._patched(question, obj, operations, operation=attributes.operation)
            changed = new is not None
            if changed:
                _put(obj, self._decoded(question, attributes, new, old))
        said = {"configuration": hook.configuration, "webhook": hook.name, "mutated": changed}
        key = f"mutation.webhook.admission.k8s.io/round_{turn}_index_{question.index}"
        attributes.annotations[key] = orjson.dumps(said).decode()
        return changed

    def _patched(self, question: Question, obj: Any, operations: Any, *, operation: str) -> Any:
        """The object in the webhook's version after the patch; None when that changes nothing."""
        name, shown = quote(question.hook.name), question.view.show(obj)
        if shown is None or operation == "CONNECT":
            why = "attempted to modify the object, which is not supported for this operation"
            raise InternalError(f"admission webhook {name} {why}")
        try:
            outcome = json_patch(copy.deepcopy(shown), operations)
        except ApiError as error:
            why = str(error.__cause__ or error.message)
            raise InternalError(f"admission webhook {name} sent a patch that does not apply: {why}") from None
        return None if outcome == shown else outcome

    def _decoded(self, question: Question, attributes: Attributes, outcome: Any, old: Any) -> Doc:
        """The outcome as an object of the request's kind, defaults filled in."""
        name = quote(question.hook.name)
        try:
            if not isinstance(outcome, dict):
                raise decoding.Undecodable(decoding.no_object(outcome))
            given = (outcome.get("apiVersion"), outcome.get("kind"))
            if given != question.view.kind:
                raise decoding.Undecodable(f"{given} is not the kind that it was")
            return self._calls.kinds.completed(attributes, question.view.back(outcome), old)
        except (decoding.Undecodable, BadRequest) as error:
            raise InternalError(f"admission webhook {name} made an object of the wrong form: {error}") from None


def _operations(hook: Hook, patch: bytes) -> Any:
    if not patch:
        return []
    try:
        return orjson.loads(patch)
    except orjson.JSONDecodeError as error:
        if hook.ignores_failures:
            return []
        why = f"received undecodable patch in webhook response: {error}"
        raise InternalError(f"failed calling webhook {quote(hook.name)}: {why}") from None


def _put(obj: Doc, new: Doc) -> None:
    """In place: others hold on to the object and to its metadata. What the server gave to a new object stays."""
    meta = obj.setdefault("metadata", {})
    given = {key: meta[key] for key in ("uid", "creationTimestamp", "resourceVersion") if key in meta}
    fresh = {**new.get("metadata", {}), **given}
    meta.clear()
    meta.update(fresh)
    obj.clear()
    obj.update({**new, "metadata": meta})
