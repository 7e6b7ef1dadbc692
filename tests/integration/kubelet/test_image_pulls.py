"""Images from a registry: who may have them, when they are fetched, and what is told; on a real containerd."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.image_registry import ImageRegistry
from tests.support.kubelet import STAYS, Bench, pod, shell

pytestmark = pytest.mark.usefixtures("near")

SECRETS = "/api/v1/secrets"


@pytest.fixture
async def registry() -> AsyncIterator[ImageRegistry]:
    async with ImageRegistry(users={"me": "secret"}) as registry:
        yield registry


def encoded(document: Any) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.b64encode(text.encode()).decode()


def pull_secret(bench: Bench, name: str, host: str, password: str, *, old: bool = False) -> None:
    entry = {host: {"auth": encoded(f"me:{password}")}}
    kind, key = ("dockercfg", ".dockercfg") if old else ("dockerconfigjson", ".dockerconfigjson")
    bench.api.put(SECRETS, {"metadata": {"name": name, "namespace": "default"}, "type": f"kubernetes.io/{kind}",
                            "data": {key: encoded(entry if old else {"auths": entry})}})


def names(*secrets: str) -> dict[str, Any]:
    return {"imagePullSecrets": [{"name": name} for name in secrets], "restartPolicy": "Never"}


def said(bench: Bench, name: str, reason: str) -> list[str]:
    return [message for found, message in bench.events(name) if found == reason]


async def test_who_may_pull(bench: Bench, registry: ImageRegistry) -> None:
    image = registry.put("team/app", "1", ["/bin/true"])
    other = registry.put("team/other", "1", ["/bin/true", "x"])
    pull_secret(bench, "right", registry.host, "secret")
    pull_secret(bench, "wrong", f"{registry.host}/team", "guess")
    pull_secret(bench, "old", registry.host, "secret", old=True)
    await bench.create(pod("nobody", containers=[shell("true", image=image)]))
    await bench.create(pod("lost", **names("none"), containers=[shell("true", image=image)]))
    await bench.until(lambda: said(bench, "nobody", "Failed") and said(bench, "lost", "Failed"))
    assert said(bench, "nobody", "Failed")[0].startswith(f'Failed to pull image "{image}": rpc error: code = ')
    assert re.search("401 Unauthorized|authorization failed", said(bench, "nobody", "Failed")[0])
    await bench.until_event(
        "lost", "FailedToRetrieveImagePullSecret",
        "Unable to retrieve some image pull secrets (none); attempting to pull the image may not succeed.")
    await bench.create(pod("both", **names("wrong", "right"), containers=[shell("true", image=image)]))
    await bench.until_phase("both", "Succeeded", 20)
    await bench.create(pod("old", **names("old"), containers=[shell("true", image=other)]))
    await bench.until_phase("old", "Succeeded", 20)
    pulled = re.compile(rf'Successfully pulled image "{image}" in [\d.]+m?s \([\d.]+m?s including waiting\)\. '
                        r"Image size: \d{3,} bytes\.")
    await bench.until(lambda: said(bench, "both", "Pulled"))
    assert pulled.fullmatch(said(bench, "both", "Pulled")[0])
    assert said(bench, "both", "Pulling") == [f'Pulling image "{image}"']


async def test_when_images_are_pulled(bench: Bench, registry: ImageRegistry) -> None:
    pull_secret(bench, "right", registry.host, "secret")
    image = registry.put("app", "2", ["/bin/true", "2"])
    pinned = f"{registry.host}/app@{registry.digest('app', '2')}"
    use = {**names("right")}
    for name, policy in (("first", "IfNotPresent"), ("again", "Always"), ("kept", "IfNotPresent"), ("never", "Never")):
        await bench.create(pod(name, **use, containers=[shell("true", image=image, imagePullPolicy=policy)]))
        await bench.until_phase(name, "Succeeded", 20)
    await bench.create(pod("pinned", **use, containers=[shell("true", image=pinned, imagePullPolicy="IfNotPresent")]))
    await bench.until_phase("pinned", "Succeeded", 20)
    assert registry.pulls.count("app:2") == 2
    for name in ("kept", "never"):
        await bench.until(lambda name=name: said(bench, name, "Pulled"))
        assert said(bench, name, "Pulled") == [f'Container image "{image}" already present on machine']
    assert bench.container("pinned")["imageID"].endswith(registry.digest("app", "2"))


async def test_the_words_of_a_failing_pull(bench: Bench, registry: ImageRegistry) -> None:
    pull_secret(bench, "right", registry.host, "secret")
    image = f"{registry.host}/none:1"
    await bench.create(pod("none", **names("right"), containers=[shell(STAYS, image=image)]))
    await bench.until(lambda: said(bench, "none", "BackOff"), 60)
    assert said(bench, "none", "BackOff") == [f'Back-off pulling image "{image}"']

    def waiting() -> dict[str, str]:
        return bench.container("none")["state"].get("waiting", {})

    await bench.until(lambda: waiting().get("reason") == "ImagePullBackOff")
    began = f'Back-off pulling image "{image}": ErrImagePull: rpc error: code = NotFound'
    assert waiting()["message"].startswith(began)
    for word in ("ErrImagePull", "ImagePullBackOff"):
        await bench.until_event("none", "Failed", f"Error: {word}")


async def test_an_image_s_own_user_counts(bench: Bench, registry: ImageRegistry) -> None:
    pull_secret(bench, "right", registry.host, "secret")
    strict = {**names("right"), "securityContext": {"runAsNonRoot": True}}
    images = {name: registry.put(name, "1", ["/bin/id"], user) for name, user in (("num", "1000"), ("word", "user"))}
    await bench.create(pod("num", **strict, containers=[{"name": "c", "image": images["num"]}]))
    made = await bench.create(pod("word", **strict, containers=[{"name": "c", "image": images["word"]}]))
    await bench.until_phase("num", "Succeeded", 20)
    assert bench.log("num").startswith("uid=1000")
    await bench.until_waiting(
        "word", "CreateContainerConfigError",
        "container has runAsNonRoot and image has non-numeric user (user), cannot verify user is non-root "
        f'(pod: "word_default({made["metadata"]["uid"]})", container: c)')


async def test_while_an_image_comes_the_pod_has_its_address(bench: Bench) -> None:
    async with ImageRegistry() as registry:
        registry.delay = 3.0
        image = registry.put("team/slow", "1", ["/bin/sleep", "100"])
        await bench.create(pod("slow", containers=[{"name": "c", "image": image}]))
        await bench.until(lambda: bench.status("slow").get("podIP"))
        status = bench.status("slow")
        held = {condition["type"]: condition["status"] for condition in status["conditions"]}
        assert (held["PodReadyToStartContainers"], held["ContainersReady"]) == ("True", "False")
        assert bench.container("slow")["state"] == {"waiting": {"reason": "ContainerCreating"}}
        registry.delay = 0.0
        await bench.until_ready("slow")
