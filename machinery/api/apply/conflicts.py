"""Fields that an applier wants to set otherwise than their owners did, as data; and the answer that tells of them.

Pure. In Kubernetes: structured-merge-diff's merge/conflict.go, apimachinery's managedfields/internal/conflict.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from machinery.api.apply.field_set import Fields, Path, difference, of_paths, path_text, paths
from machinery.api.apply.managers import UPDATE, Identity
from machinery.api.errors import ApplyConflict, Cause, quote


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """One field and one of its owners."""

    owner: Identity
    path: Path

    @property
    def field(self) -> str:
        return path_text(self.path)

    @property
    def message(self) -> str:
        return f"conflict with {owner_text(self.owner)}"


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Why an apply was not done."""

    found: tuple[Conflict, ...]

    @property
    def fields(self) -> Fields:
        return of_paths(*(conflict.path for conflict in self.found))

    def outside(self, allowed: Fields) -> Conflicts:
        """Those that are about other fields."""
        left = difference(self.fields, allowed)
        unsettled = set(paths(left))
        return Conflicts(tuple(conflict for conflict in self.found if conflict.path in unsettled))

    def error(self) -> ApplyConflict:
        causes = (Cause("FieldManagerConflict", conflict.message, conflict.field) for conflict in self.found)
        return ApplyConflict(self._message(), causes)

    def _message(self) -> str:
        if len(self.found) == 1:
            only = self.found[0]
            return f"Apply failed with 1 conflict: {only.message}: {only.field}"
        lines: list[str] = []
        for owner in sorted({conflict.owner for conflict in self.found}):
            lines.append(f"conflicts with {owner_text(owner)}:")
            lines += [f"- {conflict.field}" for conflict in self.found if conflict.owner == owner]
        return f"Apply failed with {len(self.found)} conflicts: " + "\n".join(lines)


def of_owners(fields: dict[Identity, Fields]) -> Conflicts:
    """Every contested field of every owner."""
    return Conflicts(tuple(Conflict(owner, path) for owner in sorted(fields) for path in paths(fields[owner])))


def owner_text(owner: Identity) -> str:
    """`"kubectl-client-side-apply" using apps/v1`; appliers are told by name alone."""
    text = quote(owner.manager)
    if owner.subresource:
        text += f" with subresource {quote(owner.subresource)}"
    return f"{text} using {owner.api_version}" if owner.operation == UPDATE else text
