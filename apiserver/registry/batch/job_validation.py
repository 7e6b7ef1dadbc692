"""What can be wrong with the spec of a job; also used for the jobs of a CronJob. Pure.

Real Kubernetes: validateJobSpec in pkg/apis/batch/validation.
"""

from __future__ import annotations

from apiserver.registry.batch import indexes
from apiserver.registry.checks import domain_prefixed_path
from apiserver.registry.core.template_validation import template_errors
from apiserver.registry.field_checks import not_negative, one_of
from machinery.api import names
from machinery.api.batch.v1 import (
    JobSpec,
    PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
    SuccessPolicyRule,
)
from machinery.api.errors import FieldError
from machinery.api.field_errors import OMITTED, quote

INDEXED, NON_INDEXED = "Indexed", "NonIndexed"
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_CONDITION_STATUSES = ("False", "True", "Unknown")
_EXIT_OPERATORS = ("In", "NotIn")
_MANY, _PARALLEL_OF_MANY = 100_000, 10_000
_MAX_RULES, _MAX_PATTERNS, _MAX_EXIT_CODES, _MAX_MANAGED_BY, _MAX_INDEXES = 20, 20, 255, 63, 64 * 1024
_COUNTS = (
    "parallelism", "completions", "active_deadline_seconds", "backoff_limit", "ttl_seconds_after_finished",
    "backoff_limit_per_index", "max_failed_indexes",
)  # fmt: skip
_TOO_MANY = (
    f"must be less than or equal to {_PARALLEL_OF_MANY} when completions are above {_MANY} and used with backoff limit "
    "per index"
)


