"""From the faults of storage and of aiohttp to the Status that a client understands.

Real Kubernetes: k8s.io/apiserver/pkg/storage/errors and registry/generic/registry/storage_factory.
"""

from __future__ import annotations

from aiohttp.web import RequestPayloadError
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from apiserver.request_info import RequestInfo
from apiserver.storage import interface as storage
from machinery.api import errors
from machinery.api.errors import ApiError, Cause, Details


def translated(error: Exception, info: RequestInfo) -> ApiError | None:
    """The Status for a known fault; None for one that nobody foresaw."""
    subject = (info.resource, info.name)
    match error:
        case storage.KeyExists():
            return errors.AlreadyExists(*subject, group=info.group)
        case storage.KeyMissing():
            return errors.NotFound(*subject, group=info.group)
        case storage.RevisionConflict():
            return errors.Conflict(*subject, group=info.group)
        case storage.Compacted():
            return errors.Expired(str(error))
        case storage.TooLargeRevision():
            return _too_large_revision(error)
        case storage.TooLarge() | HTTPRequestEntityTooLarge():
            return errors.RequestEntityTooLarge("limit is 3145728")
        case RequestPayloadError():
            return errors.BadRequest("the body could not be read: it is not encoded as its headers say, or incomplete")
        case storage.DeadlinePassed():
            return errors.Timeout(str(error))
        case storage.Unavailable():
            return errors.ServiceUnavailable(str(error))
        case storage.Unreadable():
            return errors.InternalError(str(error))
        case storage.StorageError():
            return ApiError(str(error))
    return None


def _too_large_revision(error: storage.TooLargeRevision) -> ApiError:
    timeout = errors.Timeout(str(error), 1)
    cause = Cause("ResourceVersionTooLarge", "Too large resource version")
    timeout.details = Details(causes=(cause,), retry_after=1)
    return timeout
