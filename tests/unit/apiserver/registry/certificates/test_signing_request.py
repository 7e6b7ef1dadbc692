"""CertificateSigningRequest: who asked, what is wrong, who decides, rows."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from apiserver.registry.certificates.signing_request import CertificateSigningRequestStrategy
from apiserver.user import User
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = CertificateSigningRequestStrategy()
GOOD = sample("CertificateSigningRequest").document()
EXCLUSIVE = "Approved and Denied conditions are mutually exclusive"
APPROVED = {"type": "Approved", "status": "True", "reason": "Because"}


def pem(kind: str, body: str = "AAAA") -> str:
    return base64.b64encode(f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n".encode()).decode()


def test_the_server_says_who_asked() -> None:
    doc = {"spec": {"username": "forged", "groups": ["g"], "extra": {"a": ["b"]}}}
    STRATEGY.note_creator(doc, User("jane", ("devs",)))
    assert doc == {"spec": {"username": "jane", "groups": ["devs"]}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.request", "aGk=", 'spec.request: Invalid value: "aGk=": PEM block type must be CERTIFICATE REQUEST'),
        ("spec.request", pem("CERTIFICATE REQUEST"), "spec.request: Invalid value: "),
        ("spec.usages", [], "spec.usages: Required value"),
        ("spec.usages", ["fun"], 'spec.usages[0]: Unsupported value: "fun": supported values: "any", "cert sign"'),
        ("spec.usages", ["signing"] * 2, 'spec.usages[1]: Duplicate value: "signing"'),
        ("spec.signerName", "", "spec.signerName: Required value"),
        (
            "spec.signerName", "kubernetes.io/legacy-unknown",
            'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via',
        ),
        ("spec.signerName", "x", 'spec.signerName: Invalid value: "x": must be a fully qualified domain and path of t'),
        ("spec.signerName", "x/y", 'spec.signerName: Invalid value: "x": should be a domain with at least two segment'),
        ("spec.signerName", "a.B/y", 'spec.signerName: Invalid value: "a.B": validating label "B": a lowercase RFC 11'),
        (
            "spec.expirationSeconds", 60,
            "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)",
        ),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    assert errors_of(STRATEGY, GOOD) == []
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found), found


def with_status(obj: dict[str, Any], *conditions: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {**obj, "status": {"conditions": list(conditions), **status}}


def test_approval_is_stamped_and_keeps_all_else() -> None:
    old = created(STRATEGY, GOOD)
    given = with_status(changed(old, "spec.signerName", "other.io/x"), APPROVED, certificate="aGk=")
    done = updated(STRATEGY, old, given, "approval")
    assert done["spec"] == old["spec"] and set(done["status"]) == {"conditions"}
    condition = done["status"]["conditions"][0]
    assert condition["lastUpdateTime"] == condition["lastTransitionTime"]
    again = with_status(done, {**APPROVED, "reason": "Other"})
    kept = updated(STRATEGY, done, again, "approval")["status"]["conditions"][0]
    assert kept["lastTransitionTime"] == condition["lastTransitionTime"]


@pytest.mark.parametrize(
    ("subresource", "conditions", "expected"),
    [
        ("approval", [APPROVED], []),
        ("status", [APPROVED], ['status.conditions: Forbidden: updates may not add a condition of type "Approved"']),
        ("status", [{"type": "Failed", "status": "True"}], []),
        (
            "status", [{"type": "Failed", "status": "False"}],
            ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
        ),
        ("status", [{"type": "Odd", "status": "False"}], []),
        ("status", [{"type": "Odd"}], ["status.conditions[0].status: Required value"]),
        (
            "approval", [APPROVED, {"type": "Denied", "status": "True"}],
            [f'status.conditions[1].type: Invalid value: "Denied": {EXCLUSIVE}'],
        ),
        ("approval", [APPROVED, APPROVED], ['status.conditions[1].type: Duplicate value: "Approved"']),
    ],
)  # fmt: skip
def test_who_may_decide(subresource: str, conditions: list[Any], expected: list[str]) -> None:
    old = created(STRATEGY, GOOD)
    assert update_errors_of(STRATEGY, old, with_status(old, *conditions), subresource) == expected


def test_what_was_decided_stays() -> None:
    old = updated(STRATEGY, created(STRATEGY, GOOD), with_status(GOOD, APPROVED), "approval")
    assert update_errors_of(STRATEGY, old, with_status(old), "approval") == [
        'status.conditions: Forbidden: updates may not remove a condition of type "Approved"'
    ]
    issued = {**old, "status": {**old["status"], "certificate": "aGk="}}
    assert update_errors_of(STRATEGY, old, issued, "status") == [
        'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'
    ]
    wrong = {**old, "status": {**old["status"], "certificate": pem("PRIVATE KEY")}}
    assert update_errors_of(STRATEGY, old, wrong, "status") == [
        'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, '
        'found "PRIVATE KEY"'
    ]
    replaced = {**issued, "status": {**issued["status"], "certificate": "aGV5"}}
    assert update_errors_of(STRATEGY, issued, replaced, "status") == [
        "status.certificate: Forbidden: updates may not modify existing certificate content"
    ]


def test_rows() -> None:
    spec = {"signerName": "a.io/b", "username": "jane", "expirationSeconds": 3600}
    status = {"conditions": [APPROVED], "certificate": "aGk="}
    assert row_of(STRATEGY, {"spec": spec, "status": status}) == [
        "x", "2m34s", "a.io/b", "jane", "60m", "Approved,Issued",
    ]  # fmt: skip
    assert row_of(STRATEGY, {"spec": {}})[4:] == ["<none>", "Pending"]
    both = {"conditions": [APPROVED, {"type": "Denied", "status": "True"}, {"type": "Failed", "status": "True"}]}
    assert row_of(STRATEGY, {"spec": {}, "status": both})[5] == "Denied,Failed"
