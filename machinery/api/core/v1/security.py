"""Security contexts of pods and containers."""

from machinery.api.model import Int64, Model, field


class AppArmorProfile(Model):
    """Which AppArmor profile confines the process."""

    type: str = field(1, "", required=True)
    """RuntimeDefault, Localhost (a profile of the node) or Unconfined."""
    localhost_profile: str | None = field(2, None)
    """The name of a profile that is loaded on the node; for Localhost, and only then."""


class Capabilities(Model):
    """Linux capabilities to add and to drop."""

    add: tuple[str, ...] = field(1, (), list_type="atomic")
    """Capabilities to add, such as NET_ADMIN."""
    drop: tuple[str, ...] = field(2, (), list_type="atomic")
    """Capabilities to take away; ALL for all of them."""


class SELinuxOptions(Model):
    """The SELinux label of a process."""

    user: str = field(1, "")
    """The user part of the label."""
    role: str = field(2, "")
    """The role part of the label."""
    type: str = field(3, "")
    """The type part of the label."""
    level: str = field(4, "")
    """The level part of the label."""


class WindowsSecurityContextOptions(Model):
    """Security settings of Windows containers."""

    gmsa_credential_spec_name: str | None = field(1, None)
    """The name of the group managed service account to use."""
    gmsa_credential_spec: str | None = field(2, None)
    """Its specification; an admission webhook fills it in."""
    run_as_user_name: str | None = field(3, None)
    """The user that the first process runs as; the image's own if not said."""
    host_process: bool | None = field(4, None)
    """Whether it runs right on the host; all containers of a pod alike, with hostNetwork."""


class Sysctl(Model):
    """A kernel parameter of the pod."""

    name: str = field(1, "", required=True)
    """The parameter's name, such as net.core.somaxconn."""
    value: str = field(2, "", required=True)
    """The value to set it to."""


class SeccompProfile(Model):
    """Which system calls the process may make."""

    type: str = field(1, "", required=True)
    """RuntimeDefault, Localhost (a file of the node) or Unconfined (everything)."""
    localhost_profile: str | None = field(2, None)
    """The profile's file below the kubelet's folder seccomp; for Localhost, and only then."""


class PodSecurityContext(Model):
    """Security settings that hold for all containers of a pod."""

    se_linux_options: SELinuxOptions | None = field(1, None)
    """The SELinux label of all containers; chosen by the runtime if not said."""
    windows_options: WindowsSecurityContextOptions | None = field(8, None)
    """Settings for pods on Windows."""
    run_as_user: Int64 | None = field(2, None)
    """The user id of the first process; the image's own if not said."""
    run_as_group: Int64 | None = field(6, None)
    """The id of its primary group; the runtime's choice if not said."""
    run_as_non_root: bool | None = field(3, None)
    """Whether the kubelet refuses to start containers that would run as user 0."""
    supplemental_groups: tuple[Int64, ...] = field(4, (), list_type="atomic")
    """Ids of further groups of the first process."""
    supplemental_groups_policy: str | None = field(12, None)
    """Merge (the default) keeps the image's groups as well, Strict does not (alpha)."""
    fs_group: Int64 | None = field(5, None)
    """A group that owns the files of the volumes which support that, and that every process is in."""
    sysctls: tuple[Sysctl, ...] = field(7, (), list_type="atomic")
    """Kernel parameters for the pod's own namespaces; unsafe ones must be allowed by the node."""
    fs_group_change_policy: str | None = field(9, None)
    """When to change the files' group: Always (the default), or OnRootMismatch if the top is wrong."""
    seccomp_profile: SeccompProfile | None = field(10, None)
    """The filter for system calls of all containers; the node's default if not said."""
    app_armor_profile: AppArmorProfile | None = field(11, None)
    """How AppArmor confines all containers."""
    se_linux_change_policy: str | None = field(13, None)
    """How volumes get their SELinux label: MountOption at mounting, if the driver can, or Recursive."""


class SecurityContext(Model):
    """Security settings of one container."""

    capabilities: Capabilities | None = field(1, None)
    """Root's powers to add or take away, beside the runtime's usual ones."""
    privileged: bool | None = field(2, None)
    """Whether it may do all that root of the node may. Default false."""
    se_linux_options: SELinuxOptions | None = field(3, None)
    """Its SELinux label; that of the pod if not said."""
    windows_options: WindowsSecurityContextOptions | None = field(10, None)
    """Settings for containers on Windows."""
    run_as_user: Int64 | None = field(4, None)
    """The user id of the first process; the pod's or the image's own if not said."""
    run_as_group: Int64 | None = field(8, None)
    """The id of its primary group; the pod's or the runtime's choice if not said."""
    run_as_non_root: bool | None = field(5, None)
    """Whether the kubelet refuses to start the container if it would run as user 0."""
    read_only_root_filesystem: bool | None = field(6, None)
    """Whether the container's own files are read-only. Default false."""
    allow_privilege_escalation: bool | None = field(7, None)
    """Whether programs may gain more than their parent has, as by setuid; false forbids it."""
    proc_mount: str | None = field(9, None)
    """Default hides parts of /proc; Unmasked shows all and needs hostUsers: false."""
    seccomp_profile: SeccompProfile | None = field(11, None)
    """Its filter for system calls; that of the pod if not said."""
    app_armor_profile: AppArmorProfile | None = field(12, None)
    """How AppArmor confines it; as the pod says if not said here."""
