"""Ingress and IngressClass: defaults, mistakes, immutable fields, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.networking.ingress import IngressStrategy
from apiserver.registry.networking.ingress_class import IngressClassStrategy
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

GOOD = sample("Ingress").document()
PATH = "spec.rules.0.http.paths.0"
PATHS = "spec.rules[0].http.paths[0]"
CLASS = sample("IngressClass").document()


def test_good_ones() -> None:
    assert errors_of(IngressStrategy(), GOOD) == [] == errors_of(IngressClassStrategy(), CLASS)
    assert created(IngressStrategy(), GOOD)["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec", {}, "spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"),
        ("spec.rules.0.host", "1.2.3.4", 'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP'),
        ("spec.rules.0.host", "*.Foo", 'spec.rules[0].host: Invalid value: "*.Foo": a wildcard DNS-1123 subdomain'),
        ("spec.rules.0.host", "foo_bar", "spec.rules[0].host: Invalid value: \"foo_bar\": a lowercase RFC 1123 subdom"),
        ("spec.rules.0.http.paths", [], "spec.rules[0].http.paths: Required value"),
        (f"{PATH}.pathType", None, f"{PATHS}.pathType: Required value: pathType must be specified"),
        (f"{PATH}.pathType", "Odd", f'{PATHS}.pathType: Unsupported value: "Odd": supported values: "Exact", "Impl'),
        (f"{PATH}.path", "x", f'{PATHS}.path: Invalid value: "x": must be an absolute path'),
        (f"{PATH}.path", "/a//b", f"{PATHS}.path: Invalid value: \"/a//b\": must not contain '//'"),
        (f"{PATH}.path", "/a/..", f"{PATHS}.path: Invalid value: \"/a/..\": cannot end with '/..'"),
        (f"{PATH}.backend", {}, f'{PATHS}.backend: Invalid value: "": resource or service backend is required'),
        (f"{PATH}.backend.service.name", "Web", f'{PATHS}.backend.service.name: Invalid value: "Web": a DNS-1035 labe'),
        (f"{PATH}.backend.service.port", {}, f"{PATHS}.backend: Required value: port name or number is required"),
        (
            f"{PATH}.backend.service.port", {"name": "http", "number": 80},
            f'{PATHS}.backend: Invalid value: "": cannot set both port name & port number',
        ),
        (
            f"{PATH}.backend.service.port", {"number": 70000},
            f"{PATHS}.backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
        (
            f"{PATH}.backend", {"resource": {"kind": "", "name": "a/b"}},
            f"{PATHS}.backend.resource.kind: Required value",
        ),
        ("spec.tls", [{"secretName": "No!"}], "spec.tls[0].secretName: Invalid value: \"No!\""),
        ("spec.tls", [{"hosts": ["a b"]}], "spec.tls[0].hosts[0]: Invalid value: \"a b\""),
        ("spec.ingressClassName", "A", 'spec.ingressClassName: Invalid value: "A"'),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    assert any(error.startswith(expected) for error in errors_of(IngressStrategy(), changed(GOOD, path, value)))


def test_the_old_annotation_must_agree() -> None:
    given = changed(GOOD, "spec.ingressClassName", "a")
    given["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "b"}
    assert errors_of(IngressStrategy(), given) == [
        'annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are '
        "specified"
    ]


def test_implementation_specific_paths_may_be_empty() -> None:
    given = changed(changed(GOOD, f"{PATH}.pathType", "ImplementationSpecific"), f"{PATH}.path", "")
    assert errors_of(IngressStrategy(), given) == []


def test_status() -> None:
    old = created(IngressStrategy(), GOOD)
    given = {**old, "status": {"loadBalancer": {"ingress": [{"ip": "x"}, {"hostname": "1.2.3.4"}]}}}
    found = update_errors_of(IngressStrategy(), old, given, "status")
    assert [error.split(": ")[0] for error in found] == [
        "status.loadBalancer.ingress[0].ip", "status.loadBalancer.ingress[1].hostname",
    ]  # fmt: skip


def test_rows() -> None:
    rules = [{"host": host} for host in ("a.io", "b.io", "c.io", "d.io")]
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.2"}, {"hostname": "lb.io"}]}}
    given = {"spec": {"rules": rules, "tls": [{}], "ingressClassName": "nginx"}, "status": status}
    assert row_of(IngressStrategy(), given) == [
        "x", "nginx", "a.io,b.io,c.io + 1 more...", "10.0.0.2,lb.io", "80, 443", "2m34s",
    ]  # fmt: skip
    assert row_of(IngressStrategy(), {"spec": {}})[1:5] == ["<none>", "*", "", "80"]


def test_ingress_class() -> None:
    given = {"controller": "example.com/c", "parameters": {"apiGroup": "x.io", "kind": "P", "name": "p"}}
    made = created(IngressClassStrategy(), {"spec": given})
    assert made["spec"]["parameters"]["scope"] == "Cluster"
    assert row_of(IngressClassStrategy(), made)[1:3] == ["example.com/c", "P.x.io/p"]
    assert row_of(IngressClassStrategy(), CLASS)[2] == "<none>"
    other = changed(CLASS, "spec.controller", "example.com/d")
    assert update_errors_of(IngressClassStrategy(), created(IngressClassStrategy(), CLASS), other) == [
        'spec.controller: Invalid value: "example.com/d": field is immutable'
    ]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.controller", "", "spec.controller: Required value"),
        ("spec.controller", "x", 'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.'),
        ("spec.controller", "a.io/" + "x" * 250, "spec.controller: Too long: may not be more than 250 bytes"),
        ("spec.parameters", {"name": "p"}, "spec.parameters.kind: Required value"),
        (
            "spec.parameters", {"kind": "K", "name": "p", "scope": "Namespace"},
            "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
        ),
        (
            "spec.parameters", {"kind": "K", "name": "p", "scope": "Cluster", "namespace": "n"},
            "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
        ),
        (
            "spec.parameters", {"kind": "K", "name": "p", "scope": "Odd"},
            'spec.parameters.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespace"',
        ),
    ],
)  # fmt: skip
def test_mistakes_in_classes(path: str, value: Any, expected: str) -> None:
    assert any(error.startswith(expected) for error in errors_of(IngressClassStrategy(), changed(CLASS, path, value)))
