"""Deployments: step by step as tables, to the end as laws."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from controllers.deployment import plan
from controllers.rollout import DESIRED, MAX_REPLICAS, REVISION, REVISION_HISTORY, fenceposts, max_unavailable, size
from controllers.template_hash import LABEL, safe_encode, template_hash
from tests.support.objects import NOW
from tests.support.simulation import Simulation, deployment, template


def conditions(sim: Simulation) -> dict[str, str]:
    return {c.type: f"{c.status} {c.reason}" for c in sim.deployment.status.conditions}


def short(sim: Simulation) -> list[str]:
    """Events with `v1`, `v2` … in place of the sets' names."""
    names = {f"web-{template_hash(template(image))}": image for image in ("v1", "v2", "v3")}
    return [" ".join(names.get(word, word) for word in event.split()) for event in sim.events]


def name_of(image: str) -> str:
    return f"web-{template_hash(template(image))}"


def test_a_new_deployment_makes_its_replica_set():
    decided = plan(deployment(), (), now=NOW)
    rs = decided.create
    hashed = rs.metadata.labels[LABEL]
    assert rs.metadata.name == f"web-{hashed}" and set(hashed) <= set("bcdfghjklmnpqrstvwxz2456789")
    assert rs.spec.selector.match_labels == {"app": "web", LABEL: hashed}
    assert rs.spec.template.metadata.labels == {"app": "web", LABEL: hashed}
    assert rs.metadata.annotations == {REVISION: "1", DESIRED: "3", MAX_REPLICAS: "4"}
    (ref,) = rs.metadata.owner_references
    assert (ref.kind, ref.uid, ref.controller, ref.block_owner_deletion) == ("Deployment", "uid-web", True, True)
    assert size(rs) == 3 and decided.revision == "1"
    assert [(c.type, c.reason) for c in decided.status.conditions] == [
        ("Progressing", "NewReplicaSetCreated"), ("Available", "MinimumReplicasUnavailable")]
    assert decided.status.conditions[0].message == f'Created new replica set "{rs.metadata.name}"'


def test_the_hash_spells_no_words_and_follows_the_template_alone():
    assert safe_encode("0123456789") == "456789bcdf"
    assert template_hash(template("v1")) == template_hash(template("v1")) != template_hash(template("v2"))
    assert template_hash(template("v1"), 1) != template_hash(template("v1"))


def test_it_ends_available_and_complete():
    sim = Simulation(deployment())
    sim.settle()
    status = sim.deployment.status
    assert (status.replicas, status.updated_replicas, status.available_replicas, status.unavailable_replicas) == (
        3, 3, 3, 0)
    assert [c.type for c in status.conditions] == ["Available", "Progressing"]
    assert conditions(sim) == {
        "Available": "True MinimumReplicasAvailable", "Progressing": "True NewReplicaSetAvailable"}
    assert status.conditions[1].message == f'ReplicaSet "{name_of("v1")}" has successfully progressed.'
    assert plan(sim.deployment, sim.sets.values(), now=NOW + timedelta(hours=1)).status == status


def test_rolling_update_one_by_one():
    sim = Simulation(deployment(3))
    sim.settle()
    sim.events.clear()
    sim.change(template=template("v2"))
    sim.settle()
    assert short(sim) == [
        "create v2 1", "v1 3->2", "v2 1->2", "v1 2->1", "v2 2->3", "v1 1->0"]
    assert sim.deployment.metadata.annotations[REVISION] == "2"


def test_nothing_old_goes_while_nothing_new_is_available():
    sim = Simulation(deployment(4, surge=1, unavailable=1))
    sim.settle()
    sim.events.clear()
    sim.change(template=template("v2"))
    for _ in range(5):
        sim.step()
    assert short(sim) == ["create v2 1", "v1 4->3", "v2 1->2"]
    sim.pods(name_of("v1"), 3, 3)
    for _ in range(5):
        sim.step()
    assert short(sim) == ["create v2 1", "v1 4->3", "v2 1->2"]


def test_a_broken_rollout_keeps_the_old_pods_and_can_be_undone():
    sim = Simulation(deployment(3))
    sim.settle()
    sim.events.clear()
    sim.change(template=template("v2"))
    for _ in range(5):
        sim.step()
    assert short(sim) == ["create v2 1"]
    sim.change(template=template("v1"))
    sim.settle()
    assert size(sim.sets[name_of("v1")]) == 3 and size(sim.sets[name_of("v2")]) == 0
    assert sim.sets[name_of("v1")].metadata.annotations[REVISION] == "3"
    assert sim.sets[name_of("v1")].metadata.annotations[REVISION_HISTORY] == "1"
    assert sim.deployment.metadata.annotations[REVISION] == "3"


def test_unhealthy_old_pods_go_first():
    sim = Simulation(deployment(4, surge=1, unavailable=0))
    sim.settle()
    sim.pods(name_of("v1"), 4, 2)
    sim.change(template=template("v2"))
    sim.step()
    sim.pods(name_of("v2"), 1, 1)
    sim.events.clear()
    sim.step()
    assert short(sim) == ["v1 4->3"]


def test_recreate_waits_for_the_last_old_pod():
    sim = Simulation(deployment(2, strategy="Recreate"))
    sim.settle()
    sim.events.clear()
    sim.change(template=template("v2"))
    sim.step()
    sim.follow()
    sim.step(old_pods_running=True)
    assert short(sim) == ["v1 2->0"]
    sim.step()
    assert short(sim) == ["v1 2->0", "create v2 2"]


