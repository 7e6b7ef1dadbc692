"""The API's errors, drawn once as one tree: each reason that a Status can carry is a class.

Watches and writes nothing. A component raises `NotFound("pods", "web")`; the API server renders `.status`; the
client turns the answer back with `from_status`. Messages are those that kubectl's users know by heart.
In Kubernetes: k8s.io/apimachinery/pkg/api/errors and pkg/util/validation/field. Left out: helpers that test reasons
(here `except NotFound` does it) and errors about unexpected bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from machinery.api.field_errors import FieldError, joined, quote

if TYPE_CHECKING:
    from machinery.api.meta.v1 import Status

__all__ = ["ApiError", "Cause", "Details", "FieldError", "from_status", "generic", "qualified", "quote"]


def qualified(name: str, group: str) -> str:
    """`deployments.apps`, or only `pods` in the legacy group."""
    return f"{name}.{group}" if group else name


@dataclass(frozen=True)
class Cause:
    """One row of Status.details.causes."""

    reason: str = ""
    message: str = ""
    field: str = ""


@dataclass(frozen=True)
class Details:
    """What an error is about. `kind` is the resource's plural where Kubernetes says the plural there."""

    name: str = ""
    group: str = ""
    kind: str = ""
    uid: str = ""
    causes: tuple[Cause, ...] = ()
    retry_after: int = 0

    def to_dict(self) -> dict[str, Any]:
        causes = [{k: v for k, v in vars(cause).items() if v} for cause in self.causes]
        wire = {"name": self.name, "group": self.group, "kind": self.kind, "uid": self.uid,
                "causes": causes, "retryAfterSeconds": self.retry_after}
        return {key: value for key, value in wire.items() if value}

    @staticmethod
    def from_dict(wire: Mapping[str, Any]) -> Details:
        causes = tuple(
            Cause(c.get("reason") or "", c.get("message") or "", c.get("field") or "")
            for c in wire.get("causes") or ()
        )
        texts = {key: wire.get(key) or "" for key in ("name", "group", "kind", "uid")}
        return Details(**texts, causes=causes, retry_after=wire.get("retryAfterSeconds") or 0)


