"""A request, at some stage of its way, as one line of JSON, an audit.k8s.io/v1 Event. Pure.

Annotations carry who caused the request: our components' Mini-* headers and kubectl's Kubectl-* headers. Bodies are
written only where the policy says so; credentials that a URL holds never are.
Real Kubernetes: k8s.io/apiserver/pkg/audit/request.go.
"""

from __future__ import annotations

import ipaddress
import random
import re
import time
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from apiserver import decoding
from apiserver.audit.policy import COMPLETE, NAMES, PANIC, RECEIVED, STARTED, Level, Policy, Verdict
from apiserver.call import Call
from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api.errors import ApiError

_CREDENTIALS = re.compile(r"([?&](?:access_token|token|password|client_secret)=)[^&]*", re.IGNORECASE)
_LONGEST_ID, _LONGEST_AGENT = 64, 1024
_FORWARDED = ("X-Forwarded-For", "X-Real-Ip")
_UPGRADED = '{"metadata":{},"code":101}'
_LEFT = '{"metadata":{},"status":"Success","message":"Connection closed early","code":200}'
_GZIP = 16 + zlib.MAX_WBITS
CAUSE_HEADERS = {
    "Mini-Actor": "mini.io/actor",
    "Mini-Key": "mini.io/key",
    "Mini-Woken-By": "mini.io/woken-by",
    "Kubectl-Command": "mini.io/kubectl-command",
    "Kubectl-Session": "mini.io/kubectl-session",
}


class Asked(NamedTuple):
    """What is the same whenever the same client asks the same again."""

    info: RequestInfo
    uri: str
    addresses: tuple[str, ...]
    agent: str
    user: User
    impersonator: User | None
    level: Level
    stage: str


@lru_cache(maxsize=4096)
def verdict_of(policy: Policy, user: User, info: RequestInfo) -> Verdict:
    """The policy's, remembered: clients repeat themselves."""
    return policy.verdict(user, info)


def event(stage: str, call: Call, response: web.StreamResponse | None, verdict: Verdict) -> bytes:
    """One request as a line with an audit.k8s.io/v1 Event: what clients repeat is remembered as text."""
    http, headers = call.http, call.http.headers
    asked = Asked(
        call.info, http.path_qs, source_ips(headers, http.remote), headers.get("User-Agent", ""), call.user,
        call.impersonator, verdict.level, stage,
    )  # fmt: skip
    status = "" if stage == RECEIVED else f'"responseStatus":{_answered(stage, call, response)},'
    now = call.received if stage == RECEIVED else time.time()
    rest = (
        f'"auditID":{orjson.dumps(call.headers.get("Audit-ID") or audit_id()).decode()},{status}'
        f'"requestReceivedTimestamp":"{micro_time(call.received)}","stageTimestamp":"{micro_time(now)}"'
    )
    return b"%b%b,%b%b}\n" % (_beginning(asked), _identity(call), rest.encode(), _more(stage, call, response, verdict))


def _answered(stage: str, call: Call, response: web.StreamResponse | None) -> str:
    """The responseStatus, as text."""
    if stage == PANIC:
        said = {"status": "Failure", "message": f"APIServer panic'd: {call.panic}", "reason": "InternalError"}
        return orjson.dumps({"metadata": {}, **said, "code": 500}).decode()
    if call.failure is not None:
        return orjson.dumps(_status(call.failure)).decode()
    if response is None:
        return _UPGRADED if stage == STARTED else _LEFT
    return f'{{"metadata":{{}},"code":{response.status}}}'


def _identity(call: Call) -> bytes:
    """The end of objectRef: what only the body says, a create's name, or which object an update was meant for."""
    if not call.info.is_resource:
        return b""
    uid, revision = call.object_identity
    said = (("name", call.object_name), ("uid", uid), ("resourceVersion", revision))
    found = {name: value for name, value in said if value}
    return b",%b" % orjson.dumps(found)[1:] if found else b"}"


def _more(stage: str, call: Call, response: web.StreamResponse | None, verdict: Verdict) -> bytes:
    """Annotations and bodies."""
    headers = call.http.headers
    annotations = {key: headers[name] for name, key in CAUSE_HEADERS.items() if name in headers} | call.annotations
    more: dict[str, Any] = {"annotations": annotations} if annotations else {}
    if verdict.level >= Level.REQUEST and call.info.is_resource and stage in (COMPLETE, PANIC):
        more |= _objects(call, response, verdict)
    return b"," + orjson.dumps(more)[1:-1] if more else b""


