"""A small CSI driver: folders of this machine, mounted where the kubelet says. Registers as real ones do, by a socket.

    async with CsiDriver(folder, root_dir) as driver:
        driver.calls     what it was asked, in order: [("NodeStageVolume", request), …]
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, Self

from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Server, Stream

from kubelet.csi import messages
from kubelet.volumes import mount

NAME = "folders.csi.test"


class CsiDriver:
    """`capabilities`: what its Node service says it can do. `failures`: method -> what to answer instead, once."""

    def __init__(self, folder: Path, root_dir: Path, *, capabilities: tuple[int, ...] = (1,)) -> None:
        self.volumes = folder / "volumes"
        self.volumes.mkdir(parents=True)
        self._endpoint = folder / "csi.sock"
        self._registration = root_dir / "plugins_registry" / f"{NAME}-reg.sock"
        self._capabilities = capabilities
        self.calls: list[tuple[str, Any]] = []
        self.failures: dict[str, str] = {}
        self.registered = asyncio.Event()
        self.error = ""

    async def __aenter__(self) -> Self:
        self._registration.parent.mkdir(parents=True, exist_ok=True)
        self._servers = [Server([_Mapping(self._node())]), Server([_Mapping(self._registrar())])]
        for server, path in zip(self._servers, (self._endpoint, self._registration), strict=True):
            await server.start(path=str(path))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()
        for path in (self._endpoint, self._registration):
            path.unlink(missing_ok=True)

    def asked(self) -> list[str]:
        return [name for name, _ in self.calls if not name.startswith("NodeGet")]

    def _registrar(self) -> dict[str, Handler]:
        types = messages.registration()

        async def info(_: Any) -> Any:
            versions = ["1.0.0"]
            return types["PluginInfo"](
                type="CSIPlugin", name=NAME, endpoint=str(self._endpoint), supported_versions=versions)

        async def told(request: Any) -> Any:
            self.error = request.error
            if request.plugin_registered:
                self.registered.set()
            return types["RegistrationStatusResponse"]()

        service = "/pluginregistration.Registration/"
        return {
            f"{service}GetInfo": _handler(info, types["InfoRequest"], types["PluginInfo"]),
            f"{service}NotifyRegistrationStatus": _handler(
                told, types["RegistrationStatus"], types["RegistrationStatusResponse"]),
        }

    def _node(self) -> dict[str, Handler]:
        types = messages.node()
        names = [name.removesuffix("Request") for name in types if name.endswith("Request")]
        return {
            f"/csi.v1.Node/{name}": _handler(self._answer(name), types[f"{name}Request"], types[f"{name}Response"])
            for name in names
        }

    def _answer(self, name: str) -> Any:
        async def answer(request: Any) -> Any:
            self.calls.append((name, request))
            if name in self.failures:
                raise GRPCError(Status.INTERNAL, self.failures.pop(name))
            fields = getattr(self, f"_{name}")(request) or {}
            return messages.node()[f"{name}Response"](**fields)

        return answer

    def _NodeGetInfo(self, _: Any) -> dict[str, Any]:
        topology = {"segments": {"topology.csi.test/zone": "z1"}}
        return {"node_id": "n1-folders", "max_volumes_per_node": 5, "accessible_topology": topology}

    def _NodeGetCapabilities(self, _: Any) -> dict[str, Any]:
        return {"capabilities": [{"rpc": {"type": number}} for number in self._capabilities]}

    def _NodeStageVolume(self, request: Any) -> None:
        source = self.volumes / request.volume_id
        source.mkdir(exist_ok=True)
        self._mount(str(source), Path(request.staging_target_path))

    def _NodeUnstageVolume(self, request: Any) -> None:
        mount.unmount_all(Path(request.staging_target_path))

    def _NodePublishVolume(self, request: Any) -> None:
        target = Path(request.target_path)
        target.mkdir(exist_ok=True)
        source = self.volumes / request.volume_id
        source.mkdir(exist_ok=True)
        (source / "context").write_text(
            "".join(f"{key}={text}\n" for key, text in sorted(request.volume_context.items())))
        self._mount(request.staging_target_path or str(source), target)

    def _NodeUnpublishVolume(self, request: Any) -> None:
        target = Path(request.target_path)
        mount.unmount_all(target)
        if target.exists():
            target.rmdir()

    def _mount(self, source: str, place: Path) -> None:
        if not os.path.ismount(place):
            mount.bind(source, place)


class _Mapping:
    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._handlers = handlers

    def __mapping__(self) -> dict[str, Handler]:
        return self._handlers


def _handler(answer: Any, request: type, response: type) -> Handler:
    async def serve(stream: Stream[Any, Any]) -> None:
        message = await stream.recv_message()
        await stream.send_message(await answer(message))

    return Handler(serve, Cardinality.UNARY_UNARY, request, response)
