"""How a webhook is reached, by URL or by service: what can be wrong with it, and its default port.

Pure. Shared by admission webhooks and by conversion webhooks of custom resources.
Real Kubernetes: k8s.io/apiserver/pkg/util/webhook/validation.go.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from machinery.api import names
from machinery.api.errors import FieldError

Doc = dict[str, Any]
_FORM = "; desired format: https://host[/path]"


def default_client(config: Doc | None) -> None:
    """Port 443, where a service is named without one."""
    if config and config.get("service") is not None:
        config["service"].setdefault("port", 443)


def client_errors(config: Any, path: str) -> list[FieldError]:
    """Exactly one of url and service, and that one well-formed."""
    if (config.url is None) == (config.service is None):
        return [FieldError.required(path, "exactly one of url or service is required")]
    if config.url is not None:
        return _url_errors(config.url, f"{path}.url")
    return _service_errors(config.service, f"{path}.service")


def _url_errors(url: str, path: str) -> list[FieldError]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        return [FieldError.required(path, f"url must be a valid URL: {error}{_FORM}")]
    found = []
    user, _, host = parts.netloc.rpartition("@")
    if parts.scheme != "https":
        found.append(FieldError.invalid(path, parts.scheme, f"'https' is the only allowed URL scheme{_FORM}"))
    if not host:
        found.append(FieldError.invalid(path, host, f"host must be specified{_FORM}"))
    for what, value in (
        ("user information is", user), ("fragments are", parts.fragment), ("query parameters are", parts.query),
    ):  # fmt: skip
        if value:
            found.append(FieldError.invalid(path, value, f"{what} not permitted in the URL"))
    return found


def _service_errors(service: Any, path: str) -> list[FieldError]:
    found = []
    if not service.name:
        found.append(FieldError.required(f"{path}.name", "service name is required"))
    if not service.namespace:
        found.append(FieldError.required(f"{path}.namespace", "service namespace is required"))
    if service.port is not None and (bad := names.port_number(service.port)):
        why = f"port is not valid: {','.join(bad)}"
        found.append(FieldError.invalid(f"{path}.port", service.port, why))
    return found + [FieldError.invalid(f"{path}.path", service.path, why) for why in _path_complaints(service.path)]


def _path_complaints(text: str | None) -> list[str]:
    if text in (None, "", "/"):
        return []
    if text == "//":
        return ["segment[0] may not be empty"]
    found = [] if text.startswith("/") else ["must start with a '/'"]
    for index, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            found.append(f"segment[{index}] may not be empty")
        else:
            found += [f"segment[{index}]: {why}" for why in names.dns_subdomain(step)]
    return found
