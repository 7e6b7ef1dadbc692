"""Images in an Engine: what is here, fetching one, taking one in, throwing one away.

Real Kubernetes: dockershim's docker_image.go (now cri-dockerd).
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import orjson

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import archives, convert
from kubelet.runtime.docker.engine import Engine, Refused, named


def registry_auth(login: rt.RegistryLogin | None) -> dict[str, str]:
    """The header with which the Engine is told a user's password."""
    if login is None:
        return {}
    document = orjson.dumps({"username": login.username, "password": login.password})
    return {"X-Registry-Auth": base64.urlsafe_b64encode(document).decode()}


class Images:
    """`pause` is the image of sandboxes, which nobody may throw away."""

    def __init__(self, engine: Engine, pause: str) -> None:
        self._engine, self.pause = engine, pause
        self._known: dict[str, rt.Image | None] = {}

    async def find(self, reference: str) -> rt.Image | None:
        try:
            found = await self._engine.get(f"/images/{named(reference)}/json")
        except Refused as refusal:
            if refusal.code == 404:
                return None
            raise
        return convert.image(found, pause=self.pause)

    async def of(self, identity: str) -> rt.Image | None:
        """The image of a container, asked for once: it cannot change, and of its names any will do."""
        if identity not in self._known:
            self._known[identity] = await self.find(identity)
        return self._known[identity]

    async def list(self) -> tuple[rt.Image, ...]:
        listed = await self._engine.get("/images/json")
        return tuple(convert.image(each, pause=self.pause) for each in listed)

    async def pull(self, reference: str, login: rt.RegistryLogin | None) -> str:
        """A failure may come as the last line of an answer that began well."""
        try:
            async for line in self._engine.stream(
                "POST", "/images/create", headers=registry_auth(login), fromImage=reference
            ):
                if "error" in line:
                    raise rt.RuntimeFailure(line["error"])
        except rt.RuntimeFailure as error:
            raise rt.ImageFailure("ErrImagePull", str(error)) from error
        self._known, found = {}, await self.find(reference)
        if found is None:
            raise rt.ImageFailure("ErrImagePull", f'image "{reference}" was pulled and is not here')
        return found.id

    async def remove(self, identity: str) -> None:
        """With all its names."""
        await self._engine.ensure_gone("DELETE", f"/images/{named(identity)}", force="1")
        self._known.pop(identity, None)

    async def lowest_layers(self) -> set[str]:
        """Digests of what images stand on. Of a layer above others the Engine knows only the whole pile, so that an
        archive may not leave it out: it might be piled on something else."""
        found: set[str] = set()
        for each in await self._engine.get("/images/json"):
            inspected = await self._engine.get(f"/images/{each['Id']}/json")
            found |= set((inspected["RootFS"].get("Layers") or ())[:1])
        return found

    async def load(self, archive: AsyncIterator[bytes]) -> None:
        """Raises RuntimeFailure."""
        self._known = {}
        with archives.spooled() as file:
            async for piece in archive:
                file.write(piece)
            for wanted in archives.docker_archives(file):
                await self._load(wanted)

    async def _load(self, archive: archives.DockerArchive) -> None:
        body = archives.in_blocks(archive)
        async for line in self._engine.stream("POST", "/images/load", body, quiet="1"):
            if "error" in line:
                raise rt.RuntimeFailure(line["error"])
