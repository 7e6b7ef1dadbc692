"""The messages of the two protocols that a CSI driver speaks to a node, from tables (see kubelet.rpc.table).

Only the Node service of CSI v1, and only fields that we use. In real life: the CSI specification's csi.proto, and
kubelet/pkg/apis/pluginregistration.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from kubelet.rpc.table import classes

REGISTRATION = """
InfoRequest
PluginInfo type=1 name=2 endpoint=3 supported_versions=4[]
RegistrationStatus plugin_registered=1:bool error=2
RegistrationStatusResponse
"""

NODE = """
NodeGetInfoRequest
Topology segments=1{}
NodeGetInfoResponse node_id=1 max_volumes_per_node=2:int64 accessible_topology=3:Topology
NodeGetCapabilitiesRequest
RPC type=1:int32
NodeServiceCapability rpc=1:RPC
NodeGetCapabilitiesResponse capabilities=1:NodeServiceCapability[]
BlockVolume
MountVolume fs_type=1 mount_flags=2[] volume_mount_group=3
AccessMode mode=1:int32
VolumeCapability block=1:BlockVolume mount=2:MountVolume access_mode=3:AccessMode
NodeStageVolumeRequest volume_id=1 publish_context=2{} staging_target_path=3 \
    volume_capability=4:VolumeCapability secrets=5{} volume_context=6{}
NodeStageVolumeResponse
NodeUnstageVolumeRequest volume_id=1 staging_target_path=2
NodeUnstageVolumeResponse
NodePublishVolumeRequest volume_id=1 publish_context=2{} staging_target_path=3 target_path=4 \
    volume_capability=5:VolumeCapability readonly=6:bool secrets=7{} volume_context=8{}
NodePublishVolumeResponse
NodeUnpublishVolumeRequest volume_id=1 target_path=2
NodeUnpublishVolumeResponse
"""


@cache
def registration() -> dict[str, Any]:
    return classes(REGISTRATION, "pluginregistration")


@cache
def node() -> dict[str, Any]:
    return classes(NODE, "csi.v1")
