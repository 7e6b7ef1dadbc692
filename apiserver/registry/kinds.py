"""The list of the kinds that this server serves: one strategy each. Adding a kind is adding a line here.

Real Kubernetes: pkg/registry/*/rest/storage_*.go.
"""

from __future__ import annotations

from apiserver.registry.apps.controller_revision import ControllerRevisionStrategy
from apiserver.registry.apps.daemon_set import DaemonSetStrategy
from apiserver.registry.apps.deployment import DeploymentStrategy
from apiserver.registry.apps.replica_set import ReplicaSetStrategy
from apiserver.registry.apps.stateful_set import StatefulSetStrategy
from apiserver.registry.batch.cron_job import CronJobStrategy
from apiserver.registry.batch.job import JobStrategy
from apiserver.registry.coordination.lease import LeaseStrategy
from apiserver.registry.core.config_map import ConfigMapStrategy
from apiserver.registry.core.endpoints import EndpointsStrategy
from apiserver.registry.core.event import EventStrategy
from apiserver.registry.core.limit_range import LimitRangeStrategy
from apiserver.registry.core.namespace import NamespaceStrategy
from apiserver.registry.core.node import NodeStrategy
from apiserver.registry.core.persistent_volume import PersistentVolumeStrategy
from apiserver.registry.core.persistent_volume_claim import PersistentVolumeClaimStrategy
from apiserver.registry.core.pod import PodStrategy
from apiserver.registry.core.pod_template import PodTemplateStrategy
from apiserver.registry.core.replication_controller import ReplicationControllerStrategy
from apiserver.registry.core.resource_quota import ResourceQuotaStrategy
from apiserver.registry.core.secret import SecretStrategy
from apiserver.registry.core.service import ServiceStrategy
from apiserver.registry.core.service_account import ServiceAccountStrategy
from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.registry.discovery.endpoint_slice import EndpointSliceStrategy
from apiserver.registry.policy.disruption_budget import PodDisruptionBudgetStrategy
from apiserver.registry.strategy import Strategy


def strategies(ranges: ServiceRanges, *, event_ttl: int) -> tuple[Strategy, ...]:
    """One strategy per kind, in the order of discovery."""
    return (
        ConfigMapStrategy(),
        EndpointsStrategy(),
        EventStrategy(event_ttl),
        LimitRangeStrategy(),
        NamespaceStrategy(),
        NodeStrategy(),
        PersistentVolumeClaimStrategy(),
        PersistentVolumeStrategy(),
        PodStrategy(),
        PodTemplateStrategy(),
        ReplicationControllerStrategy(),
        ResourceQuotaStrategy(),
        SecretStrategy(),
        ServiceAccountStrategy(),
        ServiceStrategy(ranges),
        ControllerRevisionStrategy(),
        DaemonSetStrategy(),
        DeploymentStrategy(),
        ReplicaSetStrategy(),
        StatefulSetStrategy(),
        CronJobStrategy(),
        JobStrategy(),
        LeaseStrategy(),
        EndpointSliceStrategy(),
        PodDisruptionBudgetStrategy(),
    )
