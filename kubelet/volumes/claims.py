"""persistentVolumeClaim: from the claim to the volume that it is bound to, as far as that is a path of this node.

Real Kubernetes: volumemanager/populator, volume/hostpath, volume/local. Left out: NFS, CSI, block devices.
"""

from __future__ import annotations

from pathlib import Path

from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.host_path import host_path
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim


def bound_volume(claim: PersistentVolumeClaim | None, name: str) -> str:
    """The name of the claim's volume."""
    if claim is None:
        raise VolumeFailure(f'persistentvolumeclaim "{name}" not found')
    if claim.status.phase != "Bound" or not claim.spec.volume_name:
        raise VolumeFailure(f'persistentvolumeclaim "{name}" is not bound yet')
    return claim.spec.volume_name


def path_of(volume: PersistentVolume) -> Path:
    """Where the volume lies on this node."""
    if volume.spec.host_path is not None:
        return host_path(volume.spec.host_path)
    if volume.spec.local is not None:
        path = Path(volume.spec.local.path)
        if not path.exists():
            raise VolumeFailure(f'path "{path}" does not exist')
        return path
    raise VolumeFailure(f'no volume plugin matched for persistentvolume "{volume.metadata.name}"')
