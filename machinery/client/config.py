"""Where the API server is and who we are to it: kubeconfig files, or a pod's service account.

Reads the files of --kubeconfig, of KUBECONFIG (several, merged: the first to set a value wins) or ~/.kube/config.
In real Kubernetes: client-go/tools/clientcmd. Left out: exec plugins, proxies, skipping TLS verification.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from machinery.component.errors import FatalError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class ConfigError(FatalError):
    """A kubeconfig that cannot be used; the text says which file and why."""


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """All that a Client needs to know. Of each pair `*_file` and `*_data` at most one is set; data is PEM text."""

    server: str
    ca_file: str = ""
    ca_data: str = ""
    cert_file: str = ""
    cert_data: str = ""
    key_file: str = ""
    key_data: str = ""
    token: str = ""
    token_file: str = ""
    tls_server_name: str = ""
    namespace: str = "default"


def load_kubeconfig(path: str | Path | None = None, context: str | None = None) -> ClientConfig:
    """The config of a context, by default of the current one."""
    files = [Path(path)] if path else default_files()
    merged = merge([read(file) for file in files if path or file.exists()])
    if not merged["clusters"]:
        raise ConfigError(f"no cluster is configured in {', '.join(map(str, files))}")
    return resolve(merged, context or merged["current-context"])


def load_service_account(folder: Path = SERVICE_ACCOUNT) -> ClientConfig:
    """The config of a process inside a pod. The token is read anew as it rotates."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise ConfigError("not inside a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
    return ClientConfig(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        ca_file=str(folder / "ca.crt"),
        token_file=str(folder / "token"),
        namespace=(folder / "namespace").read_text().strip(),
    )


def default_files() -> list[Path]:
    """What kubectl reads when no file is named."""
    named = [Path(part) for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return named or [Path.home() / ".kube" / "config"]


def read(file: Path) -> dict[str, Any]:
    """One kubeconfig, with the file names in it made absolute: they are relative to its own folder."""
    try:
        document = parse(file.read_bytes()) or {}
    except OSError as error:
        raise ConfigError(f"cannot read kubeconfig {file}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"kubeconfig {file} is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"kubeconfig {file} is not a mapping")
    for section, part, names in (("clusters", "cluster", ("certificate-authority",)),
                                 ("users", "user", ("client-certificate", "client-key", "tokenFile"))):
        for entry in document.get(section) or ():
            settings = entry.get(part) or {}
            settings |= {name: str(file.absolute().parent / settings[name]) for name in names if settings.get(name)}
    return document


def parse(text: bytes) -> Any:
    """YAML; JSON is YAML too, and what is written so spares every component the import of a YAML parser."""
    if text.lstrip().startswith(b"{"):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(text)
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def merge(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Several kubeconfigs as one, entries by name; where two set the same thing, the first wins."""
    merged: dict[str, Any] = {"clusters": {}, "users": {}, "contexts": {}, "current-context": ""}
    for document in documents:
        merged["current-context"] = merged["current-context"] or document.get("current-context") or ""
        for section, part in (("clusters", "cluster"), ("users", "user"), ("contexts", "context")):
            for entry in document.get(section) or ():
                merged[section].setdefault(entry["name"], entry.get(part) or {})
    return merged


def resolve(merged: Mapping[str, Any], context: str) -> ClientConfig:
    """Follows a context's name to its cluster and user."""
    if not context:
        raise ConfigError("no context is chosen: set current-context")
    chosen = _entry(merged, "contexts", context)
    cluster = _entry(merged, "clusters", chosen.get("cluster", ""))
    user = _entry(merged, "users", chosen["user"]) if chosen.get("user") else {}
    if not cluster.get("server"):
        raise ConfigError(f'cluster "{chosen["cluster"]}" has no server')
    ca_data, cert_data, key_data = (
        _decoded(settings, name)
        for settings, name in ((cluster, "certificate-authority-data"), (user, "client-certificate-data"),
                               (user, "client-key-data"))
    )
    return ClientConfig(
        server=cluster["server"].rstrip("/"),
        ca_data=ca_data,
        ca_file="" if ca_data else cluster.get("certificate-authority", ""),
        cert_data=cert_data,
        cert_file="" if cert_data else user.get("client-certificate", ""),
        key_data=key_data,
        key_file="" if key_data else user.get("client-key", ""),
        token=user.get("token", ""),
        token_file="" if user.get("token") else user.get("tokenFile", ""),
        tls_server_name=cluster.get("tls-server-name", ""),
        namespace=chosen.get("namespace") or "default",
    )


def _entry(merged: Mapping[str, Any], section: str, name: str) -> Mapping[str, Any]:
    if name not in merged[section]:
        raise ConfigError(f'{section.removesuffix("s")} "{name}" does not exist in the kubeconfig')
    return merged[section][name]


def _decoded(settings: Mapping[str, Any], name: str) -> str:
    try:
        return base64.b64decode("".join((settings.get(name) or "").split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is not base64 of PEM text: {error}") from error
