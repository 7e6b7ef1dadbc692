"""Scale, and the first HorizontalPodAutoscaler (k8s.io/api `autoscaling/v1`)."""

from typing import ClassVar

from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class ContainerResourceMetricSource(Model):
    """Scale by a resource that one container of each pod uses."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    target_average_utilization: Int32 | None = field(2, None)
    """The use to aim at, in percent of what the pods request, as the mean of all pods."""
    target_average_value: Quantity | None = field(3, None)
    """The use to aim at as an amount, such as 200m, as the mean of all pods."""
    container: str = field(5, "", required=True)
    """The container whose use counts."""


class ContainerResourceMetricStatus(Model):
    """How much of a resource that container uses now."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    current_average_utilization: Int32 | None = field(2, None)
    """The use now, in percent of what the pods request, as the mean of all pods."""
    current_average_value: Quantity | None = field(3, None, required=True)
    """The use now as an amount, as the mean of all pods."""
    container: str = field(4, "", required=True)
    """The container whose use counts."""


class CrossVersionObjectReference(Model):
    """An object by kind and name."""

    atomic: ClassVar[bool] = True
    kind: str = field(1, "", required=True)
    """The kind, such as Deployment."""
    name: str = field(2, "", required=True)
    """The object's name."""
    api_version: str = field(3, "")
    """The group and version, such as apps/v1."""


class ExternalMetricSource(Model):
    """Scale by a metric from outside the cluster."""

    metric_name: str = field(1, "", required=True)
    """The name of the metric."""
    metric_selector: LabelSelector | None = field(2, None)
    """Labels that choose one series of that name."""
    target_value: Quantity | None = field(3, None)
    """The value to aim at, in all. Set this or targetAverageValue."""
    target_average_value: Quantity | None = field(4, None)
    """The value to aim at for each pod."""


class ExternalMetricStatus(Model):
    """The present value of a metric from outside."""

    metric_name: str = field(1, "", required=True)
    """The name of the metric."""
    metric_selector: LabelSelector | None = field(2, None)
    """Labels that choose one series of that name."""
    current_value: Quantity | None = field(3, None, required=True)
    """The value now."""
    current_average_value: Quantity | None = field(4, None)
    """The value now for each pod."""


class HorizontalPodAutoscalerSpec(Model):
    """What to scale, between which bounds, by which metrics."""

    scale_target_ref: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    """What to scale: anything that has a scale subresource."""
    min_replicas: Int32 | None = field(2, None)
    """The fewest replicas that there may be. Default 1."""
    max_replicas: Int32 = field(3, 0, required=True)
    """The most replicas that there may be; not below minReplicas."""
    target_cpu_utilization_percentage: Int32 | None = field(4, None, json="targetCPUUtilizationPercentage")
    """The CPU use to aim at, in percent of what the pods request. Default 80."""


class HorizontalPodAutoscalerStatus(Model):
    """How many replicas there are and shall be."""

    observed_generation: Int64 | None = field(1, None)
    """The metadata.generation that the controller last acted on."""
    last_scale_time: Time | None = field(2, None)
    """When it last changed the number of replicas."""
    current_replicas: Int32 = field(3, 0, required=True)
    """How many replicas it saw last."""
    desired_replicas: Int32 = field(4, 0, required=True)
    """How many replicas it reckoned last that there should be."""
    current_cpu_utilization_percentage: Int32 | None = field(5, None, json="currentCPUUtilizationPercentage")
    """The CPU use now, in percent of what the pods request, as the mean of all pods."""


class HorizontalPodAutoscaler(Object):
    """Adds and takes away replicas as load rises and falls."""

    api_version: str = field(None, "autoscaling/v1", required=True)
    kind: str = field(None, "HorizontalPodAutoscaler", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: HorizontalPodAutoscalerSpec = field(2, HorizontalPodAutoscalerSpec)
    """What is wanted."""
    status: HorizontalPodAutoscalerStatus = field(3, HorizontalPodAutoscalerStatus)
    """What was measured and done."""


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


class ObjectMetricSource(Model):
    """Scale by a metric of one object."""

    target: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    """The object that is measured."""
    metric_name: str = field(2, "", required=True)
    """The name of the metric."""
    target_value: Quantity | None = field(3, None, required=True)
    """The value to aim at."""
    selector: LabelSelector | None = field(4, None)
    """Labels that choose one series of that name."""
    average_value: Quantity | None = field(5, None)
    """The value to aim at for each pod, in place of targetValue."""


class PodsMetricSource(Model):
    """Scale by a metric of the pods."""

    metric_name: str = field(1, "", required=True)
    """The name of the metric."""
    target_average_value: Quantity | None = field(2, None, required=True)
    """The value to aim at, as the mean of all pods."""
    selector: LabelSelector | None = field(3, None)
    """Labels that choose one series of that name."""


class ResourceMetricSource(Model):
    """Scale by a resource that the pods use."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    target_average_utilization: Int32 | None = field(2, None)
    """The use to aim at, in percent of what the pods request, as the mean of all pods."""
    target_average_value: Quantity | None = field(3, None)
    """The use to aim at as an amount, such as 200m, as the mean of all pods."""


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


class ObjectMetricStatus(Model):
    """The present value of an object's metric."""

    target: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    """The object that is measured."""
    metric_name: str = field(2, "", required=True)
    """The name of the metric."""
    current_value: Quantity | None = field(3, None, required=True)
    """The value now."""
    selector: LabelSelector | None = field(4, None)
    """Labels that choose one series of that name."""
    average_value: Quantity | None = field(5, None)
    """The value now for each pod."""


class PodsMetricStatus(Model):
    """The present value of the pods' metric."""

    metric_name: str = field(1, "", required=True)
    """The name of the metric."""
    current_average_value: Quantity | None = field(2, None, required=True)
    """The value now, as the mean of all pods."""
    selector: LabelSelector | None = field(3, None)
    """Labels that choose one series of that name."""


class ResourceMetricStatus(Model):
    """How much of a resource the pods use now."""

    name: str = field(1, "", required=True)
    """The resource: cpu, memory …"""
    current_average_utilization: Int32 | None = field(2, None)
    """The use now, in percent of what the pods request, as the mean of all pods."""
    current_average_value: Quantity | None = field(3, None, required=True)
    """The use now as an amount, as the mean of all pods."""


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


class ScaleSpec(Model):
    """How many replicas are wanted."""

    replicas: Int32 = field(1, 0)
    """How many replicas there shall be."""


class ScaleStatus(Model):
    """How many replicas there are, and how to find them."""

    replicas: Int32 = field(1, 0, required=True)
    """How many replicas there are."""
    selector: str = field(2, "")
    """The labels of the pods as text, such as app=web, for those who count or measure them."""


class Scale(Object):
    """The number of replicas of anything that can be scaled."""

    api_version: str = field(None, "autoscaling/v1", required=True)
    kind: str = field(None, "Scale", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ScaleSpec = field(2, ScaleSpec)
    """What is wanted."""
    status: ScaleStatus = field(3, ScaleStatus)
    """What is there; it may lag behind."""
