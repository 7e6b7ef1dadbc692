"""AdmissionReview (k8s.io/api `admission/v1`)."""

from machinery.api.authentication.v1 import UserInfo
from machinery.api.meta.v1 import GroupVersionKind, GroupVersionResource, Status
from machinery.api.model import Bytes, Model, RawExtension, field


class AdmissionRequest(Model):
    """What a webhook is asked to judge: who does what to which object."""

    uid: str = field(1, "", required=True)
    kind: GroupVersionKind = field(2, GroupVersionKind, required=True)
    resource: GroupVersionResource = field(3, GroupVersionResource, required=True)
    sub_resource: str = field(4, "")
    request_kind: GroupVersionKind | None = field(13, None)
    request_resource: GroupVersionResource | None = field(14, None)
    request_sub_resource: str = field(15, "")
    name: str = field(5, "")
    namespace: str = field(6, "")
    operation: str = field(7, "", required=True)
    user_info: UserInfo = field(8, UserInfo, required=True)
    object: RawExtension | None = field(9, None)
    old_object: RawExtension | None = field(10, None)
    dry_run: bool | None = field(11, None)
    options: RawExtension | None = field(12, None)


class AdmissionResponse(Model):
    """A webhook's verdict, perhaps with a patch."""

    uid: str = field(1, "", required=True)
    allowed: bool = field(2, False, required=True)
    status: Status | None = field(3, None)
    patch: Bytes = field(4, "")
    patch_type: str | None = field(5, None)
    audit_annotations: dict[str, str] = field(6, {})
    warnings: tuple[str, ...] = field(7, ())


class AdmissionReview(Model):
    """The envelope of a webhook's question and answer."""

    api_version: str = field(None, "admission.k8s.io/v1", required=True)
    kind: str = field(None, "AdmissionReview", required=True)
    request: AdmissionRequest | None = field(1, None)
    response: AdmissionResponse | None = field(2, None)
