"""Images: names, policies, logins, words; and the events of pulling."""

from __future__ import annotations

import asyncio

import pytest

from kubelet.images import Images, go_duration, pull_policy, with_tag
from kubelet.runtime.hollow import HollowRuntime
from kubelet.runtime.interface import ImageFailure, RegistryLogin, SandboxSpec
from machinery.api.core.v1 import Container
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


class OneAtATime(HollowRuntime):
    """A pull takes a second of the clock, and nothing else may be pulled meanwhile."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock, self.busy = clock, False

    async def pull(self, reference: str, login: RegistryLogin | None, sandbox: SandboxSpec) -> str:
        assert not self.busy
        self.busy = True
        await asyncio.sleep(0)
        self.clock.advance(1)
        self.busy = False
        return await super().pull(reference, login, sandbox)


async def test_pulls_one_after_the_other() -> None:
    clock, ear = FakeClock(), Ear()
    images = Images(OneAtATime(clock), clock, most_at_once=1)
    containers = [Container(name=name, image=f"{name}:1") for name in "ab"]
    await asyncio.gather(*(images.ensure(ear, container, SANDBOX) for container in containers))
    said = [message for reason, message in ear.heard if reason == "Pulled"]
    assert said[0].startswith('Successfully pulled image "a:1" in 1s (')
    assert said[1].startswith('Successfully pulled image "b:1" in 1s (2s including waiting)')
