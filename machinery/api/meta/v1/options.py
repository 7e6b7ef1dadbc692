"""Query parameters of each verb."""

from machinery.api.model import Int64, Model, field


class ApplyOptions(Model):
    """Query parameters of a server-side apply."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ApplyOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    """All goes through every step but does not store the result; empty stores it."""
    force: bool = field(2, False, required=True)
    """Whether to take fields over from other managers in place of failing with a conflict."""
    field_manager: str = field(3, "", required=True)
    """The name of the program that applies, under which its fields are kept."""


class CreateOptions(Model):
    """Query parameters of a create."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "CreateOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    """All goes through every step but does not store the result; empty stores it."""
    field_manager: str = field(3, "")
    """The name of the program that writes; the beginning of its User-Agent if not said."""
    field_validation: str = field(4, "")
    """What to do about unknown and double fields: Ignore, Warn (the default) or Strict, which refuses."""


class Preconditions(Model):
    """What must be true of the object for a delete to go through."""

    uid: str | None = field(1, None)
    """The uid that the object must have."""
    resource_version: str | None = field(2, None)
    """The resourceVersion that the object must have."""


class DeleteOptions(Model):
    """How to delete: grace, preconditions, and what becomes of dependents."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "DeleteOptions", required=True)
    grace_period_seconds: Int64 | None = field(1, None)
    """Seconds the object has to end in good order; its kind's own number if not said, 0 for none."""
    preconditions: Preconditions | None = field(2, None)
    """What must be true of the object, else the answer is 409 Conflict."""
    orphan_dependents: bool | None = field(3, None)
    """Old form of propagationPolicy: true leaves dependents alone. Set one of the two."""
    propagation_policy: str | None = field(4, None)
    """What happens to dependents: Orphan leaves them; Background deletes them after, Foreground before."""
    dry_run: tuple[str, ...] = field(5, (), list_type="atomic")
    """All goes through every step but does not delete; empty deletes."""
    ignore_store_read_error_with_cluster_breaking_potential: bool | None = field(6, None)
    """Delete even what cannot be read from storage (alpha)."""


class GetOptions(Model):
    """Query parameters of a get."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "GetOptions", required=True)
    resource_version: str = field(1, "")
    """How fresh the answer must be: empty for the newest, 0 for any."""


class ListOptions(Model):
    """Query parameters of a list or watch."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ListOptions", required=True)
    label_selector: str = field(1, "")
    """Only objects with such labels: app=web,tier in (front,back). Empty for all."""
    field_selector: str = field(2, "")
    """Only objects with such fields: status.phase=Running. Each kind supports a few. Empty for all."""
    watch: bool = field(3, False)
    """Whether to send changes as they happen in place of a list."""
    allow_watch_bookmarks: bool = field(9, False)
    """Whether a watch may send BOOKMARK events, which only tell how far it is."""
    resource_version: str = field(4, "")
    """How fresh a list must be, or after which revision a watch begins: empty for the newest, 0 for any."""
    resource_version_match: str = field(10, "")
    """How resourceVersion is meant in a list: Exact or NotOlderThan."""
    timeout_seconds: Int64 | None = field(5, None)
    """Seconds after which the server ends the list or watch."""
    limit: Int64 = field(7, 0)
    """At most so many objects in one answer; metadata.continue leads to the rest. 0 for all."""
    continue_: str = field(8, "", json="continue")
    """The metadata.continue of the page before. The query must otherwise be the same."""
    send_initial_events: bool | None = field(11, None)
    """Whether a watch begins with all present objects as ADDED and then a BOOKMARK."""


class PatchOptions(Model):
    """Query parameters of a patch."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PatchOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    """All goes through every step but does not store the result; empty stores it."""
    force: bool | None = field(2, None)
    """For apply patches only: whether to take fields over from other managers in place of a conflict."""
    field_manager: str = field(3, "")
    """The name of the program that writes; apply patches must give it."""
    field_validation: str = field(4, "")
    """What to do about unknown and double fields: Ignore, Warn (the default) or Strict, which refuses."""


class TableOptions(Model):
    """Query parameters of a request for a table."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "TableOptions", required=True)
    include_object: str = field(1, "")
    """How much of the object each row carries: None, Metadata (the default) or Object."""


class UpdateOptions(Model):
    """Query parameters of an update."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "UpdateOptions", required=True)
    dry_run: tuple[str, ...] = field(1, (), list_type="atomic")
    """All goes through every step but does not store the result; empty stores it."""
    field_manager: str = field(2, "")
    """The name of the program that writes; the beginning of its User-Agent if not said."""
    field_validation: str = field(3, "")
    """What to do about unknown and double fields: Ignore, Warn (the default) or Strict, which refuses."""
