"""TokenRequest, TokenReview, SelfSubjectReview (k8s.io/api `authentication/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int64, Model, Object, Time, field


class BoundObjectReference(Model):
    """The object with which a token ends."""

    kind: str = field(1, "")
    """Pod, Secret or Node."""
    api_version: str = field(2, "")
    """The group and version of that object, such as v1."""
    name: str = field(3, "")
    """The object's name."""
    uid: str = field(4, "")
    """The object's uid; if given, it must be this very object."""


class UserInfo(Model):
    """A user: name, uid, groups and extra facts."""

    username: str = field(1, "")
    """Who the user is to the API; no two active users share it."""
    uid: str = field(2, "")
    """An id that no later user of the same name will have."""
    groups: tuple[str, ...] = field(3, (), list_type="atomic")
    """The groups that the user is in."""
    extra: dict[str, tuple[str, ...]] = field(4, {})
    """What else the authenticator knows of the user."""


class SelfSubjectReviewStatus(Model):
    """The user that a request was made as."""

    user_info: UserInfo = field(1, UserInfo)
    """The user as the server sees it, impersonation included."""


class SelfSubjectReview(Object):
    """Who am I?"""

    api_version: str = field(None, "authentication.k8s.io/v1", required=True)
    kind: str = field(None, "SelfSubjectReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    status: SelfSubjectReviewStatus = field(2, SelfSubjectReviewStatus)
    """The answer."""


class TokenRequestSpec(Model):
    """For whom, how long and bound to what a token shall be."""

    audiences: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """For whom the token is: whoever is not among them must refuse it."""
    expiration_seconds: Int64 | None = field(4, None, required=True, optional=True)
    """How long it shall last, at least 600 seconds; the answer may differ. Default 3600."""
    bound_object_ref: BoundObjectReference | None = field(3, None, required=True, optional=True)
    """An object without which the token is worth nothing, such as the pod that uses it."""


class TokenRequestStatus(Model):
    """The token and when it ends."""

    token: str = field(1, "", required=True)
    """The token itself, a JWT."""
    expiration_timestamp: Time | None = field(2, None, required=True)
    """When it ends."""


class TokenRequest(Object):
    """A request for a token of a service account."""

    api_version: str = field(None, "authentication.k8s.io/v1", required=True)
    kind: str = field(None, "TokenRequest", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: TokenRequestSpec = field(2, TokenRequestSpec, required=True)
    """What token is wanted."""
    status: TokenRequestStatus = field(3, TokenRequestStatus)
    """The answer."""


class TokenReviewSpec(Model):
    """The token to look at and the audience that asks."""

    token: str = field(1, "")
    """The token to check, as it stood behind "Bearer"."""
    audiences: tuple[str, ...] = field(2, (), list_type="atomic")
    """Who asks: the token must be for one of these. Default: the API server."""


class TokenReviewStatus(Model):
    """Whether a token is good, and for whom it stands."""

    authenticated: bool = field(1, False)
    """Whether the token belongs to a known user."""
    user: UserInfo = field(2, UserInfo)
    """The user that it belongs to."""
    audiences: tuple[str, ...] = field(4, (), list_type="atomic")
    """Those of the audiences asked for that the token is also meant for."""
    error: str = field(3, "")
    """What went wrong with the check; not set if it went well."""


class TokenReview(Object):
    """Whose token is this?"""

    api_version: str = field(None, "authentication.k8s.io/v1", required=True)
    kind: str = field(None, "TokenReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: TokenReviewSpec = field(2, TokenReviewSpec, required=True)
    """The question."""
    status: TokenReviewStatus = field(3, TokenReviewStatus)
    """The answer."""
