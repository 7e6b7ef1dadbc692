"""SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview: may somebody do this?

Answered by the very list of authorizers that requests pass. Real Kubernetes: pkg/registry/authorization.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apiserver.authorization.authorizer import Authorizer, Decision, decide
from apiserver.registry.reviews import ReviewStrategy, empty_metadata_errors
from apiserver.registry.strategy import Doc
from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.authorization.v1 import LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview

    Review = SelfSubjectAccessReview | SubjectAccessReview | LocalSubjectAccessReview


class SelfSubjectAccessReviewStrategy(ReviewStrategy):
    """May I? Wants the authorizers."""

    api_version = "authorization.k8s.io/v1"
    kind = "SelfSubjectAccessReview"

    def __init__(self, authorizers: Sequence[Authorizer]) -> None:
        super().__init__()
        self._authorizers = authorizers

    def validate(self, obj: Review) -> list[FieldError]:
        return _attribute_errors(obj) + empty_metadata_errors(obj)

    def subject(self, obj: Any, user: User) -> User:
        return user

    async def answer(self, obj: Review, user: User) -> Doc:
        opinion = decide(self._authorizers, self.subject(obj, user), _info(obj))
        denied = {"denied": True} if opinion.decision is Decision.DENY else {}
        reason = {"reason": opinion.reason} if opinion.reason else {}
        return {"allowed": opinion.allowed, **denied, **reason}


class SubjectAccessReviewStrategy(SelfSubjectAccessReviewStrategy):
    """May this user, with these groups?"""

    kind = "SubjectAccessReview"

    def validate(self, obj: Any) -> list[FieldError]:
        return super().validate(obj) + _subject_errors(obj)

    def subject(self, obj: Any, user: User) -> User:
        return User(obj.spec.user, obj.spec.groups, obj.spec.uid)


class LocalSubjectAccessReviewStrategy(SubjectAccessReviewStrategy):
    """The same about one namespace, which the asker must be allowed to ask about."""

    kind = "LocalSubjectAccessReview"

    def validate(self, obj: Any) -> list[FieldError]:
        spec, found = obj.spec, _attribute_errors(obj) + _subject_errors(obj)
        found += empty_metadata_errors(obj, "must be empty except for namespace", ignored=("namespace",))
        wanted = spec.resource_attributes
        if wanted is not None and wanted.namespace != obj.metadata.namespace:
            why = "must match metadata.namespace"
            found.append(FieldError.invalid("spec.resourceAttributes.namespace", wanted.namespace, why))
        if spec.non_resource_attributes is not None:
            why = "disallowed on this kind of request"
            found.append(FieldError.invalid("spec.nonResourceAttributes", spec.non_resource_attributes, why))
        return found


def _attribute_errors(obj: Review) -> list[FieldError]:
    resource, other = obj.spec.resource_attributes, obj.spec.non_resource_attributes
    if resource is not None and other is not None:
        why = "cannot be specified in combination with resourceAttributes"
        return [FieldError.invalid("spec.nonResourceAttributes", other, why)]
    if resource is None and other is None:
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [FieldError.invalid("spec.resourceAttributes", None, why)]
    return []


def _subject_errors(obj: Any) -> list[FieldError]:
    if obj.spec.user or obj.spec.groups:
        return []
    return [FieldError.invalid("spec.user", "", "at least one of user or group must be specified")]


def _info(obj: Review) -> RequestInfo:
    """The request that the question is about."""
    resource, other = obj.spec.resource_attributes, obj.spec.non_resource_attributes
    if resource is None:
        return RequestInfo(path=other.path, verb=other.verb)  # type: ignore[union-attr]  # validated: one is there
    return RequestInfo(
        path="",
        verb=resource.verb,
        is_resource=True,
        group=resource.group,
        version=resource.version,
        namespace=resource.namespace,
        resource=resource.resource,
        name=resource.name,
        subresource=resource.subresource,
    )
