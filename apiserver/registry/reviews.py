"""Kinds that are answered and never stored: what one creates is a question, what comes back holds the answer.

`Review` stands where a Store stands for other kinds. Its strategy checks the question and answers it.
Real Kubernetes: pkg/registry/{authentication,authorization}. Left out: admission of reviews.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.registry import metadata
from apiserver.registry.strategy import Doc, Strategy
from apiserver.user import User
from machinery.api.errors import FieldError, Invalid


class ReviewStrategy(Strategy):
    """A question's kind; `answer` gives the status."""

    async def answer(self, obj: Any, user: User) -> Doc:
        raise NotImplementedError


class Review:
    """What dispatch and the create endpoint want of a Store. Wants the strategy."""

    def __init__(self, strategy: ReviewStrategy) -> None:
        self.strategy = strategy
        self.resource = strategy.resource

    async def create(self, attributes: Attributes, doc: Doc) -> bytes:
        """The question with its answer in it."""
        meta = doc.setdefault("metadata", {})
        metadata.check_namespace(meta, attributes.namespace)
        typed = self.strategy.model.from_dict(doc)
        if found := self.strategy.validate(typed):
            raise Invalid(self.resource.kind, meta.get("name", ""), found, group=self.resource.group)
        answered = {**doc, "status": await self.strategy.answer(typed, attributes.user)}
        return self.strategy.model.from_dict(answered).to_json()


def empty_metadata_errors(obj: Any, why: str = "must be empty", *, ignored: tuple[str, ...] = ()) -> list[FieldError]:
    """A question is about nobody's object, so it has no name or labels."""
    given = {key: value for key, value in obj.metadata.to_dict().items() if key not in (*ignored, "managedFields")}
    return [FieldError.invalid("metadata", obj.metadata, why)] if given else []
