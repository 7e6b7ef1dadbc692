"""Answers that are no object: success, failure, one change of a watch."""

from machinery.api.meta.v1.metadata import ListMeta
from machinery.api.model import Int32, Model, Object, RawExtension, field


class StatusCause(Model):
    """One cause of a failure: reason, message and the field at fault."""

    reason: str = field(1, "")
    """The kind of mistake as one word, such as FieldValueRequired."""
    message: str = field(2, "")
    """What is wrong, for people to read."""
    field: str = field(3, "")
    """The field at fault: spec.containers[0].name."""


class StatusDetails(Model):
    """What a failure was about: name, kind, causes, when to try again."""

    name: str = field(1, "")
    """The name of the object that the request was about."""
    group: str = field(2, "")
    """The group of that object."""
    kind: str = field(3, "")
    """The kind or resource of that object."""
    uid: str = field(6, "")
    """The uid of that object, where there is just one."""
    causes: tuple[StatusCause, ...] = field(4, (), list_type="atomic")
    """Every single cause, such as each invalid field."""
    retry_after_seconds: Int32 = field(5, 0)
    """Seconds to wait before the client tries again."""


class Status(Object):
    """The answer that is not an object: success or failure, reason, details."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Status", required=True)
    metadata: ListMeta = field(1, ListMeta)
    """Empty in most answers."""
    status: str = field(2, "")
    """Success or Failure."""
    message: str = field(3, "")
    """What happened, for people to read."""
    reason: str = field(4, "")
    """Why it failed, as one word that programs act on: NotFound, Conflict, Invalid …"""
    details: StatusDetails | None = field(5, None, list_type="atomic")
    """More about the failure: which object, which fields."""
    code: Int32 = field(6, 0)
    """The HTTP status code, such as 404."""


class WatchEvent(Model):
    """One change: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object."""

    type: str = field(1, "", required=True)
    """ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."""
    object: RawExtension | None = field(2, None, required=True)
    """The object after the change (for DELETED, before it); a Status for ERROR."""
