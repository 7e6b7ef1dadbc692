"""The API server put together: `run(config, stop)` reads as its table of contents.

Real Kubernetes: cmd/kube-apiserver/app/server.go and pkg/controlplane/instance.go.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial

from aiohttp import web

from apiserver import measures, pipeline, process_measures
from apiserver.admission import configuration
from apiserver.admission.chain import CONFIGURABLE, NOTHING, Chain, plugins
from apiserver.admission.plugin import Plugin
from apiserver.admission.webhook.setup import Webhooks
from apiserver.aggregator.aggregation import Aggregation
from apiserver.apiextensions.serving import CustomResources
from apiserver.audit import policy
from apiserver.audit.log import AuditLog, Rotation
from apiserver.authentication.published import trust
from apiserver.authentication.setup import NEEDED, Identity, Misconfigured, identity
from apiserver.authorization import index, node
from apiserver.authorization.authorizer import decide
from apiserver.authorization.chain import Authorization, authorization
from apiserver.authorization.escalation import GrantGuard
from apiserver.bootstrap import Bootstrap
from apiserver.call import Call, Filter, Handler
from apiserver.cel.authorizer import answered_by
from apiserver.config import Config
from apiserver.endpoints import eviction, pods, proxy, scale, streams, token
from apiserver.endpoints.dispatch import Dispatch, Endpoint
from apiserver.ensure import Stores
from apiserver.flowcontrol.setup import fair
from apiserver.health import Health, Unhealthy
from apiserver.kubernetes_service import KubernetesService, advertised_address
from apiserver.limits import Deadlines, is_long_running
from apiserver.lookups import lookups
from apiserver.node_proxy import NodeProxy
from apiserver.paths import Page, Paths
from apiserver.registry.conversion import seen_as
from apiserver.registry.core.binding import Bindings
from apiserver.registry.core.component_status import ComponentStatuses
from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.registry.kinds import reviews, strategies
from apiserver.registry.reviews import Review
from apiserver.registry.store import Store
from apiserver.registry.strategy import Strategy
from apiserver.request_info import RequestInfo
from apiserver.server_lease import ServerLease
from apiserver.serving import Serving, StartupError, bound_socket
from apiserver.serving_certificates import ServingCertificates
from apiserver.storage.cache import Cache
from apiserver.storage.compaction import compact_forever
from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import StorageError
from apiserver.storage.sealing import PLAIN, Sealing
from apiserver.user import User
from machinery.component.resident import give_back_code

log = logging.getLogger(__name__)

ETCD_PATIENCE_SECONDS = 30.0
STARTED_SECONDS = 2.0
"""So long after it began to serve, a server has done all that it does but once."""


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
        ranges = service_ranges(config, storage)
        stores, chain = make_stores(config, storage, cache, ranges)
        webhooks, may = Webhooks(stores), permissions(config, stores)
        answered_by(partial(asked_by_expression, may))
        chain.plugins = (GrantGuard(may), *admission(config, stores, webhooks, may))
        groups |= {plural: group for group, _, plural in reversed(stores)}
        nodes = NodeProxy(config, stores["", "v1", "nodes"].find)
        who = known_identities(config, stores, may)
        health = Health(lambda: ask(storage), lambda: cache.healthy)
        shares = fair(config, stores)
        steps = filters(config, who, may, stores=stores, audit_log=audit_log, limit=shares.limit)
        paths = described(config, who, stores, health, pages=shares.pages)
        aggregation = Aggregation(config, stores)
        handler = pipeline.assemble(steps, endpoints(who, stores, nodes, paths=paths, aggregation=aggregation))
        describe = describing(stores, paths, aggregation)
        custom = CustomResources(stores, storage, cache, client=webhooks.client, changed=describe)
        itself = bootstrapping(config, stores, ranges, health)
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(cache.run(), name="watch cache"),
                tasks.create_task(compact_forever(storage), name="compaction"),
                tasks.create_task(reloading(config, sealing, cache), name="encryption configuration"),
            ]
            background += [tasks.create_task(work, name=name) for name, work in shares.background()]
            await cache.synced()
            await custom.load()
            background.insert(0, tasks.create_task(custom.run(), name="custom resources"))
            background.insert(0, tasks.create_task(aggregation.run(), name="aggregation"))
            await itself.prepare()
            background.append(tasks.create_task(itself.run(), name="bootstrap"))
            serving = Serving(handler, listener, certificates.context)
            await serving.start()
            log.info("serving https on %s:%s", config.bind_address, config.secure_port)
            asyncio.get_running_loop().call_later(STARTED_SECONDS, give_back_code)
            await stop.wait()
            health.stopping()
            background.pop().cancel()
            await itself.leave()
            await asyncio.sleep(config.shutdown_delay_duration)
            await serving.finish()
            for task in background:
                task.cancel()
        await nodes.close()
        await webhooks.close()
    audit_log.close()
    log.info("stopped")


def accounting(config: Config) -> AuditLog:
    """What is written of requests. A policy with a mistake refuses the start."""
    rotation = Rotation(config.audit_log_maxsize, config.audit_log_maxbackup, config.audit_log_maxage)
    try:
        rules = policy.read(config.audit_policy_file) if config.audit_policy_file else policy.EVERYTHING
    except policy.Mistaken as error:
        raise StartupError(f"wrong audit policy: {error}") from None
    return AuditLog(config.audit_log_path, rules, rotation)


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


def serving_certificates(config: Config) -> ServingCertificates:
    try:
        return ServingCertificates(config)
    except OSError as error:
        files = f"{config.tls_cert_file}, {config.tls_private_key_file}, {config.client_ca_file}"
        raise StartupError(f"cannot use the certificates ({files}): {error}") from None


async def ask(storage: EtcdStorage) -> None:
    """Whether etcd answers, for health checks."""
    try:
        await storage.current_revision()
    except StorageError as error:
        raise Unhealthy(str(error)) from None


def bootstrapping(config: Config, stores: Stores, ranges: ServiceRanges, health: Health) -> Bootstrap:
    service = KubernetesService(config, stores, ranges.first_ip)
    lease = ServerLease(config, stores["coordination.k8s.io", "v1", "leases"])
    return Bootstrap(stores, ranges, service, lease=lease, trust=partial(trust, config), progress=health,
                     fair=config.enable_priority_and_fairness)  # fmt: skip


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


def make_stores(config: Config, storage: EtcdStorage, cache: Cache, ranges: ServiceRanges) -> tuple[Stores, Chain]:
    """One Store per kind, all sharing the storage, the cache and the admission chain, which is empty yet."""
    chain = Chain()
    stores: Stores = {
        _place(strategy): Store(strategy, *seen_as(strategy.conversion, storage, cache), chain)
        for strategy in strategies(ranges, event_ttl=config.event_ttl)
    }
    leases = stores["coordination.k8s.io", "v1", "leases"]
    stores["", "v1", "bindings"] = Bindings(stores["", "v1", "pods"])
    stores["", "v1", "componentstatuses"] = ComponentStatuses(storage, leases)
    return stores, chain


def admission(config: Config, stores: Stores, webhooks: Webhooks, may: Authorization) -> tuple[Plugin, ...]:
    """The plugins of the admission chain, which look into the stores."""
    enabled, disabled = config.enable_admission_plugins, config.disable_admission_plugins
    known, file = lookups(stores), config.admission_control_config_file
    try:
        told = configuration.read(file, CONFIGURABLE) if file else NOTHING
        return plugins(
            known, webhooks=webhooks, authorizers=may.authorizers, enabled=enabled, disabled=disabled, configured=told
        )
    except configuration.Mistaken as error:
        raise StartupError(f"wrong admission configuration: {error}") from None


def permissions(config: Config, stores: Stores) -> Authorization:
    """Who may do what, as the flags and the roles say."""
    wanted = (*index.NEEDED, *node.NEEDED)
    try:
        cachers = {plural: store.cacher for (_, _, plural), store in stores.items() if plural in wanted}
        return authorization(config.authorization_mode, cachers)
    except ValueError as error:
        raise StartupError(str(error)) from None


def asked_by_expression(may: Authorization, user: User, info: RequestInfo) -> tuple[bool, str]:
    """What `authorizer` in CEL hears."""
    opinion = decide(may.authorizers, user, info)
    return opinion.allowed, opinion.reason


def known_identities(config: Config, stores: Stores, may: Authorization) -> Identity:
    """How requests are authenticated; and the reviews, which ask the same list, join the stores."""
    try:
        found = identity(config, {plural: stores["", "v1", plural].cacher for plural in NEEDED})
    except Misconfigured as error:
        raise StartupError(str(error)) from None
    stores |= {_place(each): Review(each) for each in reviews(found.tokens, may.authorizers)}
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


def described(
    config: Config, who: Identity, stores: Stores, health: Health, *, pages: Mapping[str, Page]
) -> Paths:
    """What is served outside of resources."""
    here = f"https://{advertised_address(config)}:{config.secure_port}/openid/v1/jwks"
    documents = who.documents(config.service_account_jwks_uri or here)
    return Paths([store.strategy for store in stores.values()], health, documents, pages)


def describing(stores: Stores, paths: Paths, aggregation: Aggregation) -> Callable[[], None]:
    """Has discovery and OpenAPI tell of what is served now, here and by extension servers."""

    def describe() -> None:
        aggregation.registration.serve()
        paths.describe([store.strategy for store in stores.values()], aggregation.others())

    aggregation.changed = describe
    return describe


def endpoints(who: Identity, stores: Stores, nodes: NodeProxy, *, paths: Paths, aggregation: Aggregation) -> Handler:
    """What requests lead to: extension servers for what is theirs, resources, and everything else."""
    resources, extensions = Dispatch(stores, special_endpoints(who, nodes, stores)), aggregation.extensions

    async def handle(call: Call) -> web.StreamResponse:
        if extensions and (extension := aggregation.of(call.info)) is not None:
            return await extension.serve(call)
        return await (resources(call) if call.info.is_resource else paths(call))

    return handle


def filters(
    config: Config, who: Identity, may: Authorization, *, stores: Stores, audit_log: AuditLog, limit: Filter
) -> tuple[Filter, ...]:
    """What every request passes on its way there."""
    return pipeline.filters(
        audit_log,
        who.authenticators,
        may.authorizers,
        measuring=measures.Requests(stores, is_long_running),
        deadlines=Deadlines(),
        limit=limit,
    )
