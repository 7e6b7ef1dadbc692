"""What a namespace says while it ends, and what every namespace has."""

from __future__ import annotations

from datetime import timedelta

from controllers.discovery import Discovered, read, stale_in
from controllers.namespace import Remains, conditions, patience
from controllers.root_ca_cert_publisher import NAME, plan
from controllers.run import is_wanted
from controllers.service_account import missing
from machinery.api.core.v1 import ConfigMap, Namespace, NamespaceStatus
from tests.support.objects import NOW, meta

ACTIVE = Namespace(metadata=meta("a", ""), status=NamespaceStatus(phase="Active"))
ENDING = ACTIVE.replace(
    metadata=ACTIVE.metadata.replace(deletion_timestamp=NOW), status=NamespaceStatus(phase="Terminating"))


def said(remains: Remains) -> dict[str, tuple[str, str, str]]:
    return {c.type: (c.status, c.reason, c.message) for c in conditions((), remains, NOW)}


def test_an_empty_namespace_says_that_all_is_well():
    assert said(Remains()) == {
        "NamespaceDeletionDiscoveryFailure":
            ("False", "ResourcesDiscovered", "All resources successfully discovered"),
        "NamespaceDeletionGroupVersionParsingFailure":
            ("False", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        "NamespaceDeletionContentFailure":
            ("False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        "NamespaceContentRemaining": ("False", "ContentRemoved", "All content successfully removed"),
        "NamespaceFinalizersRemaining":
            ("False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
    }
    assert Remains().nothing


def test_what_is_left_is_named():
    remains = Remains({"pods.": 2, "deployments.apps": 1}, {"example.com/hold": 1}, ("pods.: no",))
    lines = said(remains)
    assert lines["NamespaceContentRemaining"] == (
        "True", "SomeResourcesRemain", "Some resources are remaining: deployments.apps has 1 resource instances, "
        "pods. has 2 resource instances")
    assert lines["NamespaceFinalizersRemaining"][2] == (
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances")
    assert lines["NamespaceDeletionContentFailure"][0] == "True" and not remains.nothing


def test_times_tell_when_something_changed():
    first = conditions((), Remains({"pods.": 2}), NOW)
    second = conditions(first, Remains(), NOW + timedelta(seconds=5))
    changed = {c.type for c in second if c.last_transition_time != NOW}
    assert changed == {"NamespaceContentRemaining"}
    assert conditions(second, Remains(), NOW + timedelta(hours=1)) == second


def test_what_is_held_for_long_is_looked_at_less_often():
    assert [patience(looks) for looks in (1, 2, 3, 4, 5, 1000)] == [1, 2, 4, 8, 8, 8]


def test_the_default_account():
    assert missing(ACTIVE, set()) == ("default",)
    assert missing(ACTIVE, {"default"}) == missing(ENDING, set()) == ()


def test_the_root_certificate():
    made = plan(ACTIVE, None, "PEM")
    assert (made.metadata.name, made.metadata.namespace, made.data) == (NAME, "a", {"ca.crt": "PEM"})
    assert plan(ACTIVE, made, "PEM") is None and plan(ENDING, None, "PEM") is None
    assert plan(ACTIVE, ConfigMap(metadata=made.metadata, data={"ca.crt": "old"}), "PEM") == made


def test_discovery_prefers_the_first_version():
    def version(name: str, *plurals: str) -> dict:
        return {"version": name, "resources": [
            {"resource": p, "responseKind": {"kind": p.title()}, "scope": "Namespaced", "verbs": ["list"]}
            for p in plurals]}

    document = {"items": [
        {"metadata": {"name": "apps"}, "versions": [version("v1", "xs"), version("v1beta1", "xs", "ys")]},
        {"metadata": {}, "versions": [version("v1", "pods")]}]}
    assert [(s.api_version, s.plural, s.path("d")) for s in read(document)] == [
        ("apps/v1", "xs", "/apis/apps/v1/namespaces/d/xs"),
        ("apps/v1beta1", "ys", "/apis/apps/v1beta1/namespaces/d/ys"),
        ("v1", "pods", "/api/v1/namespaces/d/pods")]


def test_what_is_away_is_told_and_left_out():
    widgets = [{"resource": "widgets", "responseKind": {"kind": "Widget"}, "verbs": ["list"]}]
    document = {"items": [
        {"metadata": {"name": "toys"}, "versions": [
            {"version": "v1", "freshness": "Stale", "resources": widgets}, {"version": "v2", "freshness": "Stale"}]},
        {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "freshness": "Current", "resources": []}]}]}
    assert read(document) == [] and stale_in(document) == ["toys/v1", "toys/v2"]
    assert Discovered([], []).failure == ""
    assert Discovered([], ["toys/v1"]).failure.endswith(": toys/v1: stale GroupVersion discovery: toys/v1")


def test_the_choice_of_controllers():
    assert is_wanted("namespace", ("*",)) and not is_wanted("namespace", ("*", "-namespace"))
    assert is_wanted("namespace", ("namespace",)) and not is_wanted("other", ("namespace",))