def source_ips(headers: Mapping[str, str], remote: str | None) -> tuple[str, ...]:
    """Where a request says that it came from, by way of proxies; and where it did come from, last."""
    own = remote or ""
    if _FORWARDED[0] not in headers and _FORWARDED[1] not in headers:
        return (own,)
    said = [part.strip() for name in _FORWARDED for part in headers.get(name, "").split(",")]
    found = [address for address in said if _is_address(address)]
    return tuple(dict.fromkeys((*found, own) if not found or found[-1] != own else found))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def id_of(headers: Mapping[str, str]) -> str:
    """The id that a client, such as an aggregating server, gave the request; or a new one."""
    given = headers.get("Audit-ID", "")
    return given if 0 < len(given) <= _LONGEST_ID else audit_id()


def audit_id() -> str:
    """A random UUID (RFC 9562, version 4). It names a request and guards nothing, so that guessing it gains nothing."""
    digits = f"{random.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def micro_time(moment: float) -> str:
    """A MicroTime: six decimals, in UTC."""
    second = int(moment)
    return f"{_second(second)}.{int(1e6 * (moment - second)):06d}Z"


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _status(failure: ApiError) -> dict[str, Any]:
    return {name: value for name, value in failure.to_dict().items() if name not in ("kind", "apiVersion")}


def _objects(call: Call, response: web.StreamResponse | None, verdict: Verdict) -> dict[str, Any]:
    """What was sent and, at the highest level, what was answered."""
    found = {"requestObject": _decoded(getattr(call.http, "taken", b""), call.http.headers.get("Content-Type", ""))}
    if verdict.level is Level.REQUEST_RESPONSE and isinstance(response, web.Response):
        body = response.body if isinstance(response.body, bytes) else None
        if body and response.headers.get("Content-Encoding") == "gzip":
            body = zlib.decompress(body, _GZIP)
        found["responseObject"] = _decoded(body, response.headers.get("Content-Type", ""))
    if verdict.without_owners:
        found = {name: _without_owners(value) for name, value in found.items()}
    return {name: value for name, value in found.items() if value is not None}


def _decoded(body: bytes | None, content_type: str) -> Any:
    """An object or a patch; None for what is neither."""
    if not body:
        return None
    try:
        if "patch+json" in content_type:
            return decoding.parse_json(body)
        return decoding.parse(body, "application/yaml" if "patch+yaml" in content_type else content_type)
    except (ApiError, ValueError):
        return None


def _without_owners(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    meta = value.get("metadata")
    if isinstance(meta, dict) and "managedFields" in meta:
        value = {**value, "metadata": {name: each for name, each in meta.items() if name != "managedFields"}}
    if isinstance(value.get("items"), list):
        value = {**value, "items": [_without_owners(item) for item in value["items"]]}
    return value


@lru_cache(maxsize=1024)
def _beginning(asked: Asked) -> bytes:
    """The part of an event that repeats: a JSON object that is still open, within objectRef if there is one."""
    info = asked.info
    line: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": NAMES[asked.level],
        "stage": asked.stage,
        "requestURI": _CREDENTIALS.sub(r"\1REDACTED", asked.uri),
        "verb": info.verb,
        "user": (asked.impersonator or asked.user).info(),
        "sourceIPs": asked.addresses,
        "userAgent": asked.agent[:_LONGEST_AGENT] + ("...TRUNCATED" if len(asked.agent) > _LONGEST_AGENT else ""),
    }
    if asked.impersonator is not None:
        line["impersonatedUser"] = asked.user.info()
    if info.is_resource:
        line["objectRef"] = _object_ref(info)
        return orjson.dumps(line)[:-2]
    return orjson.dumps(line)[:-1]


def _object_ref(info: RequestInfo) -> dict[str, str]:
    reference = {
        "resource": info.resource,
        "namespace": info.namespace,
        "name": info.name,
        "apiGroup": info.group,
        "apiVersion": info.version,
        "subresource": info.subresource,
    }
    return {key: value for key, value in reference.items() if value}
