"""What went wrong, in kubectl's words."""

from __future__ import annotations

from machinery.api.errors import ApiError


class Failure(Exception):
    """A mistake that needs no server to be seen; the text follows `error: `."""


def explain(error: Exception, doing: str = "") -> str:
    """One failure as kubectl prints it: by the server (with its reason), by the way there, or by ourselves.

    doing: `error when creating "web.yaml": `, put before what the server says.
    """
    if not isinstance(error, ApiError):
        return f"error: {error}"
    if lost(error):
        return _unreachable(str(error))
    status = error.status
    if status.reason == "Invalid" and status.details and status.details.causes:
        return _invalid(error)
    message = doing + status.message
    return f"Error from server ({status.reason}): {message}" if status.reason else f"error: {message}"


def lost(error: Exception) -> bool:
    """Whether the server could not be reached at all (the transport is loaded by then: nobody else raises this)."""
    from machinery.client.transport import Unreachable

    return isinstance(error, Unreachable)


def _unreachable(text: str) -> str:
    url, _, why = text.rpartition(": ")
    if why == "Connection refused":
        host = url.partition("://")[2].rstrip("/")
        return f"The connection to the server {host} was refused - did you specify the right host or port?"
    return f"Unable to connect to the server: {text}"


def _invalid(error: ApiError) -> str:
    """Validation errors start with the object, as kubectl shows them: one cause in line, several as a list."""
    details = error.status.details
    causes = [f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in details.causes]
    if len(causes) == 1:
        return f'The {details.kind} "{details.name}" is invalid: {causes[0]}'
    return "\n* ".join([f'The {details.kind} "{details.name}" is invalid: ', *causes])
