"""Why a volume is not there yet."""

from __future__ import annotations


class VolumeFailure(Exception):
    """The text is what the event FailedMount says after the volume's name."""
