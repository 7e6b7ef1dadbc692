"""Types of autoscaling/v1."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, field


class ScaleSpec(Model):
    replicas: Int32 = field(1, 0)


class ScaleStatus(Model):
    replicas: Int32 = field(1, 0, required=True)
    selector: str = field(2, "")


class Scale(Object):
    api_version: str = field(None, "autoscaling/v1", required=True)
    kind: str = field(None, "Scale", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ScaleSpec = field(2, ScaleSpec)
    status: ScaleStatus = field(3, ScaleStatus)
