"""RuntimeClass (k8s.io/api `node/v1`)."""

from machinery.api.core.v1.scheduling import Toleration
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Quantity, field


class Overhead(Model):
    """What a runtime needs beside the containers."""

    pod_fixed: dict[str, Quantity] = field(1, {})
    """How much the runtime takes for each pod, by resource, beside what the containers ask for."""


class Scheduling(Model):
    """The nodes that know a runtime class."""

    node_selector: dict[str, str] = field(1, {}, atomic=True)
    """Labels that a node must have; they join the pod's own nodeSelector."""
    tolerations: tuple[Toleration, ...] = field(2, (), list_type="atomic")
    """Joined to the tolerations of pods that use the class."""


class RuntimeClass(Object):
    """A way to run containers, by the name of the node's handler."""

    api_version: str = field(None, "node.k8s.io/v1", required=True)
    kind: str = field(None, "RuntimeClass", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    handler: str = field(2, "", required=True)
    """The name by which the nodes' container runtime knows this way to run. It cannot be changed."""
    overhead: Overhead | None = field(3, None)
    """What the runtime itself takes; it counts in scheduling and in quotas."""
    scheduling: Scheduling | None = field(4, None)
    """The nodes that can run it; any node if not said."""
