"""The three ways to change part of an object, all from documents to a new document; and the patch that apply makes.

Pure on JSON-ready dicts; nothing that is passed in is changed. A patch that cannot be read raises BadRequest, one that
does not apply raises Invalid. Server-side apply is no patch of this kind and lives elsewhere.
In Kubernetes: apiserver's endpoints/handlers/patch.go, evanphx/json-patch, apimachinery/pkg/util/strategicpatch.
"""

from __future__ import annotations

from machinery.api.patch.json_patch import json_patch
from machinery.api.patch.merge_patch import merge_patch
from machinery.api.patch.strategic_merge_patch import strategic_merge_patch
from machinery.api.patch.three_way import three_way

__all__ = ["json_patch", "merge_patch", "strategic_merge_patch", "three_way"]
