"""PriorityClass (k8s.io/api `scheduling/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Object, field


class PriorityClass(Object):
    """A name for how important pods are."""

    api_version: str = field(None, "scheduling.k8s.io/v1", required=True)
    kind: str = field(None, "PriorityClass", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    value: Int32 = field(2, 0, required=True)
    """The higher, the more important; at most 1000000000 for one's own. It cannot be changed."""
    global_default: bool = field(3, False)
    """Whether pods that name no class get this one; one class at most. Default false."""
    description: str = field(4, "")
    """For people: what the class is meant for."""
    preemption_policy: str | None = field(5, None)
    """Whether its pods may push less important ones out: PreemptLowerPriority (the default) or Never."""
