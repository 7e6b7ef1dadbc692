"""Job and CronJob (k8s.io/api `batch/v1`)."""

from machinery.api.core.v1.pod import PodTemplateSpec
from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Time, field


class PodFailurePolicyOnExitCodesRequirement(Model):
    """Matches pods by their containers' exit codes."""

    container_name: str | None = field(1, None)
    """Look only at the container, or init container, of this name; at all of them if not said."""
    operator: str = field(2, "", required=True)
    """In: an exit code is one of the values. NotIn: a container failed with a code that is none of them."""
    values: tuple[Int32, ...] = field(3, (), required=True, list_type="set")
    """The exit codes, at most 255, without repetition and in rising order. In does not allow 0."""


class PodFailurePolicyOnPodConditionsPattern(Model):
    """Matches pods by a condition."""

    type: str = field(1, "", required=True)
    """The condition's type, such as DisruptionTarget."""
    status: str = field(2, "", required=True)
    """The status that it must have: True (the default), False or Unknown."""


class PodFailurePolicyRule(Model):
    """One way to fail and what to do about it."""

    action: str = field(1, "", required=True)
    """FailJob ends the job, FailIndex this index, Ignore does not count the failure, Count counts it as usual."""
    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = field(2, None)
    """Exit codes to which the rule applies. Set this or onPodConditions."""
    on_pod_conditions: tuple[PodFailurePolicyOnPodConditionsPattern, ...] = field(3, (), list_type="atomic")
    """Conditions of the failed pod, of which one must match for the rule to apply; at most 20."""


class PodFailurePolicy(Model):
    """What to do about failed pods, by how they failed."""

    rules: tuple[PodFailurePolicyRule, ...] = field(1, (), required=True, list_type="atomic")
    """Tried in order; the first that matches decides. If none does, the failure counts. At most 20."""


class SuccessPolicyRule(Model):
    """Which indexes, or how many, must succeed."""

    succeeded_indexes: str | None = field(1, None)
    """Indexes, such as 1,3-5: all of them must succeed or, with succeededCount, so many of them."""
    succeeded_count: Int32 | None = field(2, None)
    """How many must succeed, of succeededIndexes or of all indexes."""


class SuccessPolicy(Model):
    """When a job counts as succeeded before all its pods have."""

    rules: tuple[SuccessPolicyRule, ...] = field(1, (), required=True, list_type="atomic")
    """When any of these is met, the job has succeeded and its other pods are ended. 1 to 20."""


class JobSpec(Model):
    """How many pods, at once and in all, and how often to try again."""

    parallelism: Int32 | None = field(1, None)
    """How many pods may run at once. Default 1; 0 holds the job."""
    completions: Int32 | None = field(2, None)
    """How many pods must succeed. If not said, the success of one makes the job succeed."""
    active_deadline_seconds: Int64 | None = field(3, None)
    """Seconds that the job may take, all its tries together, before it is ended and marked Failed."""
    pod_failure_policy: PodFailurePolicy | None = field(11, None)
    """What to do about a failed pod by its exit codes and conditions. Needs restartPolicy Never."""
    success_policy: SuccessPolicy | None = field(16, None)
    """When to call the job done early. Only for Indexed jobs; cannot be changed."""
    backoff_limit: Int32 | None = field(7, None)
    """How many failures to bear before the job is marked Failed. Default 6; no limit with backoffLimitPerIndex."""
    backoff_limit_per_index: Int32 | None = field(12, None)
    """How many failures each index may have before it counts as failed. Only for Indexed jobs."""
    max_failed_indexes: Int32 | None = field(13, None)
    """How many indexes may fail before the whole job is marked Failed. Needs backoffLimitPerIndex."""
    selector: LabelSelector | None = field(4, None)
    """The labels of its pods; the server makes them up. See manualSelector."""
    manual_selector: bool | None = field(5, None)
    """Whether to take selector and labels as given, not made up; they must then be unique. Default false."""
    template: PodTemplateSpec = field(6, PodTemplateSpec, required=True)
    """What the pods look like. Its restartPolicy can only be Never or OnFailure."""
    ttl_seconds_after_finished: Int32 | None = field(8, None)
    """Seconds after its end when the job is deleted with its pods; never if not said."""
    completion_mode: str | None = field(9, None)
    """NonIndexed (the default) or Indexed: each pod gets a number of its own, in JOB_COMPLETION_INDEX."""
    suspend: bool | None = field(10, None)
    """Whether to run no pods, and to end those that run, until this is false again. Default false."""
    pod_replacement_policy: str | None = field(14, None)
    """When to replace a pod: once it is Failed, or TerminatingOrFailed, as soon as it is ending."""
    managed_by: str | None = field(15, None)
    """Names another controller that looks after this job; the built-in one then leaves it alone (beta)."""


