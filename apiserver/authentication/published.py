"""The ConfigMap from which extension servers learn whose certificates and headers this cluster believes.

Written by `bootstrap` as kube-system/extension-apiserver-authentication; it holds no secrets.
Real Kubernetes: pkg/controlplane/controller/clusterauthenticationtrust.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from apiserver.config import Config

NAME = "extension-apiserver-authentication"


def trust(config: Config) -> dict[str, Any]:
    """The ConfigMap as the flags and the files that they name have it now."""
    data = {"client-ca-file": _text(config.client_ca_file)}
    if config.requestheader_client_ca_file:
        data["requestheader-client-ca-file"] = _text(config.requestheader_client_ca_file)
        lists = {
            "allowed-names": config.requestheader_allowed_names,
            "username-headers": config.requestheader_username_headers,
            "group-headers": config.requestheader_group_headers,
            "extra-headers-prefix": config.requestheader_extra_headers_prefix,
        }
        data |= {f"requestheader-{key}": orjson.dumps(value).decode() for key, value in lists.items()}
    return {"metadata": {"name": NAME, "namespace": "kube-system"}, "data": {k: v for k, v in data.items() if v}}


def _text(path: str) -> str:
    return Path(path).read_text() if path else ""
