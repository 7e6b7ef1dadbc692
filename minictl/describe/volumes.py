"""A pod's volumes: what each one is, in kubectl's words.

Pure. Left out: the volumes of clouds that this cluster has no driver for; they show as `<unknown>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from minictl.describe.facts import Document
from minictl.describe.page import NONE, UNSET, Page, shown

Rows = Iterable[tuple[str, object]]


def volumes(page: Page, values: Sequence[Document], indent: str = "") -> None:
    """Every volume with its source."""
    if not values:
        page.row(0, f"{indent}Volumes:", NONE)
        return
    page.row(0, f"{indent}Volumes:")
    for volume in values:
        page.row(1, f"{' ' if indent else ''}{volume['name']}:")
        describe = next((SOURCES[key] for key in volume if key in SOURCES), None)
        if describe is None:
            page.row(1, "<unknown>")
            continue
        for name, value in describe(next(volume[key] or {} for key in volume if key in SOURCES)):
            page.row(2, name, value) if value is not None else page.row(2, name)


def _host_path(source: Document) -> Rows:
    return [("Type:", "HostPath (bare host directory volume)"), ("Path:", source.get("path", "")),
            ("HostPathType:", source.get("type", NONE))]  # fmt: skip


def _empty_dir(source: Document) -> Rows:
    limit = source.get("sizeLimit")
    return [("Type:", "EmptyDir (a temporary directory that shares a pod's lifetime)"),
            ("Medium:", source.get("medium", "")), ("SizeLimit:", UNSET if limit in (None, "0") else limit)]


def _secret(source: Document) -> Rows:
    return [("Type:", "Secret (a volume populated by a Secret)"), ("SecretName:", source.get("secretName", "")),
            ("Optional:", shown(source.get("optional", False)))]  # fmt: skip


def _config_map(source: Document) -> Rows:
    return [("Type:", "ConfigMap (a volume populated by a ConfigMap)"), ("Name:", source.get("name", "")),
            ("Optional:", shown(source.get("optional", False)))]  # fmt: skip


def _nfs(source: Document) -> Rows:
    return [("Type:", "NFS (an NFS mount that lasts the lifetime of a pod)"), ("Server:", source.get("server", "")),
            ("Path:", source.get("path", "")), ("ReadOnly:", shown(source.get("readOnly", False)))]  # fmt: skip


def _claim(source: Document) -> Rows:
    return [("Type:", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"),
            ("ClaimName:", source.get("claimName", "")),
            ("ReadOnly:", shown(source.get("readOnly", False)))]  # fmt: skip


def _downward(source: Document) -> Rows:
    yield "Type:", "DownwardAPI (a volume populated by information about the pod)"
    yield "Items:", None
    for item in source.get("items") or ():
        of = item.get("fieldRef", {}).get("fieldPath") or item.get("resourceFieldRef", {}).get("resource", "")
        yield f"  {of} -> {item['path']}", None


def _projected(source: Document) -> Rows:
    yield "Type:", "Projected (a volume that contains injected data from multiple sources)"
    for one in source.get("sources") or ():
        if secret := one.get("secret"):
            yield "SecretName:", secret.get("name", "")
            yield "SecretOptionalName:", shown(secret.get("optional"))
        elif "downwardAPI" in one:
            yield "DownwardAPI:", "true"
        elif config := one.get("configMap"):
            yield "ConfigMapName:", config.get("name", "")
            yield "ConfigMapOptional:", shown(config.get("optional"))
        elif token := one.get("serviceAccountToken"):
            yield "TokenExpirationSeconds:", token.get("expirationSeconds", 3600)


SOURCES: dict[str, Callable[[Document], Rows]] = {
    "configMap": _config_map,
    "downwardAPI": _downward,
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "nfs": _nfs,
    "persistentVolumeClaim": _claim,
    "projected": _projected,
    "secret": _secret,
}
