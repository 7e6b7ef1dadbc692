"""ComponentStatus."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, field


class ComponentCondition(Model):
    """One health condition of a component."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    message: str = field(3, "")
    error: str = field(4, "")


class ComponentStatus(Object):
    """The health of a control-plane component, as clients of old ask it."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ComponentStatus", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    conditions: tuple[ComponentCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
