"""JSON merge patch (RFC 7386): what is given replaces, null removes, lists are replaced whole.

Pure. `kubectl label`, `annotate` and `scale` send these. In Kubernetes: evanphx/json-patch's MergePatch.
"""

from __future__ import annotations

from typing import Any

from machinery.api.errors import BadRequest
from machinery.api.patch.go_text import cannot_unmarshal


def merge_patch(doc: dict[str, Any], patch: Any) -> dict[str, Any]:
    """The document with the patch merged in. Raises BadRequest where the patch is no object."""
    if patch is None:
        return doc
    if not isinstance(patch, dict):
        raise BadRequest(f"error decoding patch: {cannot_unmarshal(patch, 'map[string]interface {}')}")
    return _merged(doc, patch)


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result
