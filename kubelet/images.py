"""Makes sure that a container's image is on this node: pull policies, one pull at a time per image, back-off.

Writes Events (Pulling, Pulled, BackOff, Failed). Reads credentials from the pod's imagePullSecrets.
Real Kubernetes: kubelet/images/image_manager.go. Left out: image garbage collection.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kubelet.keyring import logins_for
from kubelet.pods.backoff import Delay, raised, remaining
from kubelet.runtime.interface import Image, ImageFailure, RegistryLogin, Runtime, RuntimeFailure, SandboxSpec
from kubelet.tell import Tell
from machinery.api.core.v1 import Container, Secret
from machinery.component.clock import Clock

REFERENCE = re.compile(
    r"(?P<name>(?:(?P<host>[a-zA-Z0-9.-]+(?::[0-9]+)?)/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?P<tag>:[\w][\w.-]{0,127})?(?P<digest>@[a-z0-9]+:[0-9a-f]{32,})?"
)


def pull_policy(container: Container) -> str:
    """What the container says, else Always for :latest and IfNotPresent for every other tag."""
    if container.image_pull_policy:
        return container.image_pull_policy
    match = REFERENCE.fullmatch(container.image)
    tag = match["tag"] if match else None
    pinned = match is not None and match["digest"] is not None
    return "Always" if tag in (None, ":latest") and not pinned else "IfNotPresent"


def with_tag(image: str) -> str:
    match = REFERENCE.fullmatch(image)
    if match is None:
        raise ImageFailure(
            "InvalidImageName",
            f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": '
            "invalid reference format",
        )
    return image if match["tag"] or match["digest"] else f"{image}:latest"


def go_duration(seconds: float) -> str:
    """As Go prints a duration that was cut to milliseconds: 890ms, 1.2s, 1m2.5s."""
    milliseconds = int(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms" if milliseconds else "0s"
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{text}s" if minutes else f"{text}s"


@dataclass(frozen=True)
class Pulled:
    """An image that was fetched, and how long that took without waiting for its turn."""

    identity: str
    seconds: float


@dataclass(frozen=True)
class _Failed:
    delay: Delay
    at: datetime
    why: str


class Images:
    """The images of this node."""

    def __init__(self, runtime: Runtime, clock: Clock, *, most_at_once: int = 0) -> None:
        """`most_at_once`: how many pulls may go on at the same time; 0 for any number."""
        self._runtime = runtime
        self._clock = clock
        self._turn = asyncio.Semaphore(most_at_once) if most_at_once else contextlib.nullcontext()
        self._pulls: dict[tuple[str, RegistryLogin | None], asyncio.Task[Pulled]] = {}
        self._failed: dict[tuple[str, str], _Failed] = {}

    async def ensure(
        self, tell: Tell, container: Container, sandbox: SandboxSpec, secrets: Iterable[Secret] = ()
    ) -> Image:
        """The image, pulled if the policy says so. Raises ImageFailure with the container's waiting reason."""
        reference = self._reference(tell, container)
        policy = pull_policy(container)
        present = await self._runtime.image(reference)
        if present is not None and policy != "Always":
            tell.normal("Pulled", f'Container image "{container.image}" already present on machine', container.name)
            return present
        if policy == "Never":
            message = f'Container image "{container.image}" is not present with pull policy of Never'
            tell.warning("ErrImageNeverPull", message, container.name)
            raise ImageFailure("ErrImageNeverPull", message)
        self._check_back_off(tell, container)
        return await self._pull(tell, container, reference, sandbox=sandbox, logins=logins_for(reference, secrets))

    def _reference(self, tell: Tell, container: Container) -> str:
        try:
            return with_tag(container.image)
        except ImageFailure as failure:
            tell.warning("InspectFailed", str(failure), container.name)
            raise

    def _check_back_off(self, tell: Tell, container: Container) -> None:
        failed = self._failed.get((tell.pod.metadata.uid, container.image))
        if failed is None or remaining(failed.delay, failed.at, self._clock.now()) <= 0:
            return
        message = f'Back-off pulling image "{container.image}"'
        tell.normal("BackOff", message, container.name)
        raise ImageFailure("ImagePullBackOff", f"{message}: {failed.why}")

    def wait(self, uid: str, container: Container) -> float:
        """Seconds until this pod may try again to pull the container's image."""
        failed = self._failed.get((uid, container.image))
        return remaining(failed.delay, failed.at, self._clock.now()) if failed else 0.0

    def forget(self, uid: str) -> None:
        self._failed = {key: failed for key, failed in self._failed.items() if key[0] != uid}

    async def _pull(
        self, tell: Tell, container: Container, reference: str, *, sandbox: SandboxSpec, logins: list[RegistryLogin]
    ) -> Image:
        key = (tell.pod.metadata.uid, container.image)
        tell.normal("Pulling", f'Pulling image "{container.image}"', container.name)
        began = self._clock.monotonic()
        try:
            pulled = await self._try_each(reference, logins or [None], sandbox)
            image = await self._runtime.image(pulled.identity) or Image(pulled.identity)
        except RuntimeFailure as error:
            now, earlier = self._clock.now(), self._failed.get(key)
            delay = raised(earlier.delay if earlier else None, now, now)
            self._failed[key] = _Failed(delay, now, f"ErrImagePull: {error}")
            tell.warning("Failed", f'Failed to pull image "{container.image}": {error}', container.name)
            raise ImageFailure("ErrImagePull", str(error)) from error
        self._failed.pop(key, None)
        took, all_in_all = go_duration(pulled.seconds), go_duration(self._clock.monotonic() - began)
        tell.normal(
            "Pulled",
            f'Successfully pulled image "{container.image}" in {took} ({all_in_all} including waiting). '
            f"Image size: {image.size} bytes.",
            container.name,
        )
        return image

    async def _try_each(self, reference: str, logins: Sequence[RegistryLogin | None], sandbox: SandboxSpec) -> Pulled:
        """With each of the credentials that fit, until one works; the last refusal counts."""
        for login in logins[:-1]:
            with contextlib.suppress(RuntimeFailure):
                return await self._shared_pull(reference, login, sandbox)
        return await self._shared_pull(reference, logins[-1], sandbox)

    async def _shared_pull(self, reference: str, login: RegistryLogin | None, sandbox: SandboxSpec) -> Pulled:
        """Two containers that want the same image, and may have it, wait for the same pull."""
        key = (reference, login)
        if key not in self._pulls:
            task = asyncio.create_task(self._one_pull(reference, login, sandbox), name=f"pull {reference}")
            self._pulls[key] = task
            task.add_done_callback(lambda _: self._pulls.pop(key, None))
        return await asyncio.shield(self._pulls[key])

    async def _one_pull(self, reference: str, login: RegistryLogin | None, sandbox: SandboxSpec) -> Pulled:
        async with self._turn:
            began = self._clock.monotonic()
            identity = await self._runtime.pull(reference, login, sandbox)
            return Pulled(identity, self._clock.monotonic() - began)
