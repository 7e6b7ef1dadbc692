"""Access reviews (k8s.io/api `authorization/v1`)."""

from machinery.api.meta.v1 import FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta
from machinery.api.model import Model, Object, field


class FieldSelectorAttributes(Model):
    """The field selector of a request, for those who decide about it."""

    raw_selector: str = field(1, "")
    """As it stands in a URL. The server takes it apart if requirements is not set; webhooks should pass it over."""
    requirements: tuple[FieldSelectorRequirement, ...] = field(2, (), list_type="atomic")
    """The same in parts, all of which apply; those not understood may be passed over."""


class LabelSelectorAttributes(Model):
    """The label selector of a request, for those who decide about it."""

    raw_selector: str = field(1, "")
    """As it stands in a URL. The server takes it apart if requirements is not set; webhooks should pass it over."""
    requirements: tuple[LabelSelectorRequirement, ...] = field(2, (), list_type="atomic")
    """The same in parts, all of which apply; those not understood may be passed over."""


class ResourceAttributes(Model):
    """A verb on a resource."""

    namespace: str = field(1, "")
    """The namespace; empty for kinds without, or for all namespaces."""
    verb: str = field(2, "")
    """What is to be done: get, list, watch, create, update, patch, delete … or * for everything."""
    group: str = field(3, "")
    """The API group; empty for the core group, * for all."""
    version: str = field(4, "")
    """The API version; * for all."""
    resource: str = field(5, "")
    """The plural name, such as pods; * for all."""
    subresource: str = field(6, "")
    """Such as status or log; empty for the object itself."""
    name: str = field(7, "")
    """The object's name; empty for all of them."""
    field_selector: FieldSelectorAttributes | None = field(8, None)
    """Limits the question to objects with such fields; others may not be asked for (beta)."""
    label_selector: LabelSelectorAttributes | None = field(9, None)
    """Limits the question to objects with such labels; others may not be asked for (beta)."""


class NonResourceAttributes(Model):
    """A verb on a path that is no resource."""

    path: str = field(1, "")
    """The URL's path, such as /healthz."""
    verb: str = field(2, "")
    """The HTTP method in small letters, such as get."""


class SubjectAccessReviewSpec(Model):
    """Who, and what."""

    resource_attributes: ResourceAttributes | None = field(1, None)
    """The question, if it is about a resource. Set this or nonResourceAttributes."""
    non_resource_attributes: NonResourceAttributes | None = field(2, None)
    """The question, if it is about another URL."""
    user: str = field(3, "")
    """The user's name; without groups the question is about a user who is in no group."""
    groups: tuple[str, ...] = field(4, (), list_type="atomic")
    """The user's groups. A user or a group must be given."""
    extra: dict[str, tuple[str, ...]] = field(5, {})
    """What else is known of the user."""
    uid: str = field(6, "")
    """The user's uid."""


class SubjectAccessReviewStatus(Model):
    """Yes or no, and why."""

    allowed: bool = field(1, False, required=True)
    """Whether it is allowed."""
    denied: bool = field(4, False)
    """Whether it is forbidden outright, so that no other authorizer is asked. Not together with allowed."""
    reason: str = field(2, "")
    """Why, for people to read."""
    evaluation_error: str = field(3, "")
    """What went wrong on the way; the answer may be good all the same."""


class LocalSubjectAccessReview(Object):
    """May somebody do this in this namespace?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "LocalSubjectAccessReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SubjectAccessReviewSpec = field(2, SubjectAccessReviewSpec, required=True)
    """The question; its namespace must be that of the request."""
    status: SubjectAccessReviewStatus = field(3, SubjectAccessReviewStatus)
    """The answer."""


class NonResourceRule(Model):
    """Verbs that are allowed on paths."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """The HTTP methods in small letters, * for all."""
    non_resource_urls: tuple[str, ...] = field(2, (), json="nonResourceURLs", list_type="atomic")
    """The paths; * alone or as the last part stands for everything."""


class ResourceRule(Model):
    """Verbs that are allowed on resources."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """What may be done: get, list, watch, create, update, patch, delete … or * for everything."""
    api_groups: tuple[str, ...] = field(2, (), list_type="atomic")
    """The API groups; "" for the core group, * for all."""
    resources: tuple[str, ...] = field(3, (), list_type="atomic")
    """The plural names; * for all, */status for a subresource of all."""
    resource_names: tuple[str, ...] = field(4, (), list_type="atomic")
    """Only objects of these names; all if empty."""


class SelfSubjectAccessReviewSpec(Model):
    """What I ask about."""

    resource_attributes: ResourceAttributes | None = field(1, None)
    """The question, if it is about a resource. Set this or nonResourceAttributes."""
    non_resource_attributes: NonResourceAttributes | None = field(2, None)
    """The question, if it is about another URL."""


class SelfSubjectAccessReview(Object):
    """May I do this?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "SelfSubjectAccessReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SelfSubjectAccessReviewSpec = field(2, SelfSubjectAccessReviewSpec, required=True)
    """The question."""
    status: SubjectAccessReviewStatus = field(3, SubjectAccessReviewStatus)
    """The answer."""


class SelfSubjectRulesReviewSpec(Model):
    """The namespace that I ask about."""

    namespace: str = field(1, "")
    """The namespace. Required."""


class SubjectRulesReviewStatus(Model):
    """All that is allowed."""

    resource_rules: tuple[ResourceRule, ...] = field(1, (), required=True, list_type="atomic")
    """What is allowed on resources, in no special order and perhaps more than once."""
    non_resource_rules: tuple[NonResourceRule, ...] = field(2, (), required=True, list_type="atomic")
    """What is allowed on other URLs, in no special order and perhaps more than once."""
    incomplete: bool = field(3, False, required=True)
    """Whether more may be allowed than is listed, because an authorizer cannot list its rules."""
    evaluation_error: str = field(4, "")
    """What went wrong on the way, and so why the list is incomplete."""


class SelfSubjectRulesReview(Object):
    """What may I do in this namespace?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "SelfSubjectRulesReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SelfSubjectRulesReviewSpec = field(2, SelfSubjectRulesReviewSpec, required=True)
    """The question."""
    status: SubjectRulesReviewStatus = field(3, SubjectRulesReviewStatus)
    """The answer."""


class SubjectAccessReview(Object):
    """May somebody do this?"""

    api_version: str = field(None, "authorization.k8s.io/v1", required=True)
    kind: str = field(None, "SubjectAccessReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: SubjectAccessReviewSpec = field(2, SubjectAccessReviewSpec, required=True)
    """The question."""
    status: SubjectAccessReviewStatus = field(3, SubjectAccessReviewStatus)
    """The answer."""
