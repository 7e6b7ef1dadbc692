"""Server-side apply: who owns which field of an object, and what an applied configuration does to it.

Pure functions over JSON-ready documents: `apply` for apply patches, `update` for every other write (on creates and
subresources too), `with_old_times` last, so that a write that changed nothing is no write. Read on: field_set (the
algebra), shapes (what the classes say), compare, extract, merge, managers, then updating and applying.
In Kubernetes: sigs.k8s.io/structured-merge-diff and k8s.io/apimachinery/pkg/util/managedfields.
"""

from __future__ import annotations

from machinery.api.apply.applying import Applied, apply
from machinery.api.apply.conflicts import Conflict, Conflicts
from machinery.api.apply.field_set import Fields, named
from machinery.api.apply.updating import Writer, manager_name, update, with_old_times

__all__ = ["Applied", "Conflict", "Conflicts", "Fields", "Writer", "apply", "manager_name", "named", "update",
           "with_old_times"]
