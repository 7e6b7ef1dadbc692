"""PodSecurity without labels: what the configuration says then, and who is exempt."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.configuration import Mistaken
from apiserver.admission.pod_security import PodSecurity
from apiserver.admission.pod_security_configuration import defaults_of, exemptions_of
from apiserver.user import User
from machinery.api import scheme
from machinery.api.errors import Forbidden
from tests.support.lookups import Known

PODS = scheme.for_kind("v1", "Pod")
KIND = {"apiVersion": "pod-security.admission.config.k8s.io/v1", "kind": "PodSecurityConfiguration"}
CONFIGURATION = {
    **KIND,
    "defaults": {"enforce": "baseline", "enforce-version": "v1.32", "warn": "restricted"},
    "exemptions": {"usernames": ["root"], "namespaces": ["kube-system"], "runtimeClasses": ["vm"]},
}
PRIVILEGED = "pod-security.kubernetes.io/enforce"


async def asked(namespace: str = "a", user: str = "jane", labels: Any = None, **spec: Any) -> Attributes:
    known = Known({"metadata": {"name": namespace, "labels": labels or {}}})
    attributes = Attributes("CREATE", PODS, namespace, "web", User(user))
    pod = {"metadata": {"name": "web"}, "spec": {"hostNetwork": True, "containers": [{"name": "c"}], **spec}}
    await PodSecurity(known, Known(), CONFIGURATION).validate(attributes, pod, None)
    return attributes


async def test_defaults_hold_where_no_label_says_otherwise() -> None:
    with pytest.raises(Forbidden, match=r'violates PodSecurity "baseline:v1.32": host namespaces'):
        await asked()
    relaxed = await asked(labels={PRIVILEGED: "privileged"})
    assert relaxed.warnings[0].startswith('would violate PodSecurity "restricted:latest": host namespaces')


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"user": "root"}, "user"),
        ({"namespace": "kube-system"}, "namespace"),
        ({"runtimeClassName": "vm"}, "runtimeClass"),
    ],
)
async def test_who_is_exempt_is_held_to_nothing_and_the_audit_log_says_so(given: dict[str, Any], why: str) -> None:
    attributes = await asked(**given)
    assert attributes.annotations == {"pod-security.kubernetes.io/exempt": why} and not attributes.warnings


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"kind": "Pod"}, "no PodSecurityConfiguration"),
        ({**KIND, "defaults": {"enforce": "strict"}}, r'defaults\.enforce: Invalid value: "strict": must be one of'),
        ({**KIND, "defaults": {"warn-version": "1.2"}}, r"defaults\.warn-version: .*must be \"latest\" or"),
        ({**KIND, "defaults": {"deny": "baseline"}}, r"defaults\.deny: .*unknown field"),
        ({**KIND, "exemptions": {"usernames": ["a", "a"]}}, r"exemptions\.usernames: Duplicate value"),
        ({**KIND, "exemptions": {"namespaces": "a"}}, r"exemptions\.namespaces: .*must be a list of names"),
    ],
)
def test_mistakes(document: dict[str, Any], why: str) -> None:
    with pytest.raises(Mistaken, match=why):
        defaults_of(document)
        exemptions_of(document)
