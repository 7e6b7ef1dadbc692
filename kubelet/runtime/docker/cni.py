"""The network of pods: runs the CNI plugins of the node's configuration, and remembers for each sandbox what they did.

* A sandbox's record (<folder>/<id>.json) is written before its first plugin runs: whatever a plugin may have taken can
  be given back by whoever comes after us, also when the sandbox's namespace is gone.
* `detach` may be repeated; a sandbox without a record has nothing.
Real Kubernetes: dockershim's network/cni (now cri-dockerd) with libcni. Left out: bandwidth, IPv6 ranges, CHECK.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from kubelet.runtime import interface as rt

ENDINGS = (".conflist", ".conf", ".json")
INTERFACE = "eth0"
NOT_READY = "docker: network plugin is not ready: cni config uninitialized"
PLUGIN_SECONDS = 60.0


def configuration(folder: str) -> dict[str, Any] | None:
    """The first one by name, a single plugin as a list of one; None while there is none that is whole."""
    for path in sorted(Path(folder).glob("*")):
        if path.suffix not in ENDINGS:
            continue
        with contextlib.suppress(OSError, ValueError):
            found = orjson.loads(path.read_bytes())
            if "plugins" in found:
                return found
            head = {key: found[key] for key in ("cniVersion", "name") if key in found}
            return {**head, "plugins": [found]}
    return None


def port_mappings(ports: Sequence[rt.PortMapping]) -> list[dict[str, Any]]:
    return [
        {"hostPort": p.host_port, "containerPort": p.container_port, "protocol": p.protocol.lower(),
         **({"hostIP": p.host_ip} if p.host_ip else {})}
        for p in ports
    ]  # fmt: skip


def plugin_input(
    config: Mapping[str, Any], plugin: Mapping[str, Any], ports: Sequence[Any], result: Any
) -> dict[str, Any]:
    """What one plugin reads: its own part, the list's name, what it says it can do, what the one before it did."""
    capable = plugin.get("capabilities", {}).get("portMappings") and ports
    runtime = {"runtimeConfig": {"portMappings": list(ports)}} if capable else {}
    own = {key: value for key, value in plugin.items() if key != "capabilities"}
    before = {"prevResult": result} if result is not None else {}
    return {**own, "name": config["name"], "cniVersion": config.get("cniVersion", "0.1.0"), **runtime, **before}


def addresses(result: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Without their masks."""
    return tuple(each["address"].partition("/")[0] for each in (result or {}).get("ips", ()))


class Network:
    """The plugins of one node."""

    def __init__(self, conf_dir: str, bin_dirs: Sequence[str], records: Path) -> None:
        self._conf_dir, self._path, self._records = conf_dir, ":".join(bin_dirs), records
        self._addresses: dict[str, tuple[str, ...]] = {}

    @property
    def ready(self) -> bool:
        return configuration(self._conf_dir) is not None

    def addresses(self, sandbox_id: str) -> tuple[str, ...]:
        """None until every plugin has run."""
        if sandbox_id not in self._addresses:
            found = addresses((self._read(sandbox_id) or {}).get("result"))
            if not found:
                return ()
            self._addresses[sandbox_id] = found
        return self._addresses[sandbox_id]

    async def attach(self, sandbox_id: str, namespace: str, spec: rt.SandboxSpec) -> tuple[str, ...]:
        """Connects the sandbox; its addresses. What was taken before a plugin failed is given back."""
        config = configuration(self._conf_dir)
        if config is None:
            raise rt.RuntimeFailure(NOT_READY)
        record: dict[str, Any] = {
            "config": config,
            "ports": port_mappings(spec.ports),
            "arguments": f"IgnoreUnknown=1;K8S_POD_NAMESPACE={spec.namespace};K8S_POD_NAME={spec.name};"
            f"K8S_POD_INFRA_CONTAINER_ID={sandbox_id};K8S_POD_UID={spec.uid}",
            "result": None,
        }
        self._write(sandbox_id, record)
        try:
            for plugin in config["plugins"]:
                record["result"] = await self._run("ADD", sandbox_id, namespace, record=record, plugin=plugin)
        except rt.RuntimeFailure as error:
            with contextlib.suppress(rt.RuntimeFailure):
                await self.detach(sandbox_id, namespace)
            words = f'networkPlugin cni failed to set up pod "{spec.name}_{spec.namespace}" network'
            raise rt.RuntimeFailure(f"{words}: {error}") from error
        self._write(sandbox_id, record)
        return self.addresses(sandbox_id)

    async def detach(self, sandbox_id: str, namespace: str) -> None:
        """The plugins backwards. `namespace` is empty when the sandbox has ended: then only addresses come back."""
        record = self._read(sandbox_id)
        if record is None:
            return
        for plugin in reversed(record["config"]["plugins"]):
            await self._run("DEL", sandbox_id, namespace, record=record, plugin=plugin)
        self._file(sandbox_id).unlink(missing_ok=True)
        self._addresses.pop(sandbox_id, None)

    async def _run(
        self, command: str, sandbox_id: str, namespace: str, *, record: Mapping[str, Any], plugin: Mapping[str, Any]
    ) -> Any:
        asked = plugin_input(record["config"], plugin, record["ports"], record["result"])
        surroundings = {
            **os.environ, "CNI_COMMAND": command, "CNI_CONTAINERID": sandbox_id, "CNI_NETNS": namespace,
            "CNI_IFNAME": INTERFACE, "CNI_ARGS": record["arguments"], "CNI_PATH": self._path,
        }  # fmt: skip
        program = self._program(plugin["type"])
        process = await asyncio.create_subprocess_exec(program, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=surroundings)
        try:
            async with asyncio.timeout(PLUGIN_SECONDS):
                out, err = await process.communicate(orjson.dumps(asked))
        except TimeoutError as error:
            process.kill()
            raise rt.RuntimeFailure(f"plugin {plugin['type']} did not end") from error
        if process.returncode:
            raise rt.RuntimeFailure(_complaint(out, err) or f"plugin {plugin['type']} failed")
        return orjson.loads(out) if out.strip() else record["result"]

    def _program(self, name: str) -> str:
        for folder in self._path.split(":"):
            if os.access(f"{folder}/{name}", os.X_OK):
                return f"{folder}/{name}"
        raise rt.RuntimeFailure(f'failed to find plugin "{name}" in path [{self._path}]')

    def _file(self, sandbox_id: str) -> Path:
        return self._records / f"{sandbox_id}.json"

    def _read(self, sandbox_id: str) -> dict[str, Any] | None:
        try:
            return orjson.loads(self._file(sandbox_id).read_bytes())
        except (OSError, ValueError):
            return None

    def _write(self, sandbox_id: str, record: Mapping[str, Any]) -> None:
        self._records.mkdir(parents=True, exist_ok=True)
        fresh = self._file(sandbox_id).with_suffix(".new")
        fresh.write_bytes(orjson.dumps(record))
        fresh.replace(self._file(sandbox_id))


def _complaint(out: bytes, err: bytes) -> str:
    """A plugin says on its stdout why it failed, as JSON."""
    try:
        said = orjson.loads(out)
        return " ".join(filter(None, (said.get("msg"), said.get("details"))))
    except (ValueError, AttributeError):
        return (out + err).decode(errors="replace").strip()
