"""What went wrong, in kubectl's words."""

from __future__ import annotations

from machinery.api.errors import ApiError
from machinery.client.rest import Unreachable


class Failure(Exception):
    """A mistake that needs no server to be seen; the text follows `error: `."""


def explain(error: Exception) -> str:
    """One failure as kubectl prints it: by the server (with its reason), by the way there, or by ourselves."""
    if isinstance(error, Unreachable):
        return f"The connection to the server was refused or lost - {error}"
    if not isinstance(error, ApiError):
        return f"error: {error}"
    status = error.status
    if status.reason == "Invalid" and status.details and status.details.causes:
        return _invalid(error)
    return f"Error from server ({status.reason}): {status.message}" if status.reason else f"error: {status.message}"


def _invalid(error: ApiError) -> str:
    """Validation errors start with the object, as kubectl shows them: one cause in line, several as a list."""
    details = error.status.details
    kind = f"{details.kind}.{details.group}" if details.group else details.kind
    causes = [f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in details.causes]
    if len(causes) == 1:
        return f'The {kind} "{details.name}" is invalid: {causes[0]}'
    return "\n* ".join([f'The {kind} "{details.name}" is invalid: ', *causes])
