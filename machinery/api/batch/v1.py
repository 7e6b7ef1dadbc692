"""Job and CronJob (k8s.io/api `batch/v1`)."""

from machinery.api.core.v1.pod import PodTemplateSpec
from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Time, field


class PodFailurePolicyOnExitCodesRequirement(Model):
    """Matches pods by their containers' exit codes."""

    container_name: str | None = field(1, None)
    operator: str = field(2, "", required=True)
    values: tuple[Int32, ...] = field(3, (), required=True, list_type="set")


class PodFailurePolicyOnPodConditionsPattern(Model):
    """Matches pods by a condition."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)


class PodFailurePolicyRule(Model):
    """One way to fail and what to do about it."""

    action: str = field(1, "", required=True)
    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = field(2, None)
    on_pod_conditions: tuple[PodFailurePolicyOnPodConditionsPattern, ...] = field(3, (), list_type="atomic")


class PodFailurePolicy(Model):
    """What to do about failed pods, by how they failed."""

    rules: tuple[PodFailurePolicyRule, ...] = field(1, (), required=True, list_type="atomic")


class SuccessPolicyRule(Model):
    """Which indexes, or how many, must succeed."""

    succeeded_indexes: str | None = field(1, None)
    succeeded_count: Int32 | None = field(2, None)


class SuccessPolicy(Model):
    """When a job counts as succeeded before all its pods have."""

    rules: tuple[SuccessPolicyRule, ...] = field(1, (), required=True, list_type="atomic")


class JobSpec(Model):
    """How many pods, at once and in all, and how often to try again."""

    parallelism: Int32 | None = field(1, None)
    completions: Int32 | None = field(2, None)
    active_deadline_seconds: Int64 | None = field(3, None)
    pod_failure_policy: PodFailurePolicy | None = field(11, None)
    success_policy: SuccessPolicy | None = field(16, None)
    backoff_limit: Int32 | None = field(7, None)
    backoff_limit_per_index: Int32 | None = field(12, None)
    max_failed_indexes: Int32 | None = field(13, None)
    selector: LabelSelector | None = field(4, None)
    manual_selector: bool | None = field(5, None)
    template: PodTemplateSpec = field(6, PodTemplateSpec, required=True)
    ttl_seconds_after_finished: Int32 | None = field(8, None)
    completion_mode: str | None = field(9, None)
    suspend: bool | None = field(10, None)
    pod_replacement_policy: str | None = field(14, None)
    managed_by: str | None = field(15, None)


class JobTemplateSpec(Model):
    """What the jobs of a cron job look like."""

    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: JobSpec = field(2, JobSpec)


class CronJobSpec(Model):
    """When, what, and what to do when the last run is not over."""

    schedule: str = field(1, "", required=True)
    time_zone: str | None = field(8, None)
    starting_deadline_seconds: Int64 | None = field(2, None)
    concurrency_policy: str = field(3, "")
    suspend: bool | None = field(4, None)
    job_template: JobTemplateSpec = field(5, JobTemplateSpec, required=True)
    successful_jobs_history_limit: Int32 | None = field(6, None)
    failed_jobs_history_limit: Int32 | None = field(7, None)


class CronJobStatus(Model):
    """The runs that are on, and when the last ones were."""

    active: tuple[ObjectReference, ...] = field(1, (), list_type="atomic")
    last_schedule_time: Time | None = field(4, None)
    last_successful_time: Time | None = field(5, None)


class CronJob(Object):
    """Makes a Job whenever a crontab line says so."""

    api_version: str = field(None, "batch/v1", required=True)
    kind: str = field(None, "CronJob", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CronJobSpec = field(2, CronJobSpec)
    status: CronJobStatus = field(3, CronJobStatus)


class JobCondition(Model):
    """One observed aspect of a job."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_probe_time: Time | None = field(3, None)
    last_transition_time: Time | None = field(4, None)
    reason: str = field(5, "")
    message: str = field(6, "")


class UncountedTerminatedPods(Model):
    """Ended pods that are not yet in the job's counts."""

    succeeded: tuple[str, ...] = field(1, (), list_type="set")
    failed: tuple[str, ...] = field(2, (), list_type="set")


class JobStatus(Model):
    """How many pods run, succeeded and failed."""

    conditions: tuple[JobCondition, ...] = field(1, (), merge="merge", merge_key="type", list_type="atomic")
    start_time: Time | None = field(2, None)
    completion_time: Time | None = field(3, None)
    active: Int32 = field(4, 0)
    succeeded: Int32 = field(5, 0)
    failed: Int32 = field(6, 0)
    terminating: Int32 | None = field(11, None)
    completed_indexes: str = field(7, "")
    failed_indexes: str | None = field(10, None)
    uncounted_terminated_pods: UncountedTerminatedPods | None = field(8, None)
    ready: Int32 | None = field(9, None)


class Job(Object):
    """Runs pods until so many of them have succeeded."""

    api_version: str = field(None, "batch/v1", required=True)
    kind: str = field(None, "Job", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: JobSpec = field(2, JobSpec)
    status: JobStatus = field(3, JobStatus)