class ApiError(Exception):
    """An answer of the API that is not the object asked for. `code` and `reason` come from the subclass."""

    code: ClassVar[int] | int = 500
    reason: ClassVar[str] | str = ""
    continue_token: str = ""
    """What goes on where an expired list ended."""

    def __init__(self, message: str, details: Details | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def to_dict(self) -> dict[str, Any]:
        """The Status as JSON-ready dict."""
        wire: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        wire["metadata"] = {"continue": self.continue_token} if self.continue_token else {}
        wire |= {"message": self.message} if self.message else {}
        wire |= {"reason": self.reason} if self.reason else {}
        wire |= {"details": self.details.to_dict()} if self.details is not None else {}
        return wire | {"code": self.code}

    @cached_property
    def status(self) -> Status:
        # Imported late: this module must load without the types, which may raise these errors themselves.
        from machinery.api.meta.v1 import Status

        return Status.from_dict(self.to_dict())

    @property
    def retry_after(self) -> int:
        """Seconds to wait before another try; 0 = the server did not say."""
        return self.details.retry_after if self.details else 0

    @property
    def causes(self) -> tuple[Cause, ...]:
        return self.details.causes if self.details else ()


class BadRequest(ApiError):
    code, reason = 400, "BadRequest"


class Unauthorized(ApiError):
    code, reason = 401, "Unauthorized"

    def __init__(self, message: str = "Unauthorized") -> None:
        super().__init__(message)


class Forbidden(ApiError):
    code, reason = 403, "Forbidden"

    def __init__(self, resource: str, name: str, why: str, *, group: str = "") -> None:
        subject = qualified(resource, group) + (f" {quote(name)}" if name else "")
        message = f"{subject} is forbidden: {why}" if resource else f"forbidden: {why}"
        super().__init__(message, Details(name=name, group=group, kind=resource))


class NotFound(ApiError):
    code, reason = 404, "NotFound"

    def __init__(self, resource: str, name: str, *, group: str = "") -> None:
        message = f"{qualified(resource, group)} {quote(name)} not found"
        super().__init__(message, Details(name=name, group=group, kind=resource))


class MethodNotAllowed(ApiError):
    code, reason = 405, "MethodNotAllowed"

    def __init__(self, resource: str, action: str, *, group: str = "") -> None:
        message = f"{action} is not supported on resources of kind {quote(qualified(resource, group))}"
        super().__init__(message, Details(group=group, kind=resource))


class NotAcceptable(ApiError):
    code, reason = 406, "NotAcceptable"

    def __init__(self, accepted: Iterable[str]) -> None:
        super().__init__("only the following media types are accepted: " + ", ".join(accepted))


class AlreadyExists(ApiError):
    code, reason = 409, "AlreadyExists"

    def __init__(self, resource: str, name: str, *, group: str = "", generated: bool = False) -> None:
        message = f"{qualified(resource, group)} {quote(name)} already exists"
        if generated:
            message += ", the server was not able to generate a unique name for the object"
        super().__init__(message, Details(name=name, group=group, kind=resource, retry_after=1 if generated else 0))


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class Conflict(ApiError):
    code, reason = 409, "Conflict"

    def __init__(self, resource: str, name: str, why: str = MODIFIED, *, group: str = "",
                 causes: Iterable[Cause] = ()) -> None:
        message = f"Operation cannot be fulfilled on {qualified(resource, group)} {quote(name)}: {why}"
        super().__init__(message, Details(name=name, group=group, kind=resource, causes=tuple(causes)))


class ApplyConflict(Conflict):
    """Server-side apply met fields that another manager owns; each cause names one field."""

    def __init__(self, message: str, causes: Iterable[Cause]) -> None:
        ApiError.__init__(self, message, Details(causes=tuple(causes)))


class Gone(ApiError):
    code, reason = 410, "Gone"


class Expired(Gone):
    """The revision asked for is compacted: list again."""

    reason = "Expired"

    def __init__(self, message: str = "The resourceVersion for the provided watch is too old.") -> None:
        super().__init__(message)


class RequestEntityTooLarge(ApiError):
    code, reason = 413, "RequestEntityTooLarge"

    def __init__(self, why: str) -> None:
        super().__init__(f"Request entity too large: {why}")


class UnsupportedMediaType(ApiError):
    code, reason = 415, "UnsupportedMediaType"

    def __init__(self, accepted: Iterable[str]) -> None:
        super().__init__("the body of the request was in an unknown format - accepted media types include: "
                         + ", ".join(accepted))


class Invalid(ApiError):
    code, reason = 422, "Invalid"

    def __init__(self, kind: str, name: str, errors: Iterable[FieldError] = (), *, group: str = "") -> None:
        found = tuple(errors)
        why = f": {joined(found)}" if found else ""
        causes = tuple(Cause(error.type, error.body, error.field) for error in found)
        super().__init__(f"{qualified(kind, group)} {quote(name)} is invalid{why}",
                         Details(name=name, group=group, kind=kind, causes=causes))


class TooManyRequests(ApiError):
    code, reason = 429, "TooManyRequests"

    def __init__(self, message: str, retry_after: int = 1, *, causes: Iterable[Cause] = ()) -> None:
        super().__init__(message, Details(retry_after=retry_after, causes=tuple(causes)))


class InternalError(ApiError):
    code, reason = 500, "InternalError"

    def __init__(self, why: str) -> None:
        super().__init__(f"Internal error occurred: {why}", Details(causes=(Cause(message=why),)))


class ServerTimeout(ApiError):
    """The request was not tried, or surely not done: try it again."""

    code, reason = 500, "ServerTimeout"

    def __init__(self, resource: str, operation: str, retry_after: int = 0, *, group: str = "") -> None:
        message = (f"The {operation} operation against {qualified(resource, group)} could not be completed "
                   "at this time, please try again.")
        super().__init__(message, Details(name=operation, group=group, kind=resource, retry_after=retry_after))


class ServiceUnavailable(ApiError):
    code, reason = 503, "ServiceUnavailable"


class Timeout(ApiError):
    """Nobody knows whether the request was done."""

    code, reason = 504, "Timeout"

    def __init__(self, why: str, retry_after: int = 0) -> None:
        super().__init__(f"Timeout: {why}", Details(retry_after=retry_after))


def _classes(root: type[ApiError]) -> Iterable[type[ApiError]]:
    for cls in root.__subclasses__():
        yield cls
        yield from _classes(cls)


_BY_REASON = {cls.reason: cls for cls in _classes(ApiError) if cls is not ApplyConflict}
_BY_CODE = {cls.code: cls for cls in _BY_REASON.values()
            if cls not in (ServerTimeout, AlreadyExists, Expired)}

_GENERIC = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    409: "the server reported a conflict",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, "
         "but may still be processing the request",
}


def _assembled(cls: type[ApiError], message: str, details: Details | None) -> ApiError:
    """An instance with a ready-made message, past the subclass's own constructor."""
    error = cls.__new__(cls)
    ApiError.__init__(error, message, details)
    return error


def from_status(status: Status | Mapping[str, Any]) -> ApiError:
    """The exception for a Status (model or JSON dict): its class by reason, else by code."""
    wire = status if isinstance(status, Mapping) else status.to_dict()
    reason, code = wire.get("reason") or "", wire.get("code") or 500
    cls = _BY_REASON.get(reason) or _BY_CODE.get(code, ApiError)
    details = wire.get("details")
    error = _assembled(cls, wire.get("message") or "", None if details is None else Details.from_dict(details))
    error.code, error.reason = code, reason or cls.reason
    return error


def generic(code: int, body: str = "", *, retry_after: int = 0) -> ApiError:
    """The error for an answer that carries only a status code: by the server where it has nothing to add
    (an unknown path, a failed JSON patch), by the client where the answer's body is no Status."""
    cls = _BY_CODE.get(code, ApiError)
    if code in (403, 406, 415) and body:
        message = body
    elif code >= 500 and code not in _GENERIC:
        message = f"an error on the server ({quote(body or 'unknown')}) has prevented the request from succeeding"
    else:
        message = _GENERIC.get(
            code, f"the server responded with the status code {code} but did not return more information")
    error = _assembled(cls, message, Details(retry_after=retry_after))
    error.code = code
    return error
