"""How Go's gRPC words its status codes, and so every Kubernetes event that carries one. Pure."""

from __future__ import annotations

from grpclib.const import Status


def go_code(status: Status) -> str:
    """NOT_FOUND -> NotFound."""
    return "".join(part.title() for part in status.name.split("_"))
