"""Why a container could not be described to the runtime."""

from __future__ import annotations


class ConfigFailure(Exception):
    """The text is what the user reads: the container waits with this reason and message."""

    reason = "CreateContainerConfigError"
