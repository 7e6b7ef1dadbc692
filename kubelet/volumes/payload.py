"""Which files a configMap, secret, downwardAPI or projected volume holds. Pure.

Everything that it refers to is fetched before; a token is just one more object. Real Kubernetes:
volume/configmap, volume/secret, volume/downwardapi, volume/projected (MakePayload and CollectData).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kubelet.containers.downward import field_value, resource_value
from kubelet.volumes.atomic_writer import File
from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.ownership import fs_group
from machinery.api.core.v1 import (
    ConfigMap,
    Container,
    DownwardAPIVolumeFile,
    KeyToPath,
    Pod,
    Secret,
    ServiceAccountTokenProjection,
    Volume,
    VolumeProjection,
)

DEFAULT_MODE = 0o644


@dataclass(frozen=True)
class Materials:
    """What a volume's files may be made of."""

    objects: Mapping[tuple[str, str], ConfigMap | Secret] = field(default_factory=dict)
    tokens: Mapping[ServiceAccountTokenProjection, str] = field(default_factory=dict)
    allocatable: Mapping[str, str] = field(default_factory=dict)


def _contents(found: ConfigMap | Secret) -> dict[str, bytes]:
    if isinstance(found, Secret):
        return {key: base64.b64decode(text) for key, text in found.data.items()}
    binary = {key: base64.b64decode(text) for key, text in found.binary_data.items()}
    return {key: text.encode() for key, text in found.data.items()} | binary


def _safe(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise VolumeFailure(f"invalid path: {path}")
    return path


@dataclass(frozen=True)
class _Wanted:
    """One object as files: which, which keys, how."""

    kind: str
    name: str
    items: Sequence[KeyToPath]
    mode: int
    optional: bool


def _object_files(wanted: _Wanted, materials: Materials) -> Iterator[tuple[str, File]]:
    found = materials.objects.get((wanted.kind, wanted.name))
    if found is None:
        if wanted.optional:
            return
        raise VolumeFailure(f'{wanted.kind.lower()} "{wanted.name}" not found')
    contents = _contents(found)
    if not wanted.items:
        yield from ((key, File(data, wanted.mode)) for key, data in contents.items())
        return
    for item in wanted.items:
        if item.key in contents:
            mode = wanted.mode if item.mode is None else item.mode
            yield _safe(item.path), File(contents[item.key], mode)
        elif not wanted.optional:
            raise VolumeFailure(f"{wanted.kind.lower()} references non-existent key: {item.key}")


def _downward_files(
    pod: Pod, items: Sequence[DownwardAPIVolumeFile], mode: int, materials: Materials
) -> Iterator[tuple[str, File]]:
    for item in items:
        if item.field_ref:
            text = field_value(pod, item.field_ref.field_path)
        elif item.resource_field_ref:
            container = pod.spec.containers[0] if pod.spec.containers else Container()
            text = resource_value(pod, container, item.resource_field_ref, materials.allocatable)
        else:
            continue
        yield _safe(item.path), File(text.encode(), mode if item.mode is None else item.mode)


def _projection(pod: Pod, source: VolumeProjection, mode: int, materials: Materials) -> Iterator[tuple[str, File]]:
    for kind, part in (("Secret", source.secret), ("ConfigMap", source.config_map)):
        if part is not None:
            wanted = _Wanted(kind, part.name, part.items, mode, bool(part.optional))
            yield from _object_files(wanted, materials)
    if source.downward_api:
        yield from _downward_files(pod, source.downward_api.items, mode, materials)
    token = source.service_account_token
    if token is not None:
        yield _safe(token.path), _token_file(pod, materials.tokens[token], mode)
    if source.cluster_trust_bundle is not None:
        raise VolumeFailure("ClusterTrustBundle projection is alpha, and not supported")


def _only_user(pod: Pod) -> int | None:
    """The one user as whom all containers run, if there is one."""
    of_pod = pod.spec.security_context.run_as_user if pod.spec.security_context else None
    users = set()
    for container in (*pod.spec.init_containers, *pod.spec.containers):
        own = container.security_context.run_as_user if container.security_context else None
        users.add(of_pod if own is None else own)
    return users.pop() if len(users) == 1 else None


def _token_file(pod: Pod, text: str, mode: int) -> File:
    """A token is for those who need it: the pod's one user, or its group, if it names either."""
    user, group = _only_user(pod), fs_group(pod)
    return File(text.encode(), mode if user is None and group is None else 0o600, user)


def _mode(mode: int | None) -> int:
    return DEFAULT_MODE if mode is None else mode


def payload(pod: Pod, volume: Volume, materials: Materials) -> dict[str, File]:
    """Every file of one volume by its path."""
    found: list[tuple[str, File]] = []
    if (config := volume.config_map) is not None:
        wanted = _Wanted("ConfigMap", config.name, config.items, _mode(config.default_mode), bool(config.optional))
        found += _object_files(wanted, materials)
    if (secret := volume.secret) is not None:
        mode = _mode(secret.default_mode)
        wanted = _Wanted("Secret", secret.secret_name, secret.items, mode, bool(secret.optional))
        found += _object_files(wanted, materials)
    if volume.downward_api is not None:
        mode = _mode(volume.downward_api.default_mode)
        found += _downward_files(pod, volume.downward_api.items, mode, materials)
    if volume.projected is not None:
        for source in volume.projected.sources:
            found += _projection(pod, source, _mode(volume.projected.default_mode), materials)
    return dict(found)


def holds_files(volume: Volume) -> bool:
    """Whether this volume is made of files that we write."""
    return any((volume.config_map, volume.secret, volume.downward_api, volume.projected))


def holds_secrets(volume: Volume) -> bool:
    """Such files stay in memory."""
    return volume.secret is not None or volume.projected is not None or volume.downward_api is not None


def references(volume: Volume) -> Iterator[tuple[str, str]]:
    """The objects that this volume's files are made of."""
    if volume.config_map:
        yield "ConfigMap", volume.config_map.name
    if volume.secret:
        yield "Secret", volume.secret.secret_name
    for source in volume.projected.sources if volume.projected else ():
        if source.config_map:
            yield "ConfigMap", source.config_map.name
        if source.secret:
            yield "Secret", source.secret.name


def requests_of(volume: Volume) -> list[ServiceAccountTokenProjection]:
    """The tokens that this volume's files are made of."""
    sources = volume.projected.sources if volume.projected else ()
    return [source.service_account_token for source in sources if source.service_account_token]


def token_requests(pod: Pod) -> list[ServiceAccountTokenProjection]:
    """The tokens that the pod's files are made of."""
    return [request for volume in pod.spec.volumes for request in requests_of(volume)]
