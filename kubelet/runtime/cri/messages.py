"""CRI's protobuf messages, from a table (see kubelet.rpc.table), built when first used. Only fields that we use.

Real Kubernetes: cri-api's api.proto, 126 messages. Left out: Windows, SELinux, statistics but for disks.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from kubelet.rpc.table import classes

TABLE = """
Empty
VersionRequest version=1
VersionResponse version=1 runtime_name=2 runtime_version=3 runtime_api_version=4
StatusRequest verbose=1:bool
StatusResponse status=1:RuntimeStatus info=2{}
RuntimeStatus conditions=1:RuntimeCondition[]
RuntimeCondition type=1 status=2:bool reason=3 message=4

PodSandboxMetadata name=1 uid=2 namespace=3 attempt=4:uint32
DNSConfig servers=1[] searches=2[] options=3[]
PortMapping protocol=1:int32 container_port=2:int32 host_port=3:int32 host_ip=4
NamespaceOption network=1:int32 pid=2:int32 ipc=3:int32 target_id=4
Int64Value value=1:int64
SecurityProfile profile_type=1:int32 localhost_ref=2
LinuxSandboxSecurityContext namespace_options=1:NamespaceOption run_as_user=3:Int64Value \
    readonly_rootfs=4:bool supplemental_groups=5:int64[] privileged=6:bool run_as_group=8:Int64Value \
    seccomp=9:SecurityProfile
LinuxPodSandboxConfig cgroup_parent=1 security_context=2:LinuxSandboxSecurityContext sysctls=3{}
PodSandboxConfig metadata=1:PodSandboxMetadata hostname=2 log_directory=3 dns_config=4:DNSConfig \
    port_mappings=5:PortMapping[] labels=6{} annotations=7{} linux=8:LinuxPodSandboxConfig
RunPodSandboxRequest config=1:PodSandboxConfig runtime_handler=2
RunPodSandboxResponse pod_sandbox_id=1
StopPodSandboxRequest pod_sandbox_id=1
RemovePodSandboxRequest pod_sandbox_id=1
PodSandboxStatusRequest pod_sandbox_id=1 verbose=2:bool
PodIP ip=1
PodSandboxNetworkStatus ip=1 additional_ips=2:PodIP[]
PodSandboxStatus id=1 metadata=2:PodSandboxMetadata state=3:int32 created_at=4:int64 \
    network=5:PodSandboxNetworkStatus labels=7{} annotations=8{}
PodSandboxStatusResponse status=1:PodSandboxStatus
PodSandboxFilter id=1 label_selector=3{}
ListPodSandboxRequest filter=1:PodSandboxFilter
PodSandbox id=1 metadata=2:PodSandboxMetadata state=3:int32 created_at=4:int64 labels=5{} annotations=6{}
ListPodSandboxResponse items=1:PodSandbox[]

ImageSpec image=1 annotations=2{}
KeyValue key=1 value=2
Mount container_path=1 host_path=2 readonly=3:bool propagation=5:int32
ContainerMetadata name=1 attempt=2:uint32
LinuxContainerResources cpu_period=1:int64 cpu_quota=2:int64 cpu_shares=3:int64 \
    memory_limit_in_bytes=4:int64 oom_score_adj=5:int64
Capability add_capabilities=1[] drop_capabilities=2[]
LinuxContainerSecurityContext capabilities=1:Capability privileged=2:bool \
    namespace_options=3:NamespaceOption run_as_user=5:Int64Value readonly_rootfs=7:bool \
    supplemental_groups=8:int64[] no_new_privs=11:bool run_as_group=12:Int64Value masked_paths=13[] \
    readonly_paths=14[] seccomp=15:SecurityProfile apparmor=16:SecurityProfile
LinuxContainerConfig resources=1:LinuxContainerResources security_context=2:LinuxContainerSecurityContext
ContainerConfig metadata=1:ContainerMetadata image=2:ImageSpec command=3[] args=4[] working_dir=5 \
    envs=6:KeyValue[] mounts=7:Mount[] labels=9{} annotations=10{} log_path=11 stdin=12:bool \
    stdin_once=13:bool tty=14:bool linux=15:LinuxContainerConfig
CreateContainerRequest pod_sandbox_id=1 config=2:ContainerConfig sandbox_config=3:PodSandboxConfig
CreateContainerResponse container_id=1
StartContainerRequest container_id=1
StopContainerRequest container_id=1 timeout=2:int64
RemoveContainerRequest container_id=1
ContainerFilter id=1 pod_sandbox_id=3 label_selector=4{}
ListContainersRequest filter=1:ContainerFilter
Container id=1 pod_sandbox_id=2 metadata=3:ContainerMetadata image=4:ImageSpec image_ref=5 state=6:int32 \
    created_at=7:int64 labels=8{} annotations=9{}
ListContainersResponse containers=1:Container[]
ContainerStatusRequest container_id=1 verbose=2:bool
ContainerStatus id=1 metadata=2:ContainerMetadata state=3:int32 created_at=4:int64 started_at=5:int64 \
    finished_at=6:int64 exit_code=7:int32 image=8:ImageSpec image_ref=9 reason=10 message=11 labels=12{} \
    annotations=13{} log_path=15
ContainerStatusResponse status=1:ContainerStatus
ExecSyncRequest container_id=1 cmd=2[] timeout=3:int64
ExecSyncResponse stdout=1:bytes stderr=2:bytes exit_code=3:int32
ExecRequest container_id=1 cmd=2[] tty=3:bool stdin=4:bool stdout=5:bool stderr=6:bool
ExecResponse url=1
AttachRequest container_id=1 stdin=2:bool tty=3:bool stdout=4:bool stderr=5:bool
AttachResponse url=1
PortForwardRequest pod_sandbox_id=1 port=2:int32[]
PortForwardResponse url=1
UpdateContainerResourcesRequest container_id=1 linux=2:LinuxContainerResources

ListImagesRequest
Image id=1 repo_tags=2[] repo_digests=3[] size=4:uint64 uid=5:Int64Value username=6 pinned=8:bool
ListImagesResponse images=1:Image[]
ImageStatusRequest image=1:ImageSpec
ImageStatusResponse image=1:Image
AuthConfig username=1 password=2 server_address=4
PullImageRequest image=1:ImageSpec auth=2:AuthConfig sandbox_config=3:PodSandboxConfig
PullImageResponse image_ref=1
RemoveImageRequest image=1:ImageSpec
UInt64Value value=1:uint64
FilesystemIdentifier mountpoint=1
FilesystemUsage timestamp=1:int64 fs_id=2:FilesystemIdentifier used_bytes=3:UInt64Value inodes_used=4:UInt64Value
ImageFsInfoRequest
ImageFsInfoResponse image_filesystems=1:FilesystemUsage[]
ContainerStatsFilter id=1
ListContainerStatsRequest filter=1:ContainerStatsFilter
ContainerAttributes id=1
ContainerStats attributes=1:ContainerAttributes writable_layer=4:FilesystemUsage
ListContainerStatsResponse stats=1:ContainerStats[]
ReopenContainerLogRequest container_id=1

SubscribeRequest filters=1[]
Any type_url=1 value=2:bytes
Envelope namespace=2 topic=3 event=4:Any
TaskEvent container_id=1 id=2
"""


@cache
def _classes() -> dict[str, Any]:
    return classes(TABLE, "runtime.v1")


def message(name: str) -> Any:
    """The class of one message."""
    return _classes()[name]
