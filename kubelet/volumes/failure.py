"""Why a volume is not there yet.

Real Kubernetes: volume/util/operationexecutor, volumemanager/volume_manager.go.
"""

from __future__ import annotations


class VolumeFailure(Exception):
    """The text is what the event FailedMount says after the volume's name."""


class ClaimFailure(VolumeFailure):
    """A claim from which no volume follows: nothing can even be tried."""


class StagingFailure(VolumeFailure):
    """The volume could not be brought to the node, before any pod's own part of it."""


class NotAttached(VolumeFailure):
    """Somebody else must attach the volume to the node first."""


class MountFailure(Exception):
    """A volume that could not be made ready, in the words of the event FailedMount."""

    def __init__(self, volume: str, why: Exception | str, *, inside: str = "") -> None:
        """`volume` is the volume's own name; `inside`, where it differs, the one that the pod has for it."""
        super().__init__(_words(volume, why, inside or volume))


def _words(volume: str, why: Exception | str, inside: str) -> str:
    missing = f"Unable to attach or mount volumes: unmounted volumes=[{inside}],"
    if isinstance(why, ClaimFailure):
        return f"{missing} unattached volumes=[], failed to process volumes=[{inside}]: {why}"
    if isinstance(why, NotAttached):
        return f"{missing} unattached volumes=[{inside}], failed to process volumes=[]: {why}"
    if isinstance(why, OSError):
        why = f"{why.filename}: {why.strerror}"
    step = "MountDevice" if isinstance(why, StagingFailure) else "SetUp"
    return f'MountVolume.{step} failed for volume "{volume}" : {why}'
