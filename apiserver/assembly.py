"""What the API server consists of, made from its flags and joined: `assemble` reads as its table of contents.

Nothing here runs yet: server.py starts and ends it.
Real Kubernetes: pkg/controlplane/instance.go, pkg/controlplane/apiserver/config.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from apiserver import measures, pipeline
from apiserver.admission import configuration
from apiserver.admission.chain import CONFIGURABLE, NOTHING, Chain, plugins
from apiserver.admission.plugin import Plugin
from apiserver.admission.webhook.setup import Webhooks
from apiserver.aggregator.aggregation import Aggregation
from apiserver.apiextensions.serving import CustomResources
from apiserver.audit.log import AuditLog
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
from apiserver.flowcontrol.setup import Fair, fair
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
from apiserver.serving import StartupError
from apiserver.storage.cache import Cache
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import StorageError
from apiserver.user import User


@dataclass(frozen=True)
class Parts:
    """What lives as long as the server does."""

    stores: Stores
    handler: Handler
    health: Health
    shares: Fair
    custom: CustomResources
    aggregation: Aggregation
    bootstrap: Bootstrap
    nodes: NodeProxy
    webhooks: Webhooks

    async def close(self) -> None:
        """End the connections to others."""
        await self.nodes.close()
        await self.webhooks.close()


def assemble(config: Config, storage: EtcdStorage, cache: Cache, audit_log: AuditLog) -> Parts:
    """Every part, in the order in which they need each other."""
    ranges = service_ranges(config, storage)
    stores, chain = make_stores(config, storage, cache, ranges)
    webhooks, may = Webhooks(stores), permissions(config, stores)
    answered_by(partial(asked_by_expression, may))
    chain.plugins = (GrantGuard(may), *admission(config, stores, webhooks, may))
    nodes = NodeProxy(config, stores["", "v1", "nodes"].find)
    who = known_identities(config, stores, may)
    health = Health(lambda: ask(storage), lambda: cache.healthy)
    shares = fair(config, stores)
    steps = filters(config, who, may, stores=stores, audit_log=audit_log, limit=shares.limit)
    paths = described(config, who, stores, health, pages=shares.pages)
    aggregation = Aggregation(config, stores)
    return Parts(
        stores,
        pipeline.assemble(steps, endpoints(who, stores, nodes, paths=paths, aggregation=aggregation)),
        health,
        shares,
        CustomResources(stores, storage, cache, client=webhooks.client, changed=describing(stores, paths, aggregation)),
        aggregation,
        bootstrapping(config, stores, ranges, health),
        nodes,
        webhooks,
    )


def service_ranges(config: Config, storage: EtcdStorage) -> ServiceRanges:
    try:
        return ServiceRanges(storage, config.service_cluster_ip_range, config.service_node_port_range)
    except ValueError as error:
        raise StartupError(f"wrong range of Services: {error}") from None


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


def described(config: Config, who: Identity, stores: Stores, health: Health, *, pages: Mapping[str, Page]) -> Paths:
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


def bootstrapping(config: Config, stores: Stores, ranges: ServiceRanges, health: Health) -> Bootstrap:
    service = KubernetesService(config, stores, ranges.first_ip)
    lease = ServerLease(config, stores["coordination.k8s.io", "v1", "leases"])
    return Bootstrap(stores, ranges, service, lease=lease, trust=partial(trust, config), progress=health,
                     fair=config.enable_priority_and_fairness)  # fmt: skip


async def ask(storage: EtcdStorage) -> None:
    """Whether etcd answers, for health checks."""
    try:
        await storage.current_revision()
    except StorageError as error:
        raise Unhealthy(str(error)) from None
