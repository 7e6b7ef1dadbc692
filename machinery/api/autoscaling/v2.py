"""HorizontalPodAutoscaler by any metric (k8s.io/api `autoscaling/v2`)."""

from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class MetricTarget(Model):
    """The value to aim at."""

    type: str = field(1, "", required=True)
    """Utilization, Value or AverageValue; the field that fits it is set."""
    value: Quantity | None = field(2, None)
    """The value to aim at, in all."""
    average_value: Quantity | None = field(3, None)
    """The value to aim at, as the mean of all pods."""
    average_utilization: Int32 | None = field(4, None)
    """The use to aim at, in percent of what the pods request; only for resources."""


class ContainerResourceMetricSource(Model):
    """Scale by a resource that one container of each pod uses."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    target: MetricTarget = field(2, MetricTarget, required=True)
    """Above it replicas are added, below it taken away."""
    container: str = field(3, "", required=True)
    """The container whose use counts."""


class MetricValueStatus(Model):
    """A present value."""

    value: Quantity | None = field(1, None)
    """The value now, in all."""
    average_value: Quantity | None = field(2, None)
    """The value now, as the mean of all pods."""
    average_utilization: Int32 | None = field(3, None)
    """The use now, in percent of what the pods request."""


class ContainerResourceMetricStatus(Model):
    """How much of a resource that container uses now."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    """The value now."""
    container: str = field(3, "", required=True)
    """The container whose use counts."""


class CrossVersionObjectReference(Model):
    """An object by kind and name."""

    kind: str = field(1, "", required=True)
    """The kind, such as Deployment."""
    name: str = field(2, "", required=True)
    """The object's name."""
    api_version: str = field(3, "")
    """The group and version, such as apps/v1."""


class MetricIdentifier(Model):
    """A metric by name and selector."""

    name: str = field(1, "", required=True)
    """What the metrics API calls it."""
    selector: LabelSelector | None = field(2, None)
    """Labels that choose one series of that name."""


class ExternalMetricSource(Model):
    """Scale by a metric from outside the cluster."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    """Which metric."""
    target: MetricTarget = field(2, MetricTarget, required=True)
    """Above it replicas are added, below it taken away."""


class ExternalMetricStatus(Model):
    """The present value of a metric from outside."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    """Which metric."""
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    """The value now."""


class HPAScalingPolicy(Model):
    """How fast replicas may be added or taken away."""

    type: str = field(1, "", required=True)
    """Pods for a number of pods, Percent for a part of those that are there."""
    value: Int32 = field(2, 0, required=True)
    """How many pods, or percent, may come or go in the period. Above 0."""
    period_seconds: Int32 = field(3, 0, required=True)
    """The period, in seconds: 1 to 1800."""


class HPAScalingRules(Model):
    """Policies for one direction, and how long to wait and see."""

    stabilization_window_seconds: Int32 | None = field(3, None)
    """Seconds for which earlier results count too, against flapping: 0 to 3600. Default 0 up, 300 down."""
    select_policy: str | None = field(1, None)
    """Max (the default) takes the policy that allows most change, Min the least; Disabled allows none."""
    policies: tuple[HPAScalingPolicy, ...] = field(2, (), list_type="atomic")
    """How fast it may go. Default: up by 4 pods or to the double every 15 s, whichever is more; down to any number."""


class ObjectMetricSource(Model):
    """Scale by a metric of one object."""

    described_object: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    """The object that is measured."""
    target: MetricTarget = field(2, MetricTarget, required=True)
    """Above it replicas are added, below it taken away."""
    metric: MetricIdentifier = field(3, MetricIdentifier, required=True)
    """Which metric."""


class PodsMetricSource(Model):
    """Scale by a metric of the pods."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    """Which metric."""
    target: MetricTarget = field(2, MetricTarget, required=True)
    """Above it replicas are added, below it taken away. Its type is AverageValue."""


class ResourceMetricSource(Model):
    """Scale by a resource that the pods use."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    target: MetricTarget = field(2, MetricTarget, required=True)
    """Above it replicas are added, below it taken away."""


