"""Containers in an Engine, from creation to removal, and commands inside them.

* The Engine's list tells no exit codes, so each container is inspected once per state and remembered.
* A container's log is the file that the Engine writes (json-file); the place where the kubelet looks for it is a link
  to that file, made before the container starts. The Engine also keeps it small: it cannot be told to reopen it.
* The Engine forgets that memory was the reason of an end if it hears of the end first: its event is remembered here.
Real Kubernetes: dockershim's docker_container.go, exec.go (now cri-dockerd).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import convert, names
from kubelet.runtime.docker.engine import Engine, Refused, Taken, filters
from kubelet.runtime.docker.images import Images
from kubelet.runtime.docker.sandboxes import create

EXIT_CODE_SECONDS = 10.0
PAUSE_SECONDS = 0.01
CAP_SYS_RESOURCE = 24
KILLED = 137
NOT_CACHED = (rt.ContainerState.CREATED, rt.ContainerState.UNKNOWN)


def least_oom_score() -> int:
    """Below its own value a process may go only with CAP_SYS_RESOURCE; runc ends without a word if it cannot."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        effective = int(next(line for line in lines if line.startswith("CapEff")).split()[1], 16)
        if not effective >> CAP_SYS_RESOURCE & 1:
            return int(Path("/proc/self/oom_score_adj").read_text())
    return -1000


def log_config(most_bytes: int, most_files: int) -> dict[str, Any]:
    """A bound of its own for each container; 0 bytes for none."""
    bound = {"max-size": str(most_bytes), "max-file": str(max(most_files, 1))} if most_bytes > 0 else {}
    return {"Type": "json-file", "Config": bound}


