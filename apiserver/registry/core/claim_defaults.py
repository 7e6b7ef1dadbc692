"""What a claim for storage says when its author is silent; for claims and for the templates of claims.

Works on plain dicts, in place. Real Kubernetes: SetDefaults_PersistentVolumeClaimSpec, NormalizeDataSources.
"""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]
_SNAPSHOTS = "snapshot.storage.k8s.io"


def default_claim(claim: Doc) -> None:
    """Fill a claim."""
    spec = claim.setdefault("spec", {})
    spec.setdefault("volumeMode", "Filesystem")


def normalize_sources(spec: Doc) -> None:
    """dataSource and dataSourceRef say the same; what only newer servers understand is dropped."""
    reference, source = spec.get("dataSourceRef"), spec.get("dataSource")
    if reference and reference.get("namespace"):
        spec.pop("dataSourceRef")
        reference = None
    if source and not _is_known(source):
        spec.pop("dataSource")
        source = None
    if source and not reference:
        spec["dataSourceRef"] = dict(source)
    elif reference and not source:
        spec["dataSource"] = {key: reference[key] for key in ("apiGroup", "kind", "name") if key in reference}


def _is_known(source: Doc) -> bool:
    """Claims and their snapshots are what dataSource may name; all else needs dataSourceRef."""
    kind, group = source.get("kind", ""), source.get("apiGroup") or ""
    return (kind, group) in (("PersistentVolumeClaim", ""), ("VolumeSnapshot", _SNAPSHOTS))
