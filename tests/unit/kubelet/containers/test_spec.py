"""One container as the runtime is asked for it."""

from __future__ import annotations

import pytest

from kubelet.containers.env import Sources
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.security import MASKED_PATHS, container_security
from kubelet.containers.spec import Ingredients, container_spec
from kubelet.runtime.interface import Image, Resources
from machinery.api.core.v1 import (
    Capabilities,
    Container,
    EnvVar,
    PodSecurityContext,
    ResourceRequirements,
    SeccompProfile,
    SecurityContext,
)
from tests.support.runs import a_pod

IMAGE = Image("sha256:1")


def test_a_container_in_full() -> None:
    container = Container(
        name="c", image="i", command=("run", "$(A)"), args=("$(B)",), env=(EnvVar(name="A", value="1"),),
        resources=ResourceRequirements(limits={"cpu": "1", "memory": "64Mi"}),
    )
    spec = container_spec(a_pod(), container, Ingredients(IMAGE, (), Sources(), attempt=3, memory_capacity=1 << 30))
    assert (spec.image, spec.command, spec.args, spec.log_path) == ("sha256:1", ("run", "1"), ("$(B)",), "c/3.log")
    assert spec.resources == Resources(1024, 100000, 100000, 64 << 20, 1000)
    assert spec.labels == {"io.kubernetes.pod.name": "web", "io.kubernetes.pod.namespace": "default",
                           "io.kubernetes.pod.uid": "u1", "io.kubernetes.container.name": "c"}
    assert spec.annotations["io.kubernetes.container.restartCount"] == "3"


def security(own: SecurityContext | None = None, of_pod: PodSecurityContext | None = None, image: Image = IMAGE):
    return container_security(a_pod(security_context=of_pod), Container(security_context=own), image=image, root="/r")


def test_a_container_overrides_its_pod() -> None:
    profile = SeccompProfile(type="Localhost", localhost_profile="p.json")
    found = security(SecurityContext(run_as_user=2, capabilities=Capabilities(add=("A",), drop=("ALL",))),
                     PodSecurityContext(run_as_user=1, run_as_group=3, fs_group=4, supplemental_groups=(5,),
                                        seccomp_profile=profile))
    assert (found.run_as_user, found.run_as_group, found.supplemental_groups) == (2, 3, (5, 4))
    assert (found.add_capabilities, found.drop_capabilities) == (("A",), ("ALL",))
    assert (found.seccomp, found.seccomp_file) == ("Localhost", "/r/seccomp/p.json")
    assert found.masked_paths == MASKED_PATHS


def test_a_privileged_container_sees_everything() -> None:
    found = security(SecurityContext(privileged=True))
    assert (found.privileged, found.masked_paths, found.seccomp) == (True, (), "Unconfined")


@pytest.mark.parametrize(("own", "image", "message"), [
    (SecurityContext(run_as_user=0), IMAGE, "container's runAsUser breaks non-root policy"),
    (SecurityContext(), IMAGE, "container has runAsNonRoot and image will run as root"),
    (SecurityContext(), Image("i", user="me"), "container has runAsNonRoot and image has non-numeric user \\(me\\), "
                                               "cannot verify user is non-root"),
])
def test_a_pod_that_must_not_be_root(own: SecurityContext, image: Image, message: str) -> None:
    with pytest.raises(ConfigFailure, match=message):
        security(own, PodSecurityContext(run_as_non_root=True), image)


def test_a_pod_that_is_not_root() -> None:
    strict = PodSecurityContext(run_as_non_root=True)
    assert security(SecurityContext(run_as_user=7), strict).run_as_user == 7
    assert security(None, strict, Image("i", uid=7)).run_as_user is None
