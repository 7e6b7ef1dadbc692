"""What happens in a soak: one small misfortune at a time, which and to whom is for chance to say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from random import Random

import orjson

from tests.soak.ground import Ground
from tests.soak.pods import KINDS, Document, document

MOST = 14
"""Pods at a time."""


class Chaos:
    """`step` does one thing and returns what it was."""

    def __init__(self, ground: Ground, random: Random) -> None:
        self._ground, self._random = ground, random
        self._numbers = count(1)
        self._words = count(1)
        self._kinds: list[int] = []
        deeds: dict[Callable[[], Awaitable[str]], int] = {
            self._create: 50, self._delete: 20, self._delete_twice: 4, self._kill_container: 12,
            self._kill_sandbox: 4, self._change_words: 4, self._kill_kubelet: 2, self._kill_containerd: 2,
            self._kill_both: 1,
        }  # fmt: skip
        self._deeds, self._weights = tuple(deeds), tuple(deeds.values())

    async def step(self) -> str:
        (deed,) = self._random.choices(self._deeds, self._weights)
        return await deed()

    async def _living(self) -> list[Document]:
        return [pod for pod in await self._ground.pods() if "deletionTimestamp" not in pod["metadata"]]

    def _kind(self) -> int:
        """Each kind once before any comes twice."""
        if not self._kinds:
            self._kinds = self._random.sample(range(len(KINDS)), len(KINDS))
        return self._kinds.pop()

    async def _create(self) -> str:
        if len(await self._ground.pods()) >= MOST:
            return await self._delete()
        pod = document(KINDS[self._kind()], next(self._numbers), self._random)
        await self._ground.create(pod)
        return f"create {pod['metadata']['name']}"

    async def _delete(self) -> str:
        living = await self._living()
        if not living:
            return "nothing"
        name, grace = self._random.choice(living)["metadata"]["name"], self._random.choice((None, None, 0, 1))
        await self._ground.delete(name, grace)
        return f"delete {name} (grace {grace})"

    async def _delete_twice(self) -> str:
        """With patience first, then without."""
        living = await self._living()
        if not living:
            return "nothing"
        name, grace = self._random.choice(living)["metadata"]["name"], self._random.choice((0, 1))
        await self._ground.delete(name, 30)
        await self._ground.delete(name, grace)
        return f"delete {name} (grace 30, then {grace})"

    async def _kill_container(self) -> str:
        return self._kill(sandbox=False)

    async def _kill_sandbox(self) -> str:
        return self._kill(sandbox=True)

    def _kill(self, *, sandbox: bool) -> str:
        found = [(pod, process) for pod, is_sandbox, process in self._ground.processes() if is_sandbox is sandbox]
        if not found:
            return "nothing"
        pod, process = self._random.choice(found)
        self._ground.kill(pod, process)
        return f"kill {'sandbox' if sandbox else 'container'} of {pod}"

    async def _change_words(self) -> str:
        body = orjson.dumps({"data": {"b": f"two, changed {next(self._words)} times"}})
        path = "/api/v1/namespaces/default/configmaps/words"
        await self._ground.client.request("PATCH", path, body=body, content_type="application/merge-patch+json")
        return "change the ConfigMap"

    def _pause(self) -> float:
        return self._random.choice((0.0, 0.0, 0.5, 2.0))

    async def _kill_kubelet(self) -> str:
        await self._ground.interrupt_kubelet(self._pause())
        return "kill the kubelet"

    async def _kill_containerd(self) -> str:
        await self._ground.interrupt_containerd(self._pause())
        return "kill containerd"

    async def _kill_both(self) -> str:
        """The kubelet comes back first, and must wait."""
        self._ground.containerd.kill()
        await self._ground.interrupt_kubelet(self._pause())
        self._ground.containerd.start()
        return "kill the kubelet and containerd"
