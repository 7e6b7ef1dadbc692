"""Scale, and the first HorizontalPodAutoscaler (k8s.io/api `autoscaling/v1`)."""

from typing import ClassVar

from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class ContainerResourceMetricSource(Model):
    """Scale by a resource that one container of each pod uses."""

    name: str = field(1, "", required=True)
    target_average_utilization: Int32 | None = field(2, None)
    target_average_value: Quantity | None = field(3, None)
    container: str = field(5, "", required=True)


class ContainerResourceMetricStatus(Model):
    """How much of a resource that container uses now."""

    name: str = field(1, "", required=True)
    current_average_utilization: Int32 | None = field(2, None)
    current_average_value: Quantity | None = field(3, None, required=True)
    container: str = field(4, "", required=True)


class CrossVersionObjectReference(Model):
    """The object that is scaled, by kind and name."""

    atomic: ClassVar[bool] = True
    kind: str = field(1, "", required=True)
    name: str = field(2, "", required=True)
    api_version: str = field(3, "")


class ExternalMetricSource(Model):
    """Scale by a metric from outside the cluster."""

    metric_name: str = field(1, "", required=True)
    metric_selector: LabelSelector | None = field(2, None)
    target_value: Quantity | None = field(3, None)
    target_average_value: Quantity | None = field(4, None)


class ExternalMetricStatus(Model):
    """The present value of a metric from outside."""

    metric_name: str = field(1, "", required=True)
    metric_selector: LabelSelector | None = field(2, None)
    current_value: Quantity | None = field(3, None, required=True)
    current_average_value: Quantity | None = field(4, None)


class HorizontalPodAutoscalerSpec(Model):
    """What to scale, between which bounds, by which metrics."""

    scale_target_ref: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    min_replicas: Int32 | None = field(2, None)
    max_replicas: Int32 = field(3, 0, required=True)
    target_cpu_utilization_percentage: Int32 | None = field(4, None, json="targetCPUUtilizationPercentage")


class HorizontalPodAutoscalerStatus(Model):
    """How many replicas there are and shall be."""

    observed_generation: Int64 | None = field(1, None)
    last_scale_time: Time | None = field(2, None)
    current_replicas: Int32 = field(3, 0, required=True)
    desired_replicas: Int32 = field(4, 0, required=True)
    current_cpu_utilization_percentage: Int32 | None = field(5, None, json="currentCPUUtilizationPercentage")


class HorizontalPodAutoscaler(Object):
    """Adds and takes away replicas as load rises and falls."""

    api_version: str = field(None, "autoscaling/v1", required=True)
    kind: str = field(None, "HorizontalPodAutoscaler", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: HorizontalPodAutoscalerSpec = field(2, HorizontalPodAutoscalerSpec)
    status: HorizontalPodAutoscalerStatus = field(3, HorizontalPodAutoscalerStatus)


class HorizontalPodAutoscalerCondition(Model):
    """One observed aspect of an autoscaler."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class ObjectMetricSource(Model):
    """Scale by a metric of one object."""

    target: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    metric_name: str = field(2, "", required=True)
    target_value: Quantity | None = field(3, None, required=True)
    selector: LabelSelector | None = field(4, None)
    average_value: Quantity | None = field(5, None)


class PodsMetricSource(Model):
    """Scale by a metric of the pods."""

    metric_name: str = field(1, "", required=True)
    target_average_value: Quantity | None = field(2, None, required=True)
    selector: LabelSelector | None = field(3, None)


class ResourceMetricSource(Model):
    """Scale by a resource that the pods use."""

    name: str = field(1, "", required=True)
    target_average_utilization: Int32 | None = field(2, None)
    target_average_value: Quantity | None = field(3, None)


class MetricSpec(Model):
    """One metric to scale by; exactly one source is set."""

    type: str = field(1, "", required=True)
    object: ObjectMetricSource | None = field(2, None)
    pods: PodsMetricSource | None = field(3, None)
    resource: ResourceMetricSource | None = field(4, None)
    container_resource: ContainerResourceMetricSource | None = field(7, None)
    external: ExternalMetricSource | None = field(5, None)


class ObjectMetricStatus(Model):
    """The present value of an object's metric."""

    target: CrossVersionObjectReference = field(1, CrossVersionObjectReference, required=True)
    metric_name: str = field(2, "", required=True)
    current_value: Quantity | None = field(3, None, required=True)
    selector: LabelSelector | None = field(4, None)
    average_value: Quantity | None = field(5, None)


class PodsMetricStatus(Model):
    """The present value of the pods' metric."""

    metric_name: str = field(1, "", required=True)
    current_average_value: Quantity | None = field(2, None, required=True)
    selector: LabelSelector | None = field(3, None)


class ResourceMetricStatus(Model):
    """How much of a resource the pods use now."""

    name: str = field(1, "", required=True)
    current_average_utilization: Int32 | None = field(2, None)
    current_average_value: Quantity | None = field(3, None, required=True)


class MetricStatus(Model):
    """The present value of one metric."""

    type: str = field(1, "", required=True)
    object: ObjectMetricStatus | None = field(2, None)
    pods: PodsMetricStatus | None = field(3, None)
    resource: ResourceMetricStatus | None = field(4, None)
    container_resource: ContainerResourceMetricStatus | None = field(7, None)
    external: ExternalMetricStatus | None = field(5, None)


class ScaleSpec(Model):
    """How many replicas are wanted."""

    replicas: Int32 = field(1, 0)


class ScaleStatus(Model):
    """How many replicas there are, and how to find them."""

    replicas: Int32 = field(1, 0, required=True)
    selector: str = field(2, "")


class Scale(Object):
    """The number of replicas of anything that can be scaled."""

    api_version: str = field(None, "autoscaling/v1", required=True)
    kind: str = field(None, "Scale", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ScaleSpec = field(2, ScaleSpec)
    status: ScaleStatus = field(3, ScaleStatus)
