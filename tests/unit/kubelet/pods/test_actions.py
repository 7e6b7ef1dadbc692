"""What to do with a pod, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kubelet.containers.identity import container_hash
from kubelet.pods.actions import Observed, PodActions, compute_pod_actions
from kubelet.pods.backoff import Delay
from kubelet.runtime.interface import CONTAINER_HASH, RuntimePod
from machinery.api.core.v1 import Container, EphemeralContainer, Pod
from tests.support.runs import NOW, a_pod, a_sandbox, ago, exited, held, running


def decide(pod: Pod, status: RuntimePod, **observed: object) -> PodActions:
    return compute_pod_actions(pod, status, Observed(NOW, **observed))


def names(containers: tuple[Container, ...]) -> list[str]:
    return [container.name for container in containers]


def test_a_new_pod_gets_a_sandbox_and_all_containers() -> None:
    actions = decide(a_pod("a", "b"), RuntimePod("u1"))
    assert (actions.create_sandbox, actions.attempt, actions.kill_pod) == (True, 0, False)
    assert names(actions.start) == ["a", "b"]


def test_with_init_containers_only_the_first_starts() -> None:
    actions = decide(a_pod("a", init=("i", "j")), RuntimePod("u1"))
    assert (names(actions.start_init), actions.start) == (["i"], ())


def test_a_running_pod_is_left_alone() -> None:
    assert decide(a_pod(), held(a_sandbox(), running())).empty


@pytest.mark.parametrize("sandboxes", [
    (a_sandbox(ready=False),),
    (a_sandbox(ips=()),),
    (a_sandbox("s2", attempt=0), a_sandbox("s1")),
])
def test_a_sandbox_that_is_no_good_is_replaced_with_everything_in_it(sandboxes) -> None:
    actions = decide(a_pod(), held(*sandboxes, exited()))
    assert (actions.kill_pod, actions.create_sandbox, actions.attempt) == (True, True, 1)
    assert names(actions.start) == ["c"]


def test_the_node_s_network_needs_no_address() -> None:
    assert decide(a_pod(host_network=True), held(a_sandbox(ips=()), running())).empty


@pytest.mark.parametrize(("policy", "code", "again"), [
    ("Always", 0, True), ("Always", 1, True),
    ("OnFailure", 0, False), ("OnFailure", 1, True),
    ("Never", 0, False), ("Never", 1, False),
])
def test_restart_policies(policy: str, code: int, again: bool) -> None:
    actions = decide(a_pod("c", "d", policy=policy), held(a_sandbox(), exited("c", code), running("d")))
    assert names(actions.start) == (["c"] if again else [])


def test_nothing_left_to_run_ends_the_pod() -> None:
    actions = decide(a_pod(policy="Never"), held(a_sandbox(), exited()))
    assert actions.kill_pod and not actions.create_sandbox


def test_a_pod_that_never_restarts_gets_no_second_sandbox() -> None:
    actions = decide(a_pod(policy="Never"), held(a_sandbox(ready=False), exited(code=137)))
    assert actions == PodActions(kill_pod=True)


def test_a_container_waits_for_its_back_off() -> None:
    status = held(a_sandbox(), exited(code=1, since=4))
    actions = decide(a_pod(), status, delays={"c": Delay(10, ago(20))})
    assert actions.empty and dict(actions.waiting) == {"c": 6.0}
    assert names(decide(a_pod(), status, delays={"c": Delay(4, ago(20))}).start) == ["c"]


def test_a_container_that_failed_its_probe_is_killed_first() -> None:
    actions = decide(a_pod(), held(a_sandbox(), running()), failed_probes={"c-0": "liveness"})
    assert [kill.message for kill in actions.kill] == ["Container c failed liveness probe, will be restarted"]
    assert actions.start == ()


def test_init_containers_go_on_in_order() -> None:
    pod = a_pod("a", init=("i", "j"))
    assert decide(pod, held(a_sandbox(), running("i"))).empty
    assert names(decide(pod, held(a_sandbox(), exited("i"))).start_init) == ["j"]
    assert names(decide(pod, held(a_sandbox(), exited("j"), exited("i"))).start) == ["a"]
    assert names(decide(pod, held(a_sandbox(), exited("i", 1))).start_init) == ["i"]
    assert decide(a_pod("a", init=("i",), policy="Never"), held(a_sandbox(), exited("i", 1))).kill_pod


def test_init_containers_are_not_asked_again_once_the_pod_runs() -> None:
    assert decide(a_pod("a", init=("i",)), held(a_sandbox(), running("a"))).empty


def test_init_containers_run_again_in_a_new_sandbox() -> None:
    status = held(a_sandbox("s2", attempt=1), a_sandbox(ready=False), exited("a", 137), exited("i"))
    assert names(decide(a_pod("a", init=("i",)), status).start_init) == ["i"]


def test_a_sidecar_stays_while_the_others_start() -> None:
    pod = a_pod("a", init=("side", "i"))
    side = pod.spec.init_containers[0].replace(restart_policy="Always")
    pod = pod.replace(spec=pod.spec.replace(init_containers=(side, pod.spec.init_containers[1])))
    assert names(decide(pod, held(a_sandbox(), running("side"))).start_init) == ["i"]
    assert decide(pod, held(a_sandbox(), running("side")), started={"side-0": False}).empty
    assert names(decide(pod, held(a_sandbox(), exited("i"), running("side"))).start) == ["a"]
    again = decide(pod, held(a_sandbox(), running("a"), exited("i"), exited("side", 1)))
    assert names(again.start_init) == ["side"]


def with_sidecars(*init: str, sidecars: tuple[str, ...]) -> Pod:
    pod = a_pod("a", init=init)
    everyone = (c.replace(restart_policy="Always") if c.name in sidecars else c for c in pod.spec.init_containers)
    return pod.replace(spec=pod.spec.replace(init_containers=tuple(everyone)))


def test_a_sidecar_that_crashed_holds_up_nobody_who_comes_later() -> None:
    pod = with_sidecars("side", "i", "j", sidecars=("side",))
    delays, crashed = {"side": Delay(10, ago(20))}, exited("side", 1, since=4)
    actions = decide(pod, held(a_sandbox(), exited("i"), crashed), delays=delays)
    assert (names(actions.start_init), dict(actions.waiting)) == (["j"], {"side": 6.0})
    assert decide(pod, held(a_sandbox(), running("i"), crashed), delays=delays).empty
    assert names(decide(pod, held(a_sandbox(), running("i"), crashed)).start_init) == ["side"]
    actions = decide(pod, held(a_sandbox(), exited("j"), exited("i"), crashed), delays=delays)
    assert (names(actions.start), dict(actions.waiting)) == (["a"], {"side": 6.0})


def test_a_sidecar_that_has_never_come_up_holds_up_the_rest() -> None:
    pod = with_sidecars("side", "i", sidecars=("side",))
    status = held(a_sandbox(), exited("side", 1, since=4))
    actions = decide(pod, status, delays={"side": Delay(10, ago(20))})
    assert actions.empty and dict(actions.waiting) == {"side": 6.0}
    assert names(decide(pod, status).start_init) == ["side"]


def test_apps_wait_for_the_startup_probe_of_the_last_sidecar() -> None:
    pod = with_sidecars("i", "side", sidecars=("side",))
    status = held(a_sandbox(), running("side"), exited("i"))
    assert decide(pod, status, started={"side-0": False}).empty
    assert names(decide(pod, status, started={"side-0": True}).start) == ["a"]


def test_a_container_with_another_image_is_made_anew() -> None:
    run = replace(running(), annotations={CONTAINER_HASH: container_hash(Container(name="c", image="older"))})
    actions = decide(a_pod(), held(a_sandbox(), run))
    assert [kill.message for kill in actions.kill] == ["Container c definition changed, will be restarted"]
    same = replace(running(), annotations={CONTAINER_HASH: container_hash(a_pod().spec.containers[0])})
    assert decide(a_pod(), held(a_sandbox(), same)).empty


def guest(name: str) -> EphemeralContainer:
    return EphemeralContainer(name=name, image="i", target_container_name="c")


def test_guests_start_once_and_whatever_became_of_them() -> None:
    pod = a_pod(ephemeral_containers=(guest("new"), guest("here"), guest("gone")))
    actions = decide(pod, held(a_sandbox(), running(), running("here"), exited("gone", 1)))
    assert names(actions.start_guests) == ["new"] and actions.start == () and not actions.empty


def test_guests_need_a_sandbox_and_wait_for_nothing_else() -> None:
    pod = a_pod("a", init=("i",), ephemeral_containers=(guest("g"),))
    assert decide(pod, RuntimePod("u1")).start_guests == ()
    assert names(decide(pod, held(a_sandbox(), running("i"))).start_guests) == ["g"]
