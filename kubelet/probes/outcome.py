"""What came of asking a container once, and the words for connections that fail. Pure.

Real Kubernetes: pkg/probe.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """The answer; `unknown` when nobody could ask (the runtime failed), which says nothing about the container."""

    ok: bool
    message: str = ""
    unknown: bool = False


def authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def refusal(address: str, error: OSError) -> str:
    """As Go words a failed connection."""
    words = {104: "connection reset by peer", 111: "connect: connection refused", 113: "connect: no route to host"}
    number = error.errno or 0
    return f"dial tcp {address}: {words.get(number, str(error.strerror or error).lower())}"
