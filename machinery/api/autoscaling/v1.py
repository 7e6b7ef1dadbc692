"""Scale, the subresource of everything that has replicas (k8s.io/api `autoscaling/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, field


class ScaleSpec(Model):
    """How many replicas are wanted."""

    replicas: Int32 = field(1, 0)


class ScaleStatus(Model):
    """How many replicas there are, and how to find them."""

    replicas: Int32 = field(1, 0, required=True)
    selector: str = field(2, "")


class Scale(Object):
    """The number of replicas of anything that can be scaled."""

    api_version: str = field(None, "autoscaling/v1", required=True)
    kind: str = field(None, "Scale", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ScaleSpec = field(2, ScaleSpec)
    status: ScaleStatus = field(3, ScaleStatus)