def job_errors(spec: JobSpec, path: str) -> list[FieldError]:
    """All errors of a job's spec, but for its selector."""
    found = not_negative(path, spec, *_COUNTS)
    if spec.max_failed_indexes is not None and spec.backoff_limit_per_index is None:
        found.append(FieldError.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    if spec.managed_by is not None:
        found += domain_prefixed_path(f"{path}.managedBy", spec.managed_by)
        if len(spec.managed_by) > _MAX_MANAGED_BY:
            found.append(FieldError.too_long(f"{path}.managedBy", spec.managed_by, _MAX_MANAGED_BY))
    if spec.completion_mode is not None:
        found += one_of(f"{path}.completionMode", spec.completion_mode, (NON_INDEXED, INDEXED))
    return [
        *found,
        *_mode_errors(spec, path),
        *_failure_policy_errors(spec, path),
        *_success_policy_errors(spec, path),
        *_replacement_errors(spec, path),
        *template_errors(spec.template, f"{path}.template"),
        *_restart_errors(spec, f"{path}.template.spec.restartPolicy"),
    ]


def _mode_errors(spec: JobSpec, path: str) -> list[FieldError]:
    if spec.completion_mode == INDEXED:
        return _indexed_errors(spec, path)
    if spec.completion_mode not in (None, NON_INDEXED):
        return []
    return [
        FieldError.invalid(f"{path}.{field}", value, "requires indexed completion mode")
        for field, value in (
            ("backoffLimitPerIndex", spec.backoff_limit_per_index),
            ("maxFailedIndexes", spec.max_failed_indexes),
        )
        if value is not None
    ]


def _indexed_errors(spec: JobSpec, path: str) -> list[FieldError]:
    found = []
    parallelism, failed, completions = spec.parallelism or 0, spec.max_failed_indexes, spec.completions
    if completions is None:
        found.append(FieldError.required(f"{path}.completions", "when completion mode is Indexed"))
    if parallelism > _MANY:
        why = f"must be less than or equal to {_MANY} when completion mode is Indexed"
        found.append(FieldError.invalid(f"{path}.parallelism", parallelism, why))
    if failed is not None and completions is not None and failed > completions:
        found.append(
            FieldError.invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
        )
    if failed is not None and failed > _MANY:
        found.append(FieldError.invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_MANY}"))
    if completions is None or completions <= _MANY or spec.backoff_limit_per_index is None:
        return found
    if failed is None:
        why = f"must be specified when completions is above {_MANY}"
        found.append(FieldError.required(f"{path}.maxFailedIndexes", why))
    for field, value in (("parallelism", parallelism), ("maxFailedIndexes", failed or 0)):
        if value > _PARALLEL_OF_MANY:
            found.append(FieldError.invalid(f"{path}.{field}", value, _TOO_MANY))
    return found


def _restart_errors(spec: JobSpec, path: str) -> list[FieldError]:
    policy = spec.template.spec.restart_policy
    if policy in ("", "Always"):
        return [FieldError.required(path, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [FieldError.not_supported(path, policy, ("OnFailure", "Never"))]
    if spec.pod_failure_policy is not None and policy != "Never":
        why = 'only "Never" is supported when podFailurePolicy is specified'
        return [FieldError.invalid(path, policy, why)]
    return []


def _replacement_errors(spec: JobSpec, path: str) -> list[FieldError]:
    if spec.pod_replacement_policy is None:
        return []
    choices = ("Failed",) if spec.pod_failure_policy is not None else ("Failed", "TerminatingOrFailed")
    return one_of(f"{path}.podReplacementPolicy", spec.pod_replacement_policy, choices)


# --- what to do about failed pods ---


def _failure_policy_errors(spec: JobSpec, path: str) -> list[FieldError]:
    if spec.pod_failure_policy is None:
        return []
    rules, where = spec.pod_failure_policy.rules, f"{path}.podFailurePolicy.rules"
    found = [FieldError.too_many(where, len(rules), _MAX_RULES)] if len(rules) > _MAX_RULES else []
    pod = spec.template.spec
    containers = {container.name for container in (*pod.containers, *pod.init_containers)}
    for index, rule in enumerate(rules):
        inside = f"{where}[{index}]"
        found += _action_errors(spec, rule.action, f"{inside}.action") + _rule_errors(rule, inside, containers)
    return found


def _choose(path: str, choices: tuple[str, ...]) -> FieldError:
    return FieldError.required(path, f"valid values: [{' '.join(map(quote, choices))}]")


def _action_errors(spec: JobSpec, action: str, path: str) -> list[FieldError]:
    if not action:
        return [_choose(path, _ACTIONS)]
    if action == "FailIndex" and spec.backoff_limit_per_index is None:
        return [FieldError.invalid(path, action, "requires the backoffLimitPerIndex to be set")]
    return one_of(path, action, _ACTIONS)


def _rule_errors(rule: PodFailurePolicyRule, path: str, containers: set[str]) -> list[FieldError]:
    found = []
    if rule.on_exit_codes is not None:
        found += _exit_code_errors(rule.on_exit_codes, f"{path}.onExitCodes", containers)
    patterns = rule.on_pod_conditions
    if len(patterns) > _MAX_PATTERNS:
        found.append(FieldError.too_many(f"{path}.onPodConditions", len(patterns), _MAX_PATTERNS))
    for index, pattern in enumerate(patterns):
        found += _pattern_errors(pattern, f"{path}.onPodConditions[{index}]")
    if rule.on_exit_codes is not None and patterns:
        found.append(_nameless(path, "specifying both OnExitCodes and OnPodConditions is not supported"))
    if rule.on_exit_codes is None and not patterns:
        found.append(_nameless(path, "specifying one of OnExitCodes and OnPodConditions is required"))
    return found


def _nameless(path: str, why: str) -> FieldError:
    """An error of the whole, whose value would say nothing."""
    return FieldError.invalid(path, OMITTED, why)


def _pattern_errors(pattern: PodFailurePolicyOnPodConditionsPattern, path: str) -> list[FieldError]:
    bad = names.qualified_name(pattern.type)
    found = [FieldError.invalid(f"{path}.type", pattern.type, why) for why in bad]
    if not pattern.status:
        return [*found, _choose(f"{path}.status", _CONDITION_STATUSES)]
    return found + one_of(f"{path}.status", pattern.status, _CONDITION_STATUSES)


def _exit_code_errors(
    wanted: PodFailurePolicyOnExitCodesRequirement, path: str, containers: set[str]
) -> list[FieldError]:
    where, codes = f"{path}.values", wanted.values
    if not wanted.operator:
        found = [_choose(f"{path}.operator", _EXIT_OPERATORS)]
    else:
        found = one_of(f"{path}.operator", wanted.operator, _EXIT_OPERATORS)
    if wanted.container_name is not None and wanted.container_name not in containers:
        why = "must be one of the container or initContainer names in the pod template"
        found.append(FieldError.invalid(f"{path}.containerName", wanted.container_name, why))
    if not codes:
        found.append(FieldError.invalid(where, [], "at least one value is required"))
    if len(codes) > _MAX_EXIT_CODES:
        found.append(FieldError.too_many(where, len(codes), _MAX_EXIT_CODES))
    for index, code in enumerate(codes):
        if wanted.operator == "In" and code == 0:
            found.append(FieldError.invalid(f"{where}[{index}]", code, "must not be 0 for the In operator"))
        if code in codes[:index]:
            found.append(FieldError.duplicate(f"{where}[{index}]", code))
    if list(codes) != sorted(codes):
        found.append(FieldError.invalid(where, list(codes), "must be ordered"))
    return found


# --- when a job has succeeded early ---


def _success_policy_errors(spec: JobSpec, path: str) -> list[FieldError]:
    if spec.success_policy is None:
        return []
    where = f"{path}.successPolicy"
    if spec.completion_mode != INDEXED:
        return [FieldError.invalid(where, spec.success_policy, "requires indexed completion mode")]
    rules, found = spec.success_policy.rules, []
    if not rules:
        why = "at least one rules must be specified when the successPolicy is specified"
        found.append(FieldError.required(f"{where}.rules", why))
    if len(rules) > _MAX_RULES:
        found.append(FieldError.too_many(f"{where}.rules", len(rules), _MAX_RULES))
    for index, rule in enumerate(rules):
        found += _success_errors(rule, f"{where}.rules[{index}]", spec.completions or 0)
    return found


def _success_errors(rule: SuccessPolicyRule, path: str, completions: int) -> list[FieldError]:
    wanted, listed, found = rule.succeeded_count, rule.succeeded_indexes, []
    if wanted is None and listed is None:
        why = "at least one of succeededCount or succeededIndexes must be specified"
        return [FieldError.required(path, why)]
    known = completions
    if listed is not None:
        where = f"{path}.succeededIndexes"
        if len(listed) > _MAX_INDEXES:
            found.append(FieldError.too_long(where, listed, _MAX_INDEXES))
        try:
            known = indexes.count(listed, completions)
        except indexes.BadIndexes as error:
            known = 0
            found.append(FieldError.invalid(where, listed, f"error parsing succeededIndexes: {error}"))
    if wanted is None:
        return found
    where = f"{path}.succeededCount"
    found += not_negative(path, rule, "succeeded_count")
    if wanted > completions:
        why = f"must be less than or equal to {completions} (the number of specified completions)"
        found.append(FieldError.invalid(where, wanted, why))
    if listed is not None and wanted > known:
        why = f"must be less than or equal to {known} (the number of indexes in the specified succeededIndexes field)"
        found.append(FieldError.invalid(where, wanted, why))
    return found
