"""The ReplicationController controller: the ReplicaSet's older sister, with a selector that knows only equality.

Watches ReplicationControllers and Pods; writes as replicaset.py does, whose loop and plan it uses unchanged.
In Kubernetes: pkg/controller/replication, which wraps the ReplicaSet controller in the same way.
"""

from __future__ import annotations

from controllers.replicaset import ReplicaSetController
from machinery.api.core.v1 import ReplicationController, ReplicationControllerCondition
from machinery.api.labels import Selector, from_labels


class ReplicationControllerController(ReplicaSetController):
    """Keys are replication controllers."""

    name = "replication"
    kind = ReplicationController
    condition = ReplicationControllerCondition

    @staticmethod
    def selector_of(owner: ReplicationController) -> Selector:
        return from_labels(owner.spec.selector)
