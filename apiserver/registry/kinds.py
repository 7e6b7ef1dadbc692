"""The list of the kinds that this server serves: one strategy each. Adding a kind is adding a line here.

Real Kubernetes: pkg/registry/*/rest/storage_*.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiserver.authentication.bearer import Tokens
from apiserver.authorization.authorizer import Authorizer
from apiserver.registry.admissionregistration.validating_admission_policy import ValidatingAdmissionPolicyStrategy
from apiserver.registry.admissionregistration.validating_admission_policy_binding import (
    ValidatingAdmissionPolicyBindingStrategy,
)
from apiserver.registry.admissionregistration.webhook_configuration import (
    MutatingWebhookConfigurationStrategy,
    ValidatingWebhookConfigurationStrategy,
)
from apiserver.registry.apiextensions.custom_resource_definition import CustomResourceDefinitionStrategy
from apiserver.registry.apiregistration.api_service import APIServiceStrategy
from apiserver.registry.apps.controller_revision import ControllerRevisionStrategy
from apiserver.registry.apps.daemon_set import DaemonSetStrategy
from apiserver.registry.apps.deployment import DeploymentStrategy
from apiserver.registry.apps.replica_set import ReplicaSetStrategy
from apiserver.registry.apps.stateful_set import StatefulSetStrategy
from apiserver.registry.authentication.self_subject_review import SelfSubjectReviewStrategy
from apiserver.registry.authentication.token_review import TokenReviewStrategy
from apiserver.registry.authorization.access_review import (
    LocalSubjectAccessReviewStrategy,
    SelfSubjectAccessReviewStrategy,
    SubjectAccessReviewStrategy,
)
from apiserver.registry.authorization.self_subject_rules_review import SelfSubjectRulesReviewStrategy
from apiserver.registry.autoscaling.first_autoscaler import FirstHorizontalPodAutoscalerStrategy
from apiserver.registry.autoscaling.horizontal_pod_autoscaler import HorizontalPodAutoscalerStrategy
from apiserver.registry.batch.cron_job import CronJobStrategy
from apiserver.registry.batch.job import JobStrategy
from apiserver.registry.certificates.signing_request import CertificateSigningRequestStrategy
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
from apiserver.registry.events.event import EventStrategy as NewEventStrategy
from apiserver.registry.flowcontrol.flow_schema import FlowSchemaStrategy
from apiserver.registry.flowcontrol.priority_level_configuration import PriorityLevelConfigurationStrategy
from apiserver.registry.networking.ingress import IngressStrategy
from apiserver.registry.networking.ingress_class import IngressClassStrategy
from apiserver.registry.networking.network_policy import NetworkPolicyStrategy
from apiserver.registry.node.runtime_class import RuntimeClassStrategy
from apiserver.registry.policy.disruption_budget import PodDisruptionBudgetStrategy
from apiserver.registry.rbac.role import ClusterRoleStrategy, RoleStrategy
from apiserver.registry.rbac.role_binding import ClusterRoleBindingStrategy, RoleBindingStrategy
from apiserver.registry.reviews import ReviewStrategy
from apiserver.registry.scheduling.priority_class import PriorityClassStrategy
from apiserver.registry.storage.csi_driver import CSIDriverStrategy
from apiserver.registry.storage.csi_node import CSINodeStrategy
from apiserver.registry.storage.csi_storage_capacity import CSIStorageCapacityStrategy
from apiserver.registry.storage.storage_class import StorageClassStrategy
from apiserver.registry.storage.volume_attachment import VolumeAttachmentStrategy
from apiserver.registry.strategy import Strategy


def strategies(ranges: ServiceRanges, *, event_ttl: int) -> tuple[Strategy, ...]:
    """One strategy per kind, in the order of discovery."""
    return (*core(ranges, event_ttl), *workloads(), *cluster(event_ttl), *storage(), *extension())


def core(ranges: ServiceRanges, event_ttl: int) -> tuple[Strategy, ...]:
    """The group without a name."""
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
    )


def workloads() -> tuple[Strategy, ...]:
    """apps, autoscaling, batch."""
    return (
        ControllerRevisionStrategy(),
        DaemonSetStrategy(),
        DeploymentStrategy(),
        ReplicaSetStrategy(),
        StatefulSetStrategy(),
        HorizontalPodAutoscalerStrategy(),
        FirstHorizontalPodAutoscalerStrategy(),
        CronJobStrategy(),
        JobStrategy(),
    )


def cluster(event_ttl: int) -> tuple[Strategy, ...]:
    """What keeps a cluster going: leases, slices, budgets, events, certificates, network, roles."""
    return (
        LeaseStrategy(),
        EndpointSliceStrategy(),
        PodDisruptionBudgetStrategy(),
        NewEventStrategy(event_ttl),
        CertificateSigningRequestStrategy(),
        IngressClassStrategy(),
        IngressStrategy(),
        NetworkPolicyStrategy(),
        ClusterRoleBindingStrategy(),
        ClusterRoleStrategy(),
        RoleBindingStrategy(),
        RoleStrategy(),
    )


def storage() -> tuple[Strategy, ...]:
    """storage.k8s.io."""
    return (
        CSIDriverStrategy(),
        CSINodeStrategy(),
        CSIStorageCapacityStrategy(),
        StorageClassStrategy(),
        VolumeAttachmentStrategy(),
    )


def extension() -> tuple[Strategy, ...]:
    """What shapes the API itself: admission, classes, flows, kinds and servers of others."""
    return (
        MutatingWebhookConfigurationStrategy(),
        ValidatingAdmissionPolicyStrategy(),
        ValidatingAdmissionPolicyBindingStrategy(),
        ValidatingWebhookConfigurationStrategy(),
        PriorityClassStrategy(),
        RuntimeClassStrategy(),
        FlowSchemaStrategy(),
        PriorityLevelConfigurationStrategy(),
        CustomResourceDefinitionStrategy(),
        APIServiceStrategy(),
    )


def reviews(tokens: Tokens, authorizers: Sequence[Authorizer]) -> tuple[ReviewStrategy, ...]:
    """The kinds that are answered and not stored."""
    return (
        SelfSubjectReviewStrategy(),
        TokenReviewStrategy(tokens),
        LocalSubjectAccessReviewStrategy(authorizers),
        SelfSubjectAccessReviewStrategy(authorizers),
        SelfSubjectRulesReviewStrategy(authorizers),
        SubjectAccessReviewStrategy(authorizers),
    )
