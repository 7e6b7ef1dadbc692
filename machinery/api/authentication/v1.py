"""TokenRequest, TokenReview, SelfSubjectReview (k8s.io/api `authentication/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int64, Model, Object, Time, field


class BoundObjectReference(Model):
    """The object with which a token ends."""

    kind: str = field(1, "")
    api_version: str = field(2, "")
    name: str = field(3, "")
    uid: str = field(4, "")


class UserInfo(Model):
    """A user: name, uid, groups and extra facts."""

    username: str = field(1, "")
    uid: str = field(2, "")
    groups: tuple[str, ...] = field(3, (), list_type="atomic")
    extra: dict[str, tuple[str, ...]] = field(4, {})


class SelfSubjectReviewStatus(Model):
    """The user that a request was made as."""

    user_info: UserInfo = field(1, UserInfo)


class SelfSubjectReview(Object):
    """Who am I?"""

    api_version: str = field(None, "authentication.k8s.io/v1", required=True)
    kind: str = field(None, "SelfSubjectReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    status: SelfSubjectReviewStatus = field(2, SelfSubjectReviewStatus)


class TokenRequestSpec(Model):
    """For whom, how long and bound to what a token shall be."""

    audiences: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    expiration_seconds: Int64 | None = field(4, None, required=True, optional=True)
    bound_object_ref: BoundObjectReference | None = field(3, None, required=True, optional=True)


class TokenRequestStatus(Model):
    """The token and when it ends."""

    token: str = field(1, "", required=True)
    expiration_timestamp: Time | None = field(2, None, required=True)


class TokenRequest(Object):
    """A request for a token of a service account."""

    api_version: str = field(None, "authentication.k8s.io/v1", required=True)
    kind: str = field(None, "TokenRequest", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: TokenRequestSpec = field(2, TokenRequestSpec, required=True)
    status: TokenRequestStatus = field(3, TokenRequestStatus)


class TokenReviewSpec(Model):
    """The token to look at and the audience that asks."""

    token: str = field(1, "")
    audiences: tuple[str, ...] = field(2, (), list_type="atomic")


class TokenReviewStatus(Model):
    """Whether a token is good, and for whom it stands."""

    authenticated: bool = field(1, False)
    user: UserInfo = field(2, UserInfo)
    audiences: tuple[str, ...] = field(4, (), list_type="atomic")
    error: str = field(3, "")


class TokenReview(Object):
    """Whose token is this?"""

    api_version: str = field(None, "authentication.k8s.io/v1", required=True)
    kind: str = field(None, "TokenReview", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: TokenReviewSpec = field(2, TokenReviewSpec, required=True)
    status: TokenReviewStatus = field(3, TokenReviewStatus)
