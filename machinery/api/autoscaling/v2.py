"""HorizontalPodAutoscaler by any metric (k8s.io/api `autoscaling/v2`)."""

from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class MetricTarget(Model):
    """The value to aim at."""

    type: str = field(1, "", required=True)
    value: Quantity | None = field(2, None)
    average_value: Quantity | None = field(3, None)
    average_utilization: Int32 | None = field(4, None)


class ContainerResourceMetricSource(Model):
    """Scale by a resource that one container of each pod uses."""

    name: str = field(1, "", required=True)
    target: MetricTarget = field(2, MetricTarget, required=True)
    container: str = field(3, "", required=True)


class MetricValueStatus(Model):
    """A present value."""

    value: Quantity | None = field(1, None)
    average_value: Quantity | None = field(2, None)
    average_utilization: Int32 | None = field(3, None)


class ContainerResourceMetricStatus(Model):
    """How much of a resource that container uses now."""

    name: str = field(1, "", required=True)
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    container: str = field(3, "", required=True)


class CrossVersionObjectReference(Model):
    """The object that is scaled, by kind and name."""

    kind: str = field(1, "", required=True)
    name: str = field(2, "", required=True)
    api_version: str = field(3, "")


class MetricIdentifier(Model):
    """A metric by name and selector."""

    name: str = field(1, "", required=True)
    selector: LabelSelector | None = field(2, None)


class ExternalMetricSource(Model):
    """Scale by a metric from outside the cluster."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    target: MetricTarget = field(2, MetricTarget, required=True)


class ExternalMetricStatus(Model):
    """The present value of a metric from outside."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)


class HPAScalingPolicy(Model):
    """How fast replicas may be added or taken away."""

    type: str = field(1, "", required=True)
    value: Int32 = field(2, 0, required=True)
    period_seconds: Int32 = field(3, 0, required=True)


class HPAScalingRules(Model):
    """Policies for one direction, and how long to wait and see."""

    stabilization_window_seconds: Int32 | None = field(3, None)
    select_policy: str | None = field(1, None)
    policies: tuple[HPAScalingPolicy, ...] = field(2, (), list_type="atomic")


class ObjectMetricSource(Model):
    """Scale by a metric of one object."""

    described_object: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    target: MetricTarget = field(2, MetricTarget, required=True)
    metric: MetricIdentifier = field(3, MetricIdentifier, required=True)


class PodsMetricSource(Model):
    """Scale by a metric of the pods."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    target: MetricTarget = field(2, MetricTarget, required=True)


class ResourceMetricSource(Model):
    """Scale by a resource that the pods use."""

    name: str = field(1, "", required=True)
    target: MetricTarget = field(2, MetricTarget, required=True)


class MetricSpec(Model):
    """One metric to scale by; exactly one source is set."""

    type: str = field(1, "", required=True)
    object: ObjectMetricSource | None = field(2, None)
    pods: PodsMetricSource | None = field(3, None)
    resource: ResourceMetricSource | None = field(4, None)
    container_resource: ContainerResourceMetricSource | None = field(7, None)
    external: ExternalMetricSource | None = field(5, None)


class HorizontalPodAutoscalerBehavior(Model):
    """How fast to scale up and down."""

    scale_up: HPAScalingRules | None = field(1, None)
    scale_down: HPAScalingRules | None = field(2, None)


class HorizontalPodAutoscalerSpec(Model):
    """What to scale, between which bounds, by which metrics."""

    scale_target_ref: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    min_replicas: Int32 | None = field(2, None)
    max_replicas: Int32 = field(3, 0, required=True)
    metrics: tuple[MetricSpec, ...] = field(4, (), list_type="atomic")
    behavior: HorizontalPodAutoscalerBehavior | None = field(5, None)


class ObjectMetricStatus(Model):
    """The present value of an object's metric."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)
    described_object: CrossVersionObjectReference = field(3, CrossVersionObjectReference, required=True)


class PodsMetricStatus(Model):
    """The present value of the pods' metric."""

    metric: MetricIdentifier = field(1, MetricIdentifier, required=True)
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)


class ResourceMetricStatus(Model):
    """How much of a resource the pods use now."""

    name: str = field(1, "", required=True)
    current: MetricValueStatus = field(2, MetricValueStatus, required=True)


class MetricStatus(Model):
    """The present value of one metric."""

    type: str = field(1, "", required=True)
    object: ObjectMetricStatus | None = field(2, None)
    pods: PodsMetricStatus | None = field(3, None)
    resource: ResourceMetricStatus | None = field(4, None)
    container_resource: ContainerResourceMetricStatus | None = field(7, None)
    external: ExternalMetricStatus | None = field(5, None)


class HorizontalPodAutoscalerCondition(Model):
    """One observed aspect of an autoscaler."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class HorizontalPodAutoscalerStatus(Model):
    """How many replicas there are and shall be."""

    observed_generation: Int64 | None = field(1, None)
    last_scale_time: Time | None = field(2, None)
    current_replicas: Int32 = field(3, 0)
    desired_replicas: Int32 = field(4, 0, required=True)
    current_metrics: tuple[MetricStatus, ...] = field(5, (), required=True, optional=True, list_type="atomic")
    conditions: tuple[HorizontalPodAutoscalerCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class HorizontalPodAutoscaler(Object):
    """Adds and takes away replicas as load rises and falls."""

    api_version: str = field(None, "autoscaling/v2", required=True)
    kind: str = field(None, "HorizontalPodAutoscaler", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: HorizontalPodAutoscalerSpec = field(2, HorizontalPodAutoscalerSpec)
    status: HorizontalPodAutoscalerStatus = field(3, HorizontalPodAutoscalerStatus)
