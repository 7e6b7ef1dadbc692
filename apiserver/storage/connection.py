"""The gRPC connection to etcd: channel options, TLS, a deadline for every call, errors in our own words.

Opens one HTTP/2 channel over which all calls and the watch travel, using aetcd's compiled stubs.
In Kubernetes: storagebackend/factory/etcd3.go. Left out: health-based balancing between members.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from aetcd import rpc

from apiserver.storage import interface as seam

_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # etcd comes back within a second or two; the default back-off grows to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A cut cable closes no socket. etcd allows a ping each 5 s.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_http_proxy", 0),
)


_FULL = "etcdserver: mvcc: database space exceeded"


@dataclass(frozen=True, slots=True)
class EtcdConfig:
    """Where etcd is and how to speak to it."""

    servers: tuple[str, ...] = ("http://127.0.0.1:2379",)
    """URLs of the members' client ports."""
    ca_file: str = ""
    """Certificates that etcd's own must descend from."""
    cert_file: str = ""
    """Our client certificate."""
    key_file: str = ""
    """Its key."""
    deadline: float = 5.0
    """Seconds that one call may take."""


def _hosts(servers: tuple[str, ...]) -> list[str]:
    return [urlsplit(url if "//" in url else f"http://{url}").netloc for url in servers]


def _target(hosts: list[str]) -> str:
    """gRPC takes several addresses only when they are numeric, and then tries them in turn."""
    return hosts[0] if len(hosts) == 1 else "ipv4:" + ",".join(hosts)


def _read(path: str) -> bytes | None:
    return Path(path).read_bytes() if path else None


def open_channel(config: EtcdConfig) -> grpc.aio.Channel:
    hosts = _hosts(config.servers)
    options = [*_OPTIONS, ("grpc.default_authority", hosts[0])]
    if not config.servers[0].startswith("https"):
        return grpc.aio.insecure_channel(_target(hosts), options=options)
    credentials = grpc.ssl_channel_credentials(_read(config.ca_file), _read(config.key_file), _read(config.cert_file))
    return grpc.aio.secure_channel(_target(hosts), credentials, options=options)


def translate(error: grpc.aio.AioRpcError, where: str, revision: int = 0) -> seam.StorageError:
    """etcd's error as one of ours. `revision` is the one the call asked for."""
    code, text = error.code(), error.details() or ""
    if "compacted" in text:
        return seam.Compacted(revision)
    if "future revision" in text:
        return seam.TooLargeRevision(revision, 0)
    if "database space exceeded" in text:
        return seam.NoSpace(f"{_FULL}: compact and defragment etcd at {where}, then `etcdctl alarm disarm`")
    if "requested lease not found" in text:
        return seam.LeaseLost(text)
    if "request is too large" in text or "larger than max" in text:
        return seam.TooLarge(f"the object is larger than etcd takes in one request: {text}")
    if "request timed out" in text or "deadline exceeded" in text:
        return seam.DeadlinePassed(f"etcd at {where}: {text}")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return seam.DeadlinePassed(f"etcd at {where} did not answer in time")
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return seam.Unavailable(f"what answers at {where} is not an etcd that speaks API v3")
    if "leader" in text:
        return seam.Unavailable(f"etcd at {where}: {text}")
    if code is grpc.StatusCode.UNAVAILABLE:
        return seam.Unavailable(f"no etcd at {where}: {text}")
    return seam.StorageError(f"etcd at {where}: {code.name}: {text}")


class Connection:
    """Calls to etcd. Reads are repeated until their deadline while etcd is away; writes wait for a
    connection but are sent once, because a write without an answer may have happened."""

    def __init__(self, config: EtcdConfig) -> None:
        self.where = ",".join(config.servers)
        self.deadline = config.deadline
        self.channel = open_channel(config)
        self.kv = rpc.KVStub(self.channel)
        self.lease = rpc.LeaseStub(self.channel)
        self.watch = rpc.WatchStub(self.channel)
        self.maintenance = rpc.MaintenanceStub(self.channel)
        self._cluster = 0

    async def write(self, method: Callable[..., Any], request: Any) -> Any:
        try:
            response = await method(request, timeout=self.deadline, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            raise translate(error, self.where) from error
        self._recognise(response.header)
        return response

    async def read(self, method: Callable[..., Any], request: Any, revision: int = 0) -> Any:
        until = time.monotonic() + self.deadline
        while True:
            try:
                response = await method(request, timeout=until - time.monotonic(), wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() + 0.1 > until:
                    raise translate(error, self.where, revision) from error
                await asyncio.sleep(0.05)
                continue
            self._recognise(response.header)
            return response

    def _recognise(self, header: rpc.ResponseHeader) -> None:
        """Another etcd behind the same address must not pass for ours: its revisions mean nothing here."""
        if header.cluster_id != self._cluster:
            if self._cluster:
                raise seam.Unavailable(
                    f"a foreign etcd answers at {self.where}: cluster {header.cluster_id:x}, "
                    f"ours is {self._cluster:x}; if it was replaced on purpose, restart the API server"
                )
            self._cluster = header.cluster_id

    async def close(self) -> None:
        await self.channel.close()