class MetricSpec(Model):
    """One metric to scale by; exactly one source is set."""

    type: str = field(1, "", required=True)
    """ContainerResource, External, Object, Pods or Resource; the field of that name is set."""
    object: ObjectMetricSource | None = field(2, None)
    """A metric of one other object, such as requests per second of an Ingress."""
    pods: PodsMetricSource | None = field(3, None)
    """A metric that each pod has, such as its transactions per second."""
    resource: ResourceMetricSource | None = field(4, None)
    """CPU or memory that all containers of the pods use."""
    container_resource: ContainerResourceMetricSource | None = field(7, None)
    """CPU or memory that one container of each pod uses."""
    external: ExternalMetricSource | None = field(5, None)
    """A metric of something outside the cluster, such as the length of a queue."""


class HorizontalPodAutoscalerBehavior(Model):
    """How fast to scale up and down."""

    scale_up: HPAScalingRules | None = field(1, None)
    """How fast replicas may be added."""
    scale_down: HPAScalingRules | None = field(2, None)
    """How fast replicas may be taken away."""


class HorizontalPodAutoscalerSpec(Model):
    """What to scale, between which bounds, by which metrics."""

    scale_target_ref: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    """What to scale: anything that has a scale subresource."""
    min_replicas: Int32 | None = field(2, None)
    """The fewest replicas that there may be. Default 1."""
    max_replicas: Int32 = field(3, 0, required=True)
    """The most replicas that there may be; not below minReplicas."""
    metrics: tuple[MetricSpec, ...] = field(4, (), list_type="atomic")
    """What to measure; the one that wants most replicas decides. Default: 80 percent of the CPU requested."""
    behavior: HorizontalPodAutoscalerBehavior | None = field(5, None)
    """Limits for the pace, apart for up and down; each has defaults."""


class ObjectMetricStatus(Model):
    """The present value of an object's metric."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    """Which metric."""
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    """The value now."""
    described_object: CrossVersionObjectReference = field(3, CrossVersionObjectReference, required=True)
    """The object that is measured."""


class PodsMetricStatus(Model):
    """The present value of the pods' metric."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    """Which metric."""
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    """The value now, as the mean of all pods."""


class ResourceMetricStatus(Model):
    """How much of a resource the pods use now."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    """The value now."""


class MetricStatus(Model):
    """The present value of one metric."""

    type: str = field(1, "", required=True)
    """ContainerResource, External, Object, Pods or Resource; the field of that name is set."""
    object: ObjectMetricStatus | None = field(2, None)
    """The metric of one other object."""
    pods: PodsMetricStatus | None = field(3, None)
    """The metric that each pod has."""
    resource: ResourceMetricStatus | None = field(4, None)
    """CPU or memory that all containers of the pods use."""
    container_resource: ContainerResourceMetricStatus | None = field(7, None)
    """CPU or memory that one container of each pod uses."""
    external: ExternalMetricStatus | None = field(5, None)
    """The metric of something outside the cluster."""


class HorizontalPodAutoscalerCondition(Model):
    """One observed aspect of an autoscaler."""

    type: str = field(1, "", required=True)
    """AbleToScale, ScalingActive or ScalingLimited."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class HorizontalPodAutoscalerStatus(Model):
    """How many replicas there are and shall be."""

    observed_generation: Int64 | None = field(1, None)
    """The metadata.generation that the controller last acted on."""
    last_scale_time: Time | None = field(2, None)
    """When it last changed the number of replicas."""
    current_replicas: Int32 = field(3, 0)
    """How many replicas it saw last."""
    desired_replicas: Int32 = field(4, 0, required=True)
    """How many replicas it reckoned last that there should be."""
    current_metrics: tuple[MetricStatus, ...] = field(5, (), required=True, optional=True, list_type="atomic")
    """What was last measured, for each metric."""
    conditions: tuple[HorizontalPodAutoscalerCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """Whether it can scale, does scale, and is held back by a bound."""


class HorizontalPodAutoscaler(Object):
    """Adds and takes away replicas as load rises and falls."""

    api_version: str = field(None, "autoscaling/v2", required=True)
    kind: str = field(None, "HorizontalPodAutoscaler", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: HorizontalPodAutoscalerSpec = field(2, HorizontalPodAutoscalerSpec)
    """What is wanted."""
    status: HorizontalPodAutoscalerStatus = field(3, HorizontalPodAutoscalerStatus)
    """What was measured and done."""
