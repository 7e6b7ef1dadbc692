"""ServiceAccount: a pod runs as an account that exists, and gets its token, the root CA and its namespace as files.

A pod that names no account runs as its namespace's `default`; the account's pull secrets become the pod's. Mirror
pods stay as they are, and may have none of this.
Real Kubernetes: plugin/pkg/admission/serviceaccount, whose sentences these are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import PodPlugin
from machinery.api.errors import Forbidden
from machinery.api.names import generate_name

Doc = dict[str, Any]
DEFAULT = "default"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
VOLUME = "kube-api-access-"
TOKEN_SECONDS = 3607
MIRROR = "kubernetes.io/config.mirror"
ENFORCE = "kubernetes.io/enforce-mountable-secrets"


class ServiceAccounts(Protocol):
    """How the plugin looks accounts up."""

    async def named(self, namespace: str, name: str) -> Doc | None:
        """The account, if there is one."""


class ServiceAccount(PodPlugin):
    """See the module."""

    def __init__(self, accounts: ServiceAccounts) -> None:
        self._accounts = accounts

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        if _is_mirror(obj):
            return
        spec = obj["spec"]
        name = spec.get("serviceAccountName") or spec.get("serviceAccount") or DEFAULT
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = await self._account(attributes, name)
        if automounts(spec, account):
            mount_token(spec)
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = [dict(each) for each in account["imagePullSecrets"]]

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj["spec"]
        if _is_mirror(obj):
            why = mirror_error(spec)
        elif not spec.get("serviceAccountName"):
            why = f"no service account specified for pod {attributes.namespace}/{attributes.name}"
        else:
            account = await self._account(attributes, spec["serviceAccountName"])
            enforced = account["metadata"].get("annotations", {}).get(ENFORCE, "") in ("true", "True", "TRUE", "t", "1")
            why = next(unmountable(spec, account), "") if enforced else ""
        if why:
            raise Forbidden("pods", attributes.name, why)

    async def _account(self, attributes: Attributes, name: str) -> Doc:
        account = await self._accounts.named(attributes.namespace, name)
        if account is None:
            where = f"{attributes.namespace}/{name}"
            why = f'error looking up service account {where}: serviceaccount "{name}" not found'
            raise Forbidden("pods", attributes.name, why)
        return account


def _is_mirror(pod: Doc) -> bool:
    return MIRROR in pod["metadata"].get("annotations", {})


def automounts(spec: Doc, account: Doc) -> bool:
    """The pod's word, else the account's, else yes."""
    for each in (spec, account):
        if (said := each.get("automountServiceAccountToken")) is not None:
            return said
    return True


def mount_token(spec: Doc) -> None:
    """Every container that has nothing at the well-known path gets the volume there."""
    volumes = spec.get("volumes", [])
    existing = next((each["name"] for each in volumes if each["name"].startswith(VOLUME)), "")
    name = existing or generate_name(VOLUME)
    bare = [
        container
        for container in (*spec.get("initContainers", ()), *spec["containers"])
        if all(mount.get("mountPath") != MOUNT_PATH for mount in container.get("volumeMounts", ()))
    ]
    for container in bare:
        mount = {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}
        container["volumeMounts"] = [*container.get("volumeMounts", ()), mount]
    if bare and not existing:
        spec["volumes"] = [*volumes, {"name": name, "projected": {"defaultMode": 0o644, "sources": sources()}}]


def sources() -> list[Doc]:
    """What a program needs to call the API: who it is, whom to trust, where it lives."""
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    return [
        {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]


def mirror_error(spec: Doc) -> str:
    """What a mirror pod may not have: its kubelet runs it without the API's help."""
    if spec.get("serviceAccountName"):
        return "a mirror pod may not reference service accounts"
    volumes = spec.get("volumes", [])
    projected = [source for volume in volumes for source in volume.get("projected", {}).get("sources", [])]
    secrets = [*_volume_secrets(spec), *(name for _, name in _environment_secrets(spec)), *_pull_secrets(spec)]
    if secrets or any("secret" in source for source in projected):
        return "a mirror pod may not reference secrets"
    if any("serviceAccountToken" in source for source in projected):
        return "a mirror pod may not use ServiceAccountToken volume projections"
    return ""


def unmountable(spec: Doc, account: Doc) -> Iterator[str]:
    """What the pod uses and its account, which enforces that, does not list."""
    name = account["metadata"]["name"]
    mountable = {each.get("name") for each in account.get("secrets", ())}
    refused = f"is not allowed because service account {name} does not reference that"
    for secret in _volume_secrets(spec):
        if secret not in mountable:
            yield f'volume with secret.secretName="{secret}" {refused} secret'
    for where, secret in _environment_secrets(spec):
        if secret not in mountable:
            yield f'{where} referencing secret.secretName="{secret}" {refused} secret'
    pullable = {each.get("name") for each in account.get("imagePullSecrets", ())}
    for index, secret in enumerate(_pull_secrets(spec)):
        if secret not in pullable:
            yield f'imagePullSecrets[{index}].name="{secret}" {refused} imagePullSecret'


def _volume_secrets(spec: Doc) -> list[str]:
    return [volume["secret"].get("secretName", "") for volume in spec.get("volumes", ()) if "secret" in volume]


def _pull_secrets(spec: Doc) -> list[str]:
    return [each.get("name", "") for each in spec.get("imagePullSecrets", ())]


def _environment_secrets(spec: Doc) -> Iterator[tuple[str, str]]:
    """Where a container's environment wants a Secret, in words; and its name."""
    for field, words in (("initContainers", "init container"), ("containers", "container")):
        for container in spec.get(field, ()):
            who = f"{words} {container['name']}"
            for variable in container.get("env", ()):
                if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                    yield f"{who} with envVar {variable['name']}", reference.get("name", "")
            for source in container.get("envFrom", ()):
                if "secretRef" in source:
                    yield f"{who} with envFrom", source["secretRef"].get("name", "")
