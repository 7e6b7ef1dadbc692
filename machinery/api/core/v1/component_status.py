"""ComponentStatus."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, field


class ComponentCondition(Model):
    """One health condition of a component."""

    type: str = field(1, "", required=True)
    """Always Healthy."""
    status: str = field(2, "", required=True)
    """True if it is healthy, else False or Unknown."""
    message: str = field(3, "")
    """What the component answered, such as ok."""
    error: str = field(4, "")
    """What went wrong in asking it."""


class ComponentStatus(Object):
    """The health of a control-plane component, as clients of old ask it."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ComponentStatus", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    conditions: tuple[ComponentCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What was observed: one condition, Healthy."""
