"""Access reviews (k8s.io/api `authorization/v1`)."""

from machinery.api.meta.v1 import FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta
from machinery.api.model import Model, Object, field


class FieldSelectorAttributes(Model):
    """The field selector of a request, for those who decide about it."""

    raw_selector: str = field(1, "")
    requirements: tuple[FieldSelectorRequirement, ...] = field(2, (), list_type="atomic")


class LabelSelectorAttributes(Model):
    """The label selector of a request, for those who decide about it."""

    raw_selector: str = field(1, "")
    requirements: tuple[LabelSelectorRequirement, ...] = field(2, (), list_type="atomic")


class ResourceAttributes(Model):
    """A verb on a resource."""

    namespace: str = field(1, "")
    verb: str = field(2, "")
    group: str = field(3, "")
    version: str = field(4, "")
    resource: str = field(5, "")
    subresource: str = field(6, "")
    name: str = field(7, "")
    field_selector: FieldSelectorAttributes | None = field(8, None)
    label_selector: LabelSelectorAttributes | None = field(9, None)


class NonResourceAttributes(Model):
    """A verb on a path that is no resource."""

    path: str = field(1, "")
    verb: str = field(2, "")


class SubjectAccessReviewSpec(Model):
    """Who, and what."""

    resource_attributes: ResourceAttributes | None = field(1, None)
    non_resource_attributes: NonResourceAttributes | None = field(2, None)
    user: str = field(3, "")
    groups: tuple[str, ...] = field(4, (), list_type="atomic")
    extra: dict[str, tuple[str, ...]] = field(5, {})
    uid: str = field(6, "")


class SubjectAccessReviewStatus(Model):
    """Yes or no, and why."""

    allowed: bool = field(1, False, required=True)
    denied: bool = field(4, False)
    reason: str = field(2, "")
    evaluation_error: str = field(3, "")


class LocalSubjectAccessReview(Object):
    """May somebody do this in this namespace?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "LocalSubjectAccessReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SubjectAccessReviewSpec = field(2, SubjectAccessReviewSpec, required=True)
    status: SubjectAccessReviewStatus = field(3, SubjectAccessReviewStatus)


class NonResourceRule(Model):
    """Verbs that are allowed on paths."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    non_resource_urls: tuple[str, ...] = field(2, (), json="nonResourceURLs", list_type="atomic")


class ResourceRule(Model):
    """Verbs that are allowed on resources."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    api_groups: tuple[str, ...] = field(2, (), list_type="atomic")
    resources: tuple[str, ...] = field(3, (), list_type="atomic")
    resource_names: tuple[str, ...] = field(4, (), list_type="atomic")


class SelfSubjectAccessReviewSpec(Model):
    """What I ask about."""

    resource_attributes: ResourceAttributes | None = field(1, None)
    non_resource_attributes: NonResourceAttributes | None = field(2, None)


class SelfSubjectAccessReview(Object):
    """May I do this?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "SelfSubjectAccessReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SelfSubjectAccessReviewSpec = field(2, SelfSubjectAccessReviewSpec, required=True)
    status: SubjectAccessReviewStatus = field(3, SubjectAccessReviewStatus)


class SelfSubjectRulesReviewSpec(Model):
    """The namespace that I ask about."""

    namespace: str = field(1, "")


class SubjectRulesReviewStatus(Model):
    """All that is allowed."""

    resource_rules: tuple[ResourceRule, ...] = field(1, (), required=True, list_type="atomic")
    non_resource_rules: tuple[NonResourceRule, ...] = field(2, (), required=True, list_type="atomic")
    incomplete: bool = field(3, False, required=True)
    evaluation_error: str = field(4, "")


class SelfSubjectRulesReview(Object):
    """What may I do in this namespace?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "SelfSubjectRulesReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SelfSubjectRulesReviewSpec = field(2, SelfSubjectRulesReviewSpec, required=True)
    status: SubjectRulesReviewStatus = field(3, SubjectRulesReviewStatus)


class SubjectAccessReview(Object):
    """May somebody do this?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "SubjectAccessReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SubjectAccessReviewSpec = field(2, SubjectAccessReviewSpec, required=True)
    status: SubjectAccessReviewStatus = field(3, SubjectAccessReviewStatus)
