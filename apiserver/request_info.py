"""What a request is about, read from its method and path alone: `parse` -> RequestInfo.

Pure, and remembered, since clients repeat themselves. No kind is named here, except that `namespaces` is both a scope
and a resource.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go, whose words these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from machinery.api import fields
from machinery.api.errors import BadRequest

_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_SUBRESOURCES = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """Kubernetes' RequestInfo: `is_resource` is False for /healthz, /version, discovery and their like."""

    path: str
    verb: str
    is_resource: bool = False
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""
    """What follows the subresource: the path that a proxy request asks of its target."""
    selected: tuple[tuple[str, str], ...] = ()
    """The fields, and their values, to which a list, watch or deletecollection confines itself."""

    def __hash__(self) -> int:
        """Asked for by every cache on a request's way: two fields tell nearly all apart."""
        return hash((self.path, self.verb))

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def object_name(self) -> str:
        """The one object that this is about: named by the path, or the only one that can be in the list."""
        return self.name or next((value for field, value in self.selected if field == "metadata.name"), "")


@lru_cache(maxsize=8192)
def parse(method: str, path: str, *, watch: bool = False, field_selector: str = "") -> RequestInfo:
    """Read `/api/v1/namespaces/NS/pods/NAME/status` and its like; the others are what the query says.

    The flag makes a list a watch. One object is watched by a list that selects its name, or below /watch/.
    """
    plain = RequestInfo(path=path, verb=method.lower())
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 3:
        group, version, parts = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return plain
    below = parts[0] == "watch" and len(parts) > 1
    parts = parts[1:] if below else parts
    namespace, parts = _split_namespace(parts)
    resource, name, subresource, *rest = (*parts, "", "", "") if len(parts) < 3 else parts
    return RequestInfo(
        path=path,
        verb=_verb(method, name=name, watch=below or (watch and not name)),
        is_resource=True,
        group=group,
        version=version,
        namespace=namespace,
        resource=resource,
        name=name,
        subresource=subresource,
        rest="/".join(rest) if len(parts) > 3 else "",
        selected=() if name else _selected(field_selector),
    )


def _selected(field_selector: str) -> tuple[tuple[str, str], ...]:
    """What must be equal. A selector without sense confines nothing here, and is refused later."""
    if not field_selector:
        return ()
    try:
        wanted = fields.parse(field_selector).requirements
    except BadRequest:
        return ()
    return tuple((each.field, each.value) for each in wanted if each.op in ("=", "=="))


def _split_namespace(parts: list[str]) -> tuple[str, list[str]]:
    if parts[0] != "namespaces" or len(parts) == 1:
        return "", parts
    if len(parts) > 2 and parts[2] not in _NAMESPACE_SUBRESOURCES:
        return parts[1], parts[2:]
    return parts[1], parts


def _verb(method: str, *, name: str, watch: bool) -> str:
    verb = _VERBS.get(method, method.lower())
    if verb == "get" and watch:
        return "watch"
    if verb == "get" and not name:
        return "list"
    if verb == "delete" and not name:
        return "deletecollection"
    return verb
