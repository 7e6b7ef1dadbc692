"""Eviction (k8s.io/api `policy/v1`)."""

from machinery.api.meta.v1 import DeleteOptions, ObjectMeta
from machinery.api.model import Object, field


class Eviction(Object):
    """A request to delete a pod that disruption budgets may refuse."""

    api_version: str = field(None, "policy/v1", required=True)
    kind: str = field(None, "Eviction", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    delete_options: DeleteOptions | None = field(2, None)
