"""AdmissionReview (k8s.io/api `admission/v1`)."""

from machinery.api.authentication.v1 import UserInfo
from machinery.api.meta.v1 import GroupVersionKind, GroupVersionResource, Status
from machinery.api.model import Bytes, Model, RawExtension, field


class AdmissionRequest(Model):
    """What a webhook is asked to judge: who does what to which object."""

    uid: str = field(1, "", required=True)
    """The id of this question; the answer repeats it."""
    kind: GroupVersionKind = field(2, GroupVersionKind, required=True)
    """The kind of the object, in the version that the webhook asked for."""
    resource: GroupVersionResource = field(3, GroupVersionResource, required=True)
    """The resource, in the version that the webhook asked for."""
    sub_resource: str = field(4, "")
    """The subresource, such as status or scale; empty for the object itself."""
    request_kind: GroupVersionKind | None = field(13, None)
    """The kind that the client sent, if it was converted."""
    request_resource: GroupVersionResource | None = field(14, None)
    """The resource that the client called, if it was converted."""
    request_sub_resource: str = field(15, "")
    """The subresource that the client called."""
    name: str = field(5, "")
    """The object's name; empty at a create with generateName."""
    namespace: str = field(6, "")
    """The object's namespace; empty for kinds without."""
    operation: str = field(7, "", required=True)
    """CREATE, UPDATE, DELETE or CONNECT."""
    user_info: UserInfo = field(8, UserInfo, required=True)
    """Who asks."""
    object: RawExtension | None = field(9, None)
    """The object as it would be stored; none for a delete."""
    old_object: RawExtension | None = field(10, None)
    """The object as it is; only for updates and deletes."""
    dry_run: bool | None = field(11, None)
    """Whether nothing will be stored: then the webhook must change nothing elsewhere, either."""
    options: RawExtension | None = field(12, None)
    """The options of the call: CreateOptions, UpdateOptions …"""


class AdmissionResponse(Model):
    """A webhook's verdict, perhaps with a patch."""

    uid: str = field(1, "", required=True)
    """The uid of the request."""
    allowed: bool = field(2, False, required=True)
    """Whether the request may go on."""
    status: Status | None = field(3, None)
    """What to tell the client if it may not: code and message."""
    patch: Bytes = field(4, "")
    """Changes to the object, from a mutating webhook: a JSON patch in base64."""
    patch_type: str | None = field(5, None)
    """The form of the patch: always JSONPatch."""
    audit_annotations: dict[str, str] = field(6, {})
    """What to write into the audit log; the webhook's name is put before each key."""
    warnings: tuple[str, ...] = field(7, ())
    """Texts to show to the client, best at most 120 characters each."""


class AdmissionReview(Model):
    """The envelope of a webhook's question and answer."""

    api_version: str = field(None, "admission.k8s.io/v1", required=True)
    kind: str = field(None, "AdmissionReview", required=True)
    request: AdmissionRequest | None = field(1, None)
    """The question, from the server."""
    response: AdmissionResponse | None = field(2, None)
    """The answer, from the webhook."""
