"""Phases, conditions and container states, as the API shows them."""

from __future__ import annotations

import pytest

from kubelet.pods.actions import init_done
from kubelet.pods.containers_status import Health, View, Waiting
from kubelet.pods.status import Situation, Verdict, pod_status
from kubelet.runtime.interface import RuntimePod
from machinery.api.core.v1 import Pod, PodCondition, PodReadinessGate, PodStatus
from tests.support.runs import NOW, a_pod, a_sandbox, ago, exited, held, running

NOTHING = RuntimePod("u1")
CREATING = Waiting("ContainerCreating")


def status(pod: Pod, runtime: RuntimePod, *, over: bool = False, verdict: Verdict | None = None, **view) -> PodStatus:
    shown = View("containerd", runtime, initialized=init_done(pod, runtime, {}), **view)
    return pod_status(pod, shown, Situation(NOW, "192.168.0.5", over, verdict))


def conditions(found: PodStatus) -> dict[str, str]:
    return {c.type: c.status + (f" {c.reason}" if c.reason else "") for c in found.conditions}


@pytest.mark.parametrize(("pod", "runtime", "phase"), [
    (a_pod(), NOTHING, "Pending"),
    (a_pod(), held(a_sandbox()), "Pending"),
    (a_pod(), held(a_sandbox(), running()), "Running"),
    (a_pod("c", "d"), held(a_sandbox(), running()), "Pending"),
    (a_pod(), held(a_sandbox(), exited(code=1)), "Running"),
    (a_pod(policy="OnFailure"), held(a_sandbox(), exited(code=1)), "Running"),
    (a_pod(policy="OnFailure"), held(a_sandbox(), exited()), "Succeeded"),
    (a_pod(policy="Never"), held(a_sandbox(), exited()), "Succeeded"),
    (a_pod(policy="Never"), held(a_sandbox(), exited(code=1)), "Failed"),
    (a_pod("c", "d", policy="Never"), held(a_sandbox(), exited(code=1), running("d")), "Running"),
    (a_pod("c", "d", policy="Never"), held(a_sandbox(), exited(code=1), exited("d")), "Failed"),
    (a_pod(init=("i",)), held(a_sandbox(), running("i")), "Pending"),
    (a_pod(init=("i",)), held(a_sandbox(), exited("i", 1)), "Pending"),
    (a_pod(init=("i",), policy="Never"), held(a_sandbox(), exited("i", 1)), "Failed"),
])
def test_phases(pod: Pod, runtime: RuntimePod, phase: str) -> None:
    assert status(pod, runtime).phase == phase


def test_a_deleted_pod_shows_how_its_containers_ended() -> None:
    assert status(a_pod(), held(exited(code=143)), over=True).phase == "Failed"
    assert status(a_pod(), held(exited()), over=True).phase == "Succeeded"
    assert status(a_pod(), NOTHING, over=True).phase == "Failed"


@pytest.mark.parametrize(("runtime", "over", "startable"), [
    (NOTHING, False, "False"),
    (held(a_sandbox()), False, "True"),
    (held(a_sandbox(ready=False)), False, "False"),
    (held(a_sandbox(), exited()), True, "False"),
])  # fmt: skip
def test_whether_containers_may_start(runtime: RuntimePod, over: bool, startable: str) -> None:
    assert conditions(status(a_pod(), runtime, over=over))["PodReadyToStartContainers"] == startable


def test_an_ended_phase_never_changes() -> None:
    pod = a_pod().replace(status=PodStatus(phase="Succeeded"))
    assert status(pod, held(a_sandbox(), running())).phase == "Succeeded"


def test_a_verdict_fails_the_pod() -> None:
    verdict = Verdict("DeadlineExceeded", "too long")
    assert status(a_pod(), held(a_sandbox(), running()), verdict=verdict).phase == "Running", "not before it has ended"
    found = status(a_pod(), held(a_sandbox(), exited(code=143)), verdict=verdict)
    assert (found.phase, found.reason, found.message) == ("Failed", "DeadlineExceeded", "too long")


def test_a_running_pod_in_full() -> None:
    found = status(a_pod(), held(a_sandbox(), running(attempt=1), exited(code=3)))
    assert conditions(found) == {
        "PodReadyToStartContainers": "True",
        "Initialized": "True", "Ready": "True", "ContainersReady": "True", "PodScheduled": "True"}
    assert (found.pod_ip, found.host_ip, found.start_time, found.qos_class) == (
        "10.1.0.2", "192.168.0.5", NOW, "BestEffort")
    (container,) = found.container_statuses
    assert container.container_id == "containerd://c-1" and container.restart_count == 1 and container.ready
    assert container.last_state.terminated.exit_code == 3 and container.last_state.terminated.reason == "Error"


def test_why_a_pod_is_not_ready() -> None:
    found = status(a_pod("a", "b", init=("i",)), held(a_sandbox()))
    assert conditions(found) == {
        "PodReadyToStartContainers": "True",
        "Initialized": "False ContainersNotInitialized", "Ready": "False ContainersNotReady",
        "ContainersReady": "False ContainersNotReady", "PodScheduled": "True"}
    messages = {c.type: c.message for c in found.conditions}
    assert messages["Initialized"] == "containers with incomplete status: [i]"
    assert messages["Ready"] == "containers with unready status: [a b]"
    assert [s.state.waiting.reason for s in found.container_statuses] == ["PodInitializing"] * 2


def test_probes_decide_readiness() -> None:
    runtime = held(a_sandbox(), running())
    assert not status(a_pod(), runtime, health=Health(ready={"c-0": False})).container_statuses[0].ready
    unstarted = status(a_pod(), runtime, health=Health(started={"c-0": False})).container_statuses[0]
    assert (unstarted.started, unstarted.ready) == (False, False)


def test_readiness_gates() -> None:
    pod = a_pod(readiness_gates=(PodReadinessGate(condition_type="x.io/ok"),))
    runtime = held(a_sandbox(), running())
    assert conditions(status(pod, runtime))["Ready"] == "False ReadinessGatesNotReady"
    gate = PodCondition(type="x.io/ok", status="True")
    opened = status(pod.replace(status=PodStatus(conditions=(gate,))), runtime)
    assert conditions(opened)["Ready"] == "True" and opened.conditions[-1] == gate


def test_a_condition_keeps_its_time_until_its_status_changes() -> None:
    old = tuple(PodCondition(type=t, status="True", last_transition_time=ago(99)) for t in ("Ready", "Initialized"))
    found = status(a_pod().replace(status=PodStatus(conditions=old)), held(a_sandbox(), exited(code=1)))
    times = {c.type: c.last_transition_time for c in found.conditions}
    assert (times["Initialized"], times["Ready"]) == (ago(99), NOW)


def test_reasons_of_waiting_containers() -> None:
    crash = Waiting("CrashLoopBackOff", "back-off 10s")
    (container,) = status(a_pod(), held(a_sandbox(), exited(code=2)), reasons={"c": crash}).container_statuses
    assert container.state.waiting.reason == "CrashLoopBackOff" and container.last_state.terminated.exit_code == 2
    (container,) = status(a_pod(), NOTHING, reasons={"c": Waiting("ErrImagePull", "no")}).container_statuses
    assert (container.state.waiting.message, container.image) == ("no", "i")


def test_an_ended_pod_keeps_what_was_known_of_it() -> None:
    pod = a_pod(policy="Never")
    ended = status(pod, held(a_sandbox(), exited()))
    later = status(pod.replace(status=ended), NOTHING, over=True)
    assert (later.container_statuses[0].state, later.pod_ip) == (ended.container_statuses[0].state, "10.1.0.2")
