"""Which credentials of a pod's pull secrets fit an image. Pure.

A secret of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg names registries: a host, perhaps with stars
in its parts, perhaps with the beginning of a path. The longest names come first; all that fit are tried.
Real Kubernetes: credentialprovider/keyring.go, config.go.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import orjson

from kubelet.runtime.interface import RegistryLogin
from machinery.api.core.v1 import Secret

DOCKER_HUB = "index.docker.io"


def _entries(secret: Secret) -> Mapping[str, Any]:
    """Server -> what the secret says of it; nothing if it cannot be read."""
    try:
        if ".dockerconfigjson" in secret.data:
            return orjson.loads(base64.b64decode(secret.data[".dockerconfigjson"])).get("auths") or {}
        return orjson.loads(base64.b64decode(secret.data.get(".dockercfg", "")) or b"{}")
    except (ValueError, AttributeError):
        return {}


def _login(entry: Mapping[str, str]) -> RegistryLogin | None:
    if entry.get("auth"):
        try:
            user, colon, password = base64.b64decode(entry["auth"]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return RegistryLogin(user, password) if colon else None
    return RegistryLogin(entry.get("username", ""), entry.get("password", ""))


def _place(server: str) -> str:
    """https://host/v1/path -> host/path"""
    host, _, path = server.partition("://")[2 if "://" in server else 0].partition("/")
    for version in ("v1", "v2"):
        if path == version or path.startswith(f"{version}/"):
            path = path[len(version) + 1 :]
    return f"{host}/{path}".rstrip("/")


def _fits(place: str, image: str) -> bool:
    """Each part of the host by itself, the port exactly, the path by its beginning."""
    (host, _, path), (name, _, rest) = place.partition("/"), image.partition("/")
    (host, _, port), (name, _, number) = host.partition(":"), name.partition(":")
    patterns, parts = host.split("."), name.split(".")
    alike = len(patterns) == len(parts) and all(map(fnmatchcase, parts, patterns))
    return alike and port == number and rest.startswith(path)


def on_docker_hub(image: str) -> bool:
    host, slash, _ = image.partition("/")
    return not slash or host in ("docker.io", DOCKER_HUB) or not ("." in host or ":" in host or host == "localhost")


def _all(secrets: Iterable[Secret]) -> Iterator[tuple[str, RegistryLogin]]:
    for secret in secrets:
        for server, entry in _entries(secret).items():
            if (login := _login(entry)) is not None:
                yield _place(server), login


def logins_for(image: str, secrets: Iterable[Secret]) -> list[RegistryLogin]:
    """In the order in which to try them; none at all means: as nobody."""
    known = sorted(_all(secrets), key=lambda item: item[0], reverse=True)
    found = [login for place, login in known if _fits(place, image)]
    if not found and on_docker_hub(image):
        found = [login for place, login in known if place in (DOCKER_HUB, "docker.io")]
    return list(dict.fromkeys(found))
