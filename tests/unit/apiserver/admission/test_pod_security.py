"""The Pod Security Standards control by control, and what the plugin makes of a namespace's labels."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.pod_security import PodSecurity, policy_of
from apiserver.admission.pod_security_standards import Pod, violations
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden, Invalid
from tests.support.lookups import Known

Doc = dict[str, Any]
PODS, NAMESPACES = scheme.for_kind("v1", "Pod"), scheme.for_kind("v1", "Namespace")
DEPLOYMENTS = scheme.for_kind("apps/v1", "Deployment")
TIGHT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True,
         "seccompProfile": {"type": "RuntimeDefault"}}  # fmt: skip
EVERYTHING = (
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), '
    'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
    '"Localhost")')


def spec(security: Doc | None = None, container: Doc | None = None, **more: Any) -> Doc:
    return {"containers": [{"name": "c", "image": "i", "securityContext": security or {}, **(container or {})}], **more}


def told(level: str, wanted: Doc, metadata: Doc | None = None, **at: int) -> str:
    return ", ".join(map(str, violations(level, Pod(metadata or {}, wanted, **at))))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (spec(), ""),
        (spec({"privileged": True}), 'privileged (container "c" must not set securityContext.privileged=true)'),
        (spec(hostNetwork=True, hostIPC=True), "host namespaces (hostNetwork=true, hostIPC=true)"),
        (spec(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), 'hostPath volumes (volume "v")'),
        (spec(container={"ports": [{"hostPort": 80}, {"hostPort": 443}]}),
         'hostPort (container "c" uses hostPorts 443, 80)'),
        (spec({"capabilities": {"add": ["SYS_ADMIN", "CHOWN"]}}), "non-default capabilities (container "
         '"c" must not include "SYS_ADMIN" in securityContext.capabilities.add)'),
        (spec({"procMount": "Unmasked"}),
         'procMount (container "c" must not set securityContext.procMount to "Unmasked")'),
        (spec({"seLinuxOptions": {"type": "spc_t", "user": "u"}}), 'seLinuxOptions (container "c" set forbidden '
         'securityContext.seLinuxOptions: type "spc_t"; user may not be set)'),
        (spec(securityContext={"seccompProfile": {"type": "Unconfined"}}),
         'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'),
        (spec(securityContext={"sysctls": [{"name": "kernel.msgmax"}, {"name": "net.ipv4.tcp_rmem"}]}),
         "forbidden sysctls (kernel.msgmax)"),
        (spec({"windowsOptions": {"hostProcess": True}}), 'hostProcess (container "c" must not set '
         "securityContext.windowsOptions.hostProcess=true)"),
        (spec({"appArmorProfile": {"type": "Unconfined"}}), 'forbidden AppArmor profile (container "c" must not set '
         'AppArmor profile type to "Unconfined")'),
    ],
)  # fmt: skip
def test_baseline(wanted: Doc, why: str):
    assert told("baseline", wanted) == why
    assert told("privileged", wanted) == ""


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (spec(TIGHT), ""),
        (spec(), EVERYTHING),
        (spec({**TIGHT, "runAsUser": 0}), 'runAsUser=0 (container "c" must not set runAsUser=0)'),
        (spec({**TIGHT, "runAsNonRoot": False}),
         'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)'),
        (spec({**TIGHT, "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "NET_BIND_SERVICE"]}}),
         'unrestricted capabilities (container "c" must not include "CHOWN" in securityContext.capabilities.add)'),
        (spec(TIGHT, volumes=[{"name": "v", "hostPath": {"path": "/"}}, {"name": "s", "secret": {}}]),
         'restricted volume types (volume "v" uses restricted volume type "hostPath")'),
        (spec({"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
              securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}), ""),
    ],
)  # fmt: skip
def test_restricted(wanted: Doc, why: str):
    assert told("restricted", wanted) == why


def test_a_version_holds_what_was_known_then():
    wanted = spec({**TIGHT, "runAsUser": 0}, securityContext={"sysctls": [{"name": "net.ipv4.tcp_rmem"}]})
    assert told("restricted", wanted, minor=22) == "forbidden sysctls (net.ipv4.tcp_rmem)"
    assert told("baseline", wanted, minor=32) == ""


def test_guests_and_several_containers_are_told_together():
    two = {"containers": [{"name": "a"}, {"name": "b"}], "ephemeralContainers": [{"name": "g"}]}
    assert 'containers "a", "b", "g" must set' in told("restricted", two)


def namespace(**labels: str) -> Doc:
    named = {f"pod-security.kubernetes.io/{key.replace('_', '-')}": value for key, value in labels.items()}
    return {"metadata": {"name": "n", "labels": named}}


async def asked(labels: Doc, obj: Doc, *, resource: Any = PODS, old: Doc | None = None, pods: Any = None) -> Any:
    name = "n" if resource is NAMESPACES else "x"
    attributes = Attributes("UPDATE" if old else "CREATE", resource, "n", name, ITSELF)
    plugin = PodSecurity(Known(labels), pods or Known())
    assert plugin.handles(attributes)
    await plugin.validate(attributes, obj, old)
    return attributes


def pod(wanted: Doc) -> Doc:
    return {"metadata": {"name": "x", "namespace": "n"}, "spec": wanted}


async def test_what_is_enforced_is_refused_in_kubernetes_words():
    with pytest.raises(Forbidden) as error:
        await asked(namespace(enforce="restricted"), pod(spec()))
    assert error.value.message == f'pods "x" is forbidden: violates PodSecurity "restricted:latest": {EVERYTHING}'
    await asked(namespace(enforce="restricted"), pod(spec(TIGHT)))
    await asked(namespace(), pod(spec({"privileged": True})))


async def test_warnings_and_audit_refuse_nothing():
    found = await asked(namespace(warn="restricted", audit="baseline", warn_version="v1.8"), pod(spec()))
    assert found.warnings[0].startswith('would violate PodSecurity "restricted:v1.8": allowPrivilegeEscalation != ')
    assert "pod-security.kubernetes.io/audit-violations" not in found.annotations
    found = await asked(namespace(audit="baseline"), pod(spec(hostPID=True)))
    assert found.annotations["pod-security.kubernetes.io/audit-violations"] == (
        'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)')


async def test_workloads_are_warned_of_and_never_refused():
    workload = {"metadata": {"name": "x"}, "spec": {"template": {"spec": spec(hostPID=True)}}}
    found = await asked(namespace(enforce="restricted", warn="baseline"), workload, resource=DEPLOYMENTS)
    assert found.warnings == ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)']


async def test_an_update_matters_only_with_another_image():
    strict, old = namespace(enforce="restricted"), pod(spec())
    await asked(strict, pod(spec()), old=old)
    with pytest.raises(Forbidden):
        await asked(strict, pod(spec(container={"image": "other"})), old=old)


async def test_labels_that_nobody_can_read_do_not_enter_and_count_as_restricted():
    with pytest.raises(Invalid, match="must be one of privileged, baseline, restricted"):
        await asked(namespace(), namespace(enforce="strict"), resource=NAMESPACES)
    with pytest.raises(Invalid, match=r'must be "latest" or "v1\.x"'):
        await asked(namespace(), namespace(warn_version="1.2"), resource=NAMESPACES)
    policy, _ = policy_of(namespace(enforce="strict", warn="strict")["metadata"]["labels"])
    assert (policy.enforce.level, policy.warn.level) == ("restricted", "privileged")


async def test_a_stricter_label_tells_of_the_pods_that_are_there():
    there = Known(*({"metadata": {"name": name, "namespace": "n"}, "spec": spec(hostPID=True)} for name in "bac"))
    found = await asked(namespace(), namespace(enforce="baseline"), resource=NAMESPACES, old=namespace(), pods=there)
    assert found.warnings == [
        'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
        "a (and 2 other pods): host namespaces"]
    eased = await asked(namespace(), namespace(enforce="baseline"), resource=NAMESPACES,
                        old=namespace(enforce="restricted"), pods=there)
    assert eased.warnings == []
