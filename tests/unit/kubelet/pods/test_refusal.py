"""What a node will not run, whatever room it has."""

from __future__ import annotations

import pytest

from kubelet.containers.sysctls import dotted
from kubelet.pods.refusal import refusal
from kubelet.pods.status import Verdict
from machinery.api.core.v1 import AppArmorProfile, Container, Pod, PodSecurityContext, PodSpec, SecurityContext, Sysctl


def judged(app_armor: bool = False, unsafe: tuple[str, ...] = (), **spec: object) -> Verdict | None:
    return refusal(Pod(spec=PodSpec(**spec)), unsafe_sysctls=unsafe, app_armor=app_armor)


def sets(name: str) -> PodSecurityContext:
    return PodSecurityContext(sysctls=(Sysctl(name=name, value="1"),))


def test_names_with_slashes() -> None:
    assert [dotted(name) for name in ("net/ipv4/conf/eth0.1/x", "kernel.sem", "a.b/c")] == [
        "net.ipv4.conf.eth0/1.x", "kernel.sem", "a.b/c"]


@pytest.mark.parametrize(("name", "unsafe"), [
    ("net.ipv4.tcp_syncookies", ()), ("net/ipv4/tcp_syncookies", ()), ("kernel.msgmax", ("kernel.msg*",)),
    ("kernel.sem", ("kernel/sem",)),
])
def test_sysctls_that_may_be_set(name: str, unsafe: tuple[str, ...]) -> None:
    assert judged(security_context=sets(name), unsafe=unsafe) is None


def test_sysctls_that_may_not() -> None:
    assert judged(security_context=sets("kernel.msgmax")) == Verdict(
        "SysctlForbidden", 'forbidden sysctl: "kernel.msgmax" not allowlisted')
    found = judged(security_context=sets("net.ipv4.tcp_syncookies"), host_network=True)
    assert found == Verdict(
        "SysctlForbidden", 'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled')


def test_app_armor_where_there_is_none() -> None:
    own = SecurityContext(app_armor_profile=AppArmorProfile(type="RuntimeDefault"))
    containers = (Container(name="c", security_context=own),)
    assert judged(containers=containers) == Verdict(
        "AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
    assert judged(containers=containers, app_armor=True) is None
    free = PodSecurityContext(app_armor_profile=AppArmorProfile(type="Unconfined"))
    assert judged(containers=(Container(name="c"),), security_context=free) is None