class JobTemplateSpec(Model):
    """What the jobs of a cron job look like."""

    metadata: ObjectMeta = field(1, ObjectMeta)
    """Labels and annotations for the jobs made from this."""
    spec: JobSpec = field(2, JobSpec)
    """Copied into each job that is made."""


class CronJobSpec(Model):
    """When, what, and what to do when the last run is not over."""

    schedule: str = field(1, "", required=True)
    """As in crontab, */5 * * * *: minute, hour, day of month, month, day of week; or @hourly, @daily …"""
    time_zone: str | None = field(8, None)
    """The zone the schedule is read in, such as Europe/Berlin; the controller manager's own if not said."""
    starting_deadline_seconds: Int64 | None = field(2, None)
    """Seconds by which a run may start late; after that it counts as missed. No limit if not said."""
    concurrency_policy: str = field(3, "")
    """If the last run still goes on: Allow (the default) starts another, Forbid skips it, Replace ends the old."""
    suspend: bool | None = field(4, None)
    """Whether to start no further runs; those that are on go on. Default false."""
    job_template: JobTemplateSpec = field(5, JobTemplateSpec, required=True)
    """Copied into each job that is made."""
    successful_jobs_history_limit: Int32 | None = field(6, None)
    """How many succeeded jobs to keep. Default 3."""
    failed_jobs_history_limit: Int32 | None = field(7, None)
    """How many failed jobs to keep. Default 1."""


class CronJobStatus(Model):
    """The runs that are on, and when the last ones were."""

    active: tuple[ObjectReference, ...] = field(1, (), list_type="atomic")
    """The jobs that are running now."""
    last_schedule_time: Time | None = field(4, None)
    """The time of the schedule for which a job was last made."""
    last_successful_time: Time | None = field(5, None)
    """When a job last ended well."""


class CronJob(Object):
    """Makes a Job whenever a crontab line says so."""

    api_version: str = field(None, "batch/v1", required=True)
    kind: str = field(None, "CronJob", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CronJobSpec = field(2, CronJobSpec)
    """What is wanted."""
    status: CronJobStatus = field(3, CronJobStatus)
    """What runs now, and when the last runs were; it may lag behind."""


class JobCondition(Model):
    """One observed aspect of a job."""

    type: str = field(1, "", required=True)
    """Complete, Failed, Suspended, SuccessCriteriaMet or FailureTarget."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_probe_time: Time | None = field(3, None)
    """When the controller last looked at it."""
    last_transition_time: Time | None = field(4, None)
    """When the status last changed from one value to another."""
    reason: str = field(5, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(6, "")
    """The same for people to read."""


class UncountedTerminatedPods(Model):
    """Ended pods that are not yet in the job's counts."""

    succeeded: tuple[str, ...] = field(1, (), list_type="set")
    """The uids of pods that succeeded."""
    failed: tuple[str, ...] = field(2, (), list_type="set")
    """The uids of pods that failed."""


class JobStatus(Model):
    """How many pods run, succeeded and failed."""

    conditions: tuple[JobCondition, ...] = field(1, (), merge="merge", merge_key="type", list_type="atomic")
    """Where the job is: at its end, Complete or Failed is True, never both."""
    start_time: Time | None = field(2, None)
    """When the controller took it on; set anew when a suspended job goes on."""
    completion_time: Time | None = field(3, None)
    """When it ended well. It is not set for a job that failed."""
    active: Int32 = field(4, 0)
    """How many of its pods are waiting or running and not ending."""
    succeeded: Int32 = field(5, 0)
    """How many of its pods have succeeded."""
    failed: Int32 = field(6, 0)
    """How many of its pods have failed."""
    terminating: Int32 | None = field(11, None)
    """How many of its pods are ending but not yet at their end."""
    completed_indexes: str = field(7, "")
    """The indexes that have succeeded, such as 1,3-5,7. Only for Indexed jobs."""
    failed_indexes: str | None = field(10, None)
    """The indexes that have failed for good, written the same way. Needs backoffLimitPerIndex."""
    uncounted_terminated_pods: UncountedTerminatedPods | None = field(8, None)
    """Pods that have ended and wait to be counted, so that none is counted twice."""
    ready: Int32 | None = field(9, None)
    """How many of its active pods are ready."""


class Job(Object):
    """Runs pods until so many of them have succeeded."""

    api_version: str = field(None, "batch/v1", required=True)
    kind: str = field(None, "Job", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: JobSpec = field(2, JobSpec)
    """What is wanted."""
    status: JobStatus = field(3, JobStatus)
    """How far it is; it may lag behind."""
