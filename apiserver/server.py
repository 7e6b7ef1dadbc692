"""The API server put together: `run(config, stop)` reads as its table of contents.

Real Kubernetes: cmd/kube-apiserver/app/server.go and pkg/controlplane/instance.go.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from typing import Any

from aiohttp import web

from apiserver import authorization, bootstrap, options, pipeline
from apiserver.admission.chain import Chain, plugins
from apiserver.audit import AuditLog
from apiserver.authentication.setup import NEEDED, Identity, Misconfigured, identity
from apiserver.authentication.tls import server_context
from apiserver.call import Call, Handler
from apiserver.config import Config
from apiserver.connections import Connections
from apiserver.endpoints import eviction, pods, proxy, scale, streams, token
from apiserver.endpoints.dispatch import Dispatch, Endpoint
from apiserver.namespaces import CachedNamespaces
from apiserver.node_proxy import NodeProxy
from apiserver.paths import Paths
from apiserver.priority_classes import CachedPriorityClasses
from apiserver.registry.conversion import seen_as
from apiserver.registry.core.component_status import ComponentStatuses
from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.registry.kinds import reviews, strategies
from apiserver.registry.reviews import Review
from apiserver.registry.store import Store
from apiserver.registry.strategy import Strategy
from apiserver.request_info import parse
from apiserver.service_accounts import CachedServiceAccounts
from apiserver.storage.cache import Cache
from apiserver.storage.compaction import compact_forever
from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import StorageError

log = logging.getLogger(__name__)

BODY_LIMIT = 3 * 1024 * 1024
SHUTDOWN_SECONDS = 2.0
ETCD_PATIENCE_SECONDS = 30.0
Stores = dict[tuple[str, str, str], Store]


class StartupError(Exception):
    """Why the server cannot start, in words for whoever started it."""


async def run(config: Config, stop: asyncio.Event) -> None:
    """Serve until stop is set."""
    context, listener = tls(config), bound_socket(config)
    audit_log = AuditLog(config.audit_log_path)
    async with EtcdStorage(etcd_config(config)) as storage:
        log.info("etcd %s at %s", await etcd_version(storage), config.etcd_servers)
        cache = Cache(storage)
        ranges = service_ranges(config, storage)
        stores = make_stores(config, storage, cache, ranges)
        nodes = NodeProxy(config, stores["", "v1", "nodes"].find)
        who = known_identities(config, stores)
        handler = assemble(config, who, stores, nodes=nodes, cache=cache, audit_log=audit_log)
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(cache.run(), name="watch cache"),
                tasks.create_task(compact_forever(storage), name="compaction"),
                tasks.create_task(bootstrap.run(config, stores, ranges), name="bootstrap"),
            ]
            await cache.synced()
            runner = await listen(handler, listener, context)
            log.info("serving https on %s:%s", config.bind_address, config.secure_port)
            await stop.wait()
            for task in background:
                task.cancel()
            for store in stores.values():
                store.end_watches()
            await runner.cleanup()
        await nodes.close()
    audit_log.close()


def bound_socket(config: Config) -> socket.socket:
    """The port is ours before anything else begins."""
    family = socket.AF_INET6 if ":" in config.bind_address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.bind_address, config.secure_port))
    except OSError as error:
        listener.close()
        raise StartupError(f"cannot listen on {config.bind_address}:{config.secure_port}: {error.strerror}") from None
    return listener


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


def service_ranges(config: Config, storage: EtcdStorage) -> ServiceRanges:
    try:
        return ServiceRanges(storage, config.service_cluster_ip_range, config.service_node_port_range)
    except ValueError as error:
        raise StartupError(f"wrong range of Services: {error}") from None


def etcd_config(config: Config) -> EtcdConfig:
    servers = tuple(server.strip() for server in config.etcd_servers.split(",") if server.strip())
    return EtcdConfig(servers, config.etcd_cafile, config.etcd_certfile, config.etcd_keyfile)


def make_stores(config: Config, storage: EtcdStorage, cache: Cache, ranges: ServiceRanges) -> Stores:
    """One Store per kind, all sharing the storage, the cache and the admission chain."""
    chain = Chain()
    stores: Stores = {
        _place(strategy): Store(strategy, *seen_as(strategy.conversion, storage, cache), chain)
        for strategy in strategies(ranges, event_ttl=config.event_ttl)
    }
    leases = stores["coordination.k8s.io", "v1", "leases"]
    stores["", "v1", "componentstatuses"] = ComponentStatuses(storage, leases)
    classes = CachedPriorityClasses(stores["scheduling.k8s.io", "v1", "priorityclasses"].cacher)
    accounts = CachedServiceAccounts(stores["", "v1", "serviceaccounts"].cacher)
    namespaces = CachedNamespaces(stores["", "v1", "namespaces"].cacher)
    chain.plugins = plugins(namespaces, accounts, classes, disabled=config.disable_admission_plugins)
    return stores


def known_identities(config: Config, stores: Stores) -> Identity:
    """How requests are authenticated; and the reviews, which ask the same list, join the stores."""
    try:
        found = identity(config, {plural: stores["", "v1", plural].cacher for plural in NEEDED})
    except Misconfigured as error:
        raise StartupError(str(error)) from None
    stores |= {_place(each): Review(each) for each in reviews(found.tokens, authorization.AUTHORIZERS)}
    return found


def _place(strategy: Strategy) -> tuple[str, str, str]:
    return strategy.resource.group, strategy.resource.version, strategy.resource.plural


def special_endpoints(who: Identity, nodes: NodeProxy, stores: Stores) -> dict[tuple[str, str], Endpoint]:
    """Subresources that are more than a part of their object."""
    budgets, slices = stores["policy", "v1", "poddisruptionbudgets"], stores["discovery.k8s.io", "v1", "endpointslices"]
    bindable = {plural: stores["", "v1", plural] for plural in NEEDED}
    return _connecting(nodes, slices) | {
        ("scale", "get"): scale.get,
        ("scale", "update"): scale.update,
        ("scale", "patch"): scale.patch,
        ("binding", "create"): pods.bind,
        ("eviction", "create"): eviction.eviction_endpoint(budgets),
        ("log", "get"): pods.log_endpoint(nodes),
        ("token", "create"): token.token_endpoint(who.issuer, bindable),
    }


def _connecting(nodes: NodeProxy, slices: Store) -> dict[tuple[str, str], Endpoint]:
    """Those that lead on to somewhere else. To a container a GET asks by WebSocket, a POST by SPDY."""
    ways = {name: streams.stream_endpoint(nodes, location) for name, location in streams.LOCATIONS.items()}
    proxied = proxy.proxy_endpoint(nodes, slices)
    return {
        **{(name, verb): way for name, way in ways.items() for verb in ("get", "create")},
        **{("proxy", verb): proxied for verb in proxy.METHODS},
    }


def assemble(config: Config, who: Identity, stores: Stores, *, nodes: NodeProxy, cache: Cache,
             audit_log: AuditLog) -> Handler:  # fmt: skip
    """The pipeline around the two kinds of requests: for resources, and for everything else."""
    resources = Dispatch(stores, special_endpoints(who, nodes, stores))
    here = f"https://{bootstrap.advertised_address(config)}:{config.secure_port}/openid/v1/jwks"
    documents = who.documents(config.service_account_jwks_uri or here)
    paths = Paths([store.strategy for store in stores.values()], ready=lambda: cache.healthy, documents=documents)

    async def handle(call: Call) -> web.StreamResponse:
        return await (resources(call) if call.info.is_resource else paths(call))

    steps = pipeline.filters(audit_log, who.authenticators, authorization.AUTHORIZERS)
    return pipeline.assemble(steps, handle)


async def listen(handler: Handler, listener: socket.socket, context: ssl.SSLContext) -> web.ServerRunner:
    """Begin to answer; a handler sees requests once their path is read."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        info = parse(request.method, request.path, watch=options.flag(request.query, "watch"))
        return await handler(Call(request, info, connections=server))

    server = Connections(handle, request_factory=_request, access_log=None, keepalive_timeout=620)
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.SockSite(runner, listener, ssl_context=context, backlog=1024)
    await site.start()
    return runner


def _request(message: Any, payload: Any, protocol: Any, *rest: Any) -> web.BaseRequest:
    """aiohttp's own request with a larger limit of its body."""
    writer, task = rest
    return web.BaseRequest(
        message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=BODY_LIMIT
    )


def tls(config: Config) -> ssl.SSLContext:
    """Our certificate; a client's is asked for where an authority is known that could have signed it."""
    authorities = [path for path in (config.client_ca_file, config.requestheader_client_ca_file) if path]
    try:
        return server_context(config.tls_cert_file, config.tls_private_key_file, authorities)
    except OSError as error:
        files = f"{config.tls_cert_file}, {config.tls_private_key_file}, {config.client_ca_file}"
        raise StartupError(f"cannot use the certificates ({files}): {error}") from None
