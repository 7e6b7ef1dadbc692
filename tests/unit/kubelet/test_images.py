"""Images: names, policies, logins, words; and the events of pulling."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kubelet.images import Images, go_duration, login_for, pull_policy, with_tag
from kubelet.runtime.hollow import HollowRuntime
from kubelet.runtime.interface import ImageFailure, RegistryLogin, SandboxSpec
from machinery.api.core.v1 import Container, Secret
from machinery.component.clock import FakeClock
from tests.support.runs import a_pod

SANDBOX = SandboxSpec("web", "default", "u1")


class Ear:
    """Hears what is told."""

    def __init__(self) -> None:
        self.pod, self.heard = a_pod(), []

    def normal(self, reason: str, message: str, container: str = "") -> None:
        self.heard.append((reason, message))

    warning = normal


@pytest.mark.parametrize(("image", "policy"), [
    ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1", "IfNotPresent"),
    ("host:5000/nginx", "Always"), ("host:5000/a/nginx:1", "IfNotPresent"),
    (f"nginx@sha256:{'0' * 64}", "IfNotPresent"),
])
def test_policies(image: str, policy: str) -> None:
    assert pull_policy(Container(image=image)) == policy
    assert pull_policy(Container(image=image, image_pull_policy="Never")) == "Never"


def test_names() -> None:
    assert [with_tag(name) for name in ("a", "a:1", "h:1/a", "h.io/a/b_c")] == [
        "a:latest", "a:1", "h:1/a:latest", "h.io/a/b_c:latest"]
    for bad in ("", "A", "a b", "a:", "a:b:c"):
        with pytest.raises(ImageFailure) as failure:
            with_tag(bad)
        assert failure.value.reason == "InvalidImageName"


def docker_config(**auths: Any) -> Secret:
    document = json.dumps({"auths": {server.replace("_", "."): entry for server, entry in auths.items()}})
    return Secret(data={".dockerconfigjson": base64.b64encode(document.encode()).decode()})


def test_logins() -> None:
    secrets = [docker_config(quay_io={"auth": base64.b64encode(b"me:pa:ss").decode()}),
               docker_config(docker_io={"username": "u", "password": "p"})]
    assert login_for("quay.io/a/b:1", secrets) == RegistryLogin("me", "pa:ss", "quay.io")
    assert login_for("library/nginx:1", secrets) == RegistryLogin("u", "p", "docker.io")
    assert login_for("other.io/x:1", secrets) is None


def test_durations_as_go_prints_them() -> None:
    assert [go_duration(s) for s in (0.89, 1.2, 4.5219, 62.5, 60, 0.0001)] == [
        "890ms", "1.2s", "4.521s", "1m2.5s", "1m0s", "0s"]


async def test_a_pull_and_then_the_cache() -> None:
    images, ear = Images(HollowRuntime(), FakeClock()), Ear()
    await images.ensure(ear, Container(name="c", image="a:1"), SANDBOX)
    assert ear.heard == [
        ("Pulling", 'Pulling image "a:1"'),
        ("Pulled", 'Successfully pulled image "a:1" in 0s (0s including waiting). Image size: 1024 bytes.')]
    await images.ensure(ear, Container(name="c", image="a:1"), SANDBOX)
    assert ear.heard[2] == ("Pulled", 'Container image "a:1" already present on machine')


async def test_back_off_after_a_failed_pull() -> None:
    clock, ear = FakeClock(), Ear()
    images = Images(HollowRuntime(missing=frozenset({"a:1"})), clock)
    container = Container(name="c", image="a:1")
    reasons = []
    for _ in range(2):
        with pytest.raises(ImageFailure) as failure:
            await images.ensure(ear, container, SANDBOX)
        reasons.append((failure.value.reason, str(failure.value)))
    assert reasons == [
        ("ErrImagePull", 'failed to pull image "a:1": not found'),
        ("ImagePullBackOff", 'Back-off pulling image "a:1": ErrImagePull: failed to pull image "a:1": not found')]
    assert [reason for reason, _ in ear.heard] == ["Pulling", "Failed", "BackOff"]
    assert images.wait("u1", container) == 10
    clock.advance(10)
    with pytest.raises(ImageFailure) as failure:
        await images.ensure(ear, container, SANDBOX)
    assert failure.value.reason == "ErrImagePull" and images.wait("u1", container) == 20
