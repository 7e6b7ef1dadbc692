"""The API server's life: `run(config, stop)` starts what assembly.py joined, serves, and ends it in good order.

Real Kubernetes: cmd/kube-apiserver/app/server.go.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from apiserver import measures, process_measures
from apiserver.assembly import assemble
from apiserver.audit import policy
from apiserver.audit.log import AuditLog, Rotation
from apiserver.config import Config
from apiserver.serving import Serving, StartupError, bound_socket
from apiserver.serving_certificates import ServingCertificates
from apiserver.storage.cache import Cache
from apiserver.storage.compaction import compact_forever
from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import StorageError
from apiserver.storage.sealing import PLAIN, Sealing
from machinery.component.resident import give_back_files

log = logging.getLogger(__name__)

ETCD_PATIENCE_SECONDS = 30.0
SETTLED_SECONDS = (2.0, 30.0)
"""So long after it began to serve, a server has done all that it does but once; then its whole cluster has."""


async def run(config: Config, stop: asyncio.Event) -> None:
    """Serve until stop is set; then end in good order."""
    certificates, listener = serving_certificates(config), bound_socket(config)
    audit_log = accounting(config)
    process_measures.register()
    groups: dict[str, str] = {}
    sealing = encryption(config, groups)
    async with EtcdStorage(etcd_config(config), sealing) as storage:
        log.info("etcd %s at %s", await etcd_version(storage), config.etcd_servers)
        cache = Cache(storage)
        measures.OBJECTS.ask = lambda: {(resource,): count for resource, count in cache.sizes().items()}
        parts = assemble(config, storage, cache, audit_log)
        groups |= {plural: group for group, _, plural in reversed(parts.stores)}
        serving = Serving(parts.handler, listener, certificates.context)
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(cache.run(), name="watch cache"),
                tasks.create_task(compact_forever(storage), name="compaction"),
                tasks.create_task(reloading(config, sealing, cache), name="encryption configuration"),
            ]
            background += [tasks.create_task(work, name=name) for name, work in parts.shares.background()]
            await cache.synced()
            await parts.custom.load()
            background.append(tasks.create_task(parts.custom.run(), name="custom resources"))
            background.append(tasks.create_task(parts.aggregation.run(), name="aggregation"))
            await parts.bootstrap.prepare()
            registered = tasks.create_task(parts.bootstrap.run(), name="bootstrap")
            await serving.start()
            log.info("serving https on %s:%s", config.bind_address, config.secure_port)
            for seconds in SETTLED_SECONDS:
                asyncio.get_running_loop().call_later(seconds, give_back_files)
            await stop.wait()
            parts.health.stopping()
            registered.cancel()
            await parts.bootstrap.leave()
            await asyncio.sleep(config.shutdown_delay_duration)
            await serving.finish()
            for task in background:
                task.cancel()
        await parts.close()
    audit_log.close()
    log.info("stopped")


def serving_certificates(config: Config) -> ServingCertificates:
    try:
        return ServingCertificates(config)
    except OSError as error:
        files = f"{config.tls_cert_file}, {config.tls_private_key_file}, {config.client_ca_file}"
        raise StartupError(f"cannot use the certificates ({files}): {error}") from None


def encryption(config: Config, groups: Mapping[str, str]) -> Sealing:
    """What stands between texts and etcd; `groups` tells the group of each resource, once it is filled."""
    if not config.encryption_provider_config:
        return PLAIN
    from apiserver.encryption import setup  # with its ciphers, only for who uses them

    try:
        return setup.transformers(config.encryption_provider_config, groups)
    except setup.Mistaken as error:
        raise StartupError(f"wrong encryption configuration: {error}") from None


async def reloading(config: Config, sealing: Sealing, cache: Cache) -> None:
    if sealing is not PLAIN and config.encryption_provider_config_automatic_reload:
        from apiserver.encryption import setup

        await setup.follow(config.encryption_provider_config, sealing, cache.reload_unreadable)


async def etcd_version(storage: EtcdStorage) -> str:
    """Wait for etcd for a while: it may have been started with us."""
    deadline = time.monotonic() + ETCD_PATIENCE_SECONDS
    while True:
        try:
            return await storage.check()
        except StorageError as error:
            if time.monotonic() > deadline:
                raise StartupError(f"storage cannot be used: {error}") from None
            log.warning("waiting for etcd: %s", error)
        await asyncio.sleep(1)


def etcd_config(config: Config) -> EtcdConfig:
    servers = tuple(server.strip() for server in config.etcd_servers.split(",") if server.strip())
    return EtcdConfig(servers, config.etcd_cafile, config.etcd_certfile, config.etcd_keyfile)


def accounting(config: Config) -> AuditLog:
    """What is written of requests. A policy with a mistake refuses the start."""
    rotation = Rotation(config.audit_log_maxsize, config.audit_log_maxbackup, config.audit_log_maxage)
    try:
        rules = policy.read(config.audit_policy_file) if config.audit_policy_file else policy.EVERYTHING
    except policy.Mistaken as error:
        raise StartupError(f"wrong audit policy: {error}") from None
    return AuditLog(config.audit_log_path, rules, rotation)