@dataclass
class Containers:
    """All of one node."""

    engine: Engine
    images: Images
    log: Mapping[str, Any]
    _known: dict[str, tuple[str, rt.RuntimeContainer]] = field(default_factory=dict)
    _out_of_memory: set[str] = field(default_factory=set)

    async def list(self, uid: str) -> list[rt.RuntimeContainer]:
        wanted = [f"{names.TYPE}={names.CONTAINER}", f"{rt.POD_UID}={uid}" if uid else rt.POD_UID]
        listed = await self.engine.get("/containers/json", all="1", filters=filters(label=wanted))
        if not uid:
            ids = {each["Id"] for each in listed}
            self._known = {key: known for key, known in self._known.items() if key in ids}
            self._out_of_memory &= ids
        found = await asyncio.gather(*map(self._look, listed))
        return [container for container in found if container is not None]

    async def _look(self, listed: Mapping[str, Any]) -> rt.RuntimeContainer | None:
        state, known = self._known.get(listed["Id"], ("", None))
        if known is not None and state == listed["State"]:
            return known
        try:
            inspected = await self.engine.get(f"/containers/{listed['Id']}/json")
            found = convert.container(inspected, await self.images.of(inspected["Image"]))
        except Refused:
            return None
        if found.id in self._out_of_memory and found.exit_code == KILLED:
            found = replace(found, reason="OOMKilled")
        if found.state not in NOT_CACHED:
            self._known[found.id] = inspected["State"]["Status"], found
        return found

    def out_of_memory(self, container_id: str) -> None:
        """Something in it was ended because of that; whether the container was will be seen."""
        self._out_of_memory.add(container_id)
        self._known.pop(container_id, None)

    async def create(self, sandbox_id: str, spec: rt.ContainerSpec, sandbox: rt.SandboxSpec) -> str:
        for mount in spec.mounts:
            if not os.path.lexists(mount.host_path):
                os.makedirs(mount.host_path, exist_ok=True)
        config = convert.container_config(spec, sandbox_id, sandbox, log=self.log, least_oom_score=least_oom_score())
        return await create(self.engine, names.container_name(spec, sandbox), config)

    async def start(self, container_id: str) -> None:
        inspected = await self.engine.get(f"/containers/{container_id}/json")
        if link := inspected["Config"]["Labels"].get(names.LOG_PATH):
            identity = inspected["Id"]
            _link(Path(link), f"{await self.engine.root()}/containers/{identity}/{identity}-json.log")
        await self.engine.call("POST", f"/containers/{container_id}/start")

    async def stop(self, container_id: str, grace: float) -> None:
        path = f"/containers/{container_id}/stop"
        await self.engine.ensure_gone("POST", path, seconds=grace + 60, t=int(grace))

    async def remove(self, container_id: str) -> None:
        self._known.pop(container_id, None)
        await self.engine.ensure_gone("DELETE", f"/containers/{container_id}", force="1", v="1")

    async def update(self, container_id: str, resources: rt.Resources) -> None:
        await self.engine.call("POST", f"/containers/{container_id}/update", convert.resources(resources))

    async def written(self) -> dict[str, rt.DiskUse]:
        """What each wrote into its own layer and into its log, which lies beside it."""
        wanted = filters(label=[f"{names.TYPE}={names.CONTAINER}", rt.POD_UID])
        listed = await self.engine.get("/containers/json", size="1", filters=wanted)
        return {each["Id"]: rt.DiskUse(each.get("SizeRw", 0) + _log_size(each["Labels"])) for each in listed}

    async def process(self, container_id: str, command: tuple[str, ...], streams: rt.Streams) -> str:
        """A command that can be started in a container; its id."""
        config = {
            "Cmd": list(command),
            "Tty": streams.tty,
            "AttachStdin": streams.stdin,
            "AttachStdout": streams.stdout,
            "AttachStderr": streams.stderr and not streams.tty,
        }
        return (await self.engine.call("POST", f"/containers/{container_id}/exec", config))["Id"]

    async def begun(self, process_id: str, *, tty: bool = False) -> Taken:
        return await self.engine.take_over(f"/exec/{process_id}/start", {"Detach": False, "Tty": tty})

    async def attached(self, container_id: str, streams: rt.Streams) -> Taken:
        wanted = {name: "1" for name in ("stdin", "stdout", "stderr") if getattr(streams, name)}
        return await self.engine.take_over(f"/containers/{container_id}/attach", stream="1", **wanted)

    async def exit_code(self, process_id: str) -> int:
        """It may take the Engine a moment to notice that a process whose output ended has ended, too."""
        async with asyncio.timeout(EXIT_CODE_SECONDS):
            while (state := await self.engine.get(f"/exec/{process_id}/json"))["Running"]:
                await asyncio.sleep(PAUSE_SECONDS)
        return state["ExitCode"]

    async def exec(self, container_id: str, command: tuple[str, ...], timeout: float) -> rt.ExecResult:
        """One command to its end; when its time is over it is killed, and the failure says DeadlineExceeded."""
        identity = await self.process(container_id, command, rt.Streams(stdout=True, stderr=True))
        taken = await self.begun(identity)
        out: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
        try:
            async with asyncio.timeout(timeout):
                async for stream, piece in taken.pieces():
                    out[stream] += piece
                code = await self.exit_code(identity)
        except TimeoutError as error:
            await self._kill(identity)
            words = f"command {command!r} timed out"
            raise rt.RuntimeFailure(f"rpc error: code = DeadlineExceeded desc = {words}") from error
        finally:
            taken.close()
        return rt.ExecResult(code, bytes(out[1]), bytes(out[2]))

    async def _kill(self, process_id: str) -> None:
        """The Engine has no word for it. That the process is in that container is looked up first: numbers return."""
        state = await self.engine.get(f"/exec/{process_id}/json")
        with contextlib.suppress(OSError):
            if state["Running"] and state["ContainerID"] in Path(f"/proc/{state['Pid']}/cgroup").read_text():
                os.kill(state["Pid"], signal.SIGKILL)


def _link(link: Path, target: str) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _log_size(labels: Mapping[str, str]) -> int:
    with contextlib.suppress(OSError):
        return os.stat(labels[names.LOG_PATH]).st_size if names.LOG_PATH in labels else 0
    return 0