def test_scaling_is_not_a_rollout():
    sim = Simulation(deployment(3))
    sim.settle()
    sim.events.clear()
    sim.change(replicas=6)
    sim.settle()
    assert short(sim) == ["v1 3->6"] and sim.deployment.metadata.annotations[REVISION] == "1"
    assert sim.sets[name_of("v1")].metadata.annotations[DESIRED] == "6"


def test_scaling_during_a_rollout_is_shared_in_proportion():
    sim = Simulation(deployment(10, surge=3, unavailable=2))
    sim.settle()
    sim.change(template=template("v2"))
    sim.step()
    sim.step()
    assert {size(rs) for rs in sim.sets.values()} == {8, 3}
    sim.pods(name_of("v1"), 8, 8)
    sim.step()
    sim.step()
    assert (size(sim.sets[name_of("v1")]), size(sim.sets[name_of("v2")])) == (8, 5)
    sim.change(replicas=15)
    sim.events.clear()
    sim.step()
    assert short(sim) == ["v1 8->11", "v2 5->7"]


def test_paused_means_no_new_set_but_scaling_works():
    sim = Simulation(deployment(3))
    sim.settle()
    sim.events.clear()
    sim.change(paused=True)
    sim.settle()
    assert conditions(sim)["Progressing"] == "Unknown DeploymentPaused"
    sim.change(template=template("v2"), replicas=5)
    sim.settle()
    assert short(sim) == ["v1 3->5"]
    sim.change(paused=False)
    sim.step()
    sim.settle()
    assert short(sim)[1].startswith("create v2") and size(sim.sets[name_of("v2")]) == 5
    assert conditions(sim)["Progressing"] == "True NewReplicaSetAvailable"


def test_history_is_cut_to_its_limit():
    sim = Simulation(deployment(1, revision_history_limit=1))
    for image in ("v1", "v2", "v3"):
        sim.change(template=template(image))
        sim.settle()
    assert set(sim.sets) == {name_of("v2"), name_of("v3")}


def test_no_progress_in_time_is_said():
    sim = Simulation(deployment(1, progress_deadline_seconds=10))
    sim.step()
    sim.clock += 5
    sim.step()
    assert conditions(sim)["Progressing"] == "True NewReplicaSetCreated"
    sim.clock += 10
    sim.step()
    progressing = next(c for c in sim.deployment.status.conditions if c.type == "Progressing")
    assert (progressing.status, progressing.reason) == ("False", "ProgressDeadlineExceeded")
    assert progressing.message == f'ReplicaSet "{name_of("v1")}" has timed out progressing.'
    sim.settle()
    assert conditions(sim)["Progressing"] == "True NewReplicaSetAvailable"


def test_annotations_of_the_change_reach_the_set():
    cause = {"kubernetes.io/change-cause": "because", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    d = deployment()
    rs = plan(d.replace(metadata=d.metadata.replace(annotations=cause)), (), now=NOW).create
    assert "kubectl.kubernetes.io/last-applied-configuration" not in rs.metadata.annotations
    assert rs.metadata.annotations["kubernetes.io/change-cause"] == "because"


@pytest.mark.parametrize(("surge", "unavailable", "replicas", "posts"), [
    ("25%", "25%", 3, (1, 0)), ("25%", "25%", 4, (1, 1)), ("0%", "0%", 10, (0, 1)), (0, 0, 1, (0, 1)),
    ("50%", "50%", 3, (2, 1)), (2, 0, 10, (2, 0)),
])
def test_percentages(surge, unavailable, replicas, posts):
    assert fenceposts(deployment(replicas, surge=surge, unavailable=unavailable)) == posts


limits = st.one_of(st.integers(0, 5), st.integers(0, 100).map(lambda p: f"{p}%"))
happenings = st.tuples(st.sampled_from(["step", "grow", "shrink", "ready", "template"]), st.integers(0, 2))


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 12), limits, limits, st.lists(happenings, max_size=60))
@example(2, 0, 0, [("template", 2), *[("step", 0)] * 3, ("template", 1), *[("step", 0)] * 2])
def test_never_too_many_never_too_few(replicas, surge, unavailable, happenings):
    """Whatever the kubelets do and in whatever order, no step of ours breaks the limits, and the end is reached."""
    sim = Simulation(deployment(replicas, surge=surge, unavailable=unavailable))
    sim.settle()
    most = replicas + fenceposts(sim.deployment)[0]
    fewest = replicas - max_unavailable(sim.deployment)
    for what, which in happenings:
        names = sorted(sim.sets)
        name = names[which % len(names)]
        rs = sim.sets[name]
        have, ready = rs.status.replicas, rs.status.available_replicas
        match what:
            case "step":
                before = {n: size(s) for n, s in sim.sets.items()}
                sim.step()
                assert sum(size(s) for s in sim.sets.values()) <= max(most, sum(before.values()))
                # What stays available even after every set lost the pods that we took, the ready ones last.
                left = sum(min(s.status.available_replicas, size(s)) for s in sim.sets.values())
                had = sum(min(s.status.available_replicas, before.get(n, 0)) for n, s in sim.sets.items())
                assert left >= min(fewest, had)
            case "grow":
                sim.pods(name, max(have, size(rs)), ready)
            case "shrink":
                sim.pods(name, min(have, size(rs)), min(ready, size(rs)))
            case "ready":
                sim.pods(name, have, min(have, ready + 1))
            case "template":
                sim.change(template=template(f"v{which + 1}"))
    sim.settle()
    (alive,) = [rs for rs in sim.sets.values() if size(rs)] or [None]
    assert (size(alive) if alive else 0) == replicas
