"""Security contexts of pods and containers."""

from machinery.api.model import Int64, Model, field


class AppArmorProfile(Model):
    """Which AppArmor profile confines the process."""

    type: str = field(1, "", required=True)
    localhost_profile: str | None = field(2, None)


class Capabilities(Model):
    """Linux capabilities to add and to drop."""

    add: tuple[str, ...] = field(1, (), list_type="atomic")
    drop: tuple[str, ...] = field(2, (), list_type="atomic")


class SELinuxOptions(Model):
    """The SELinux label of a process."""

    user: str = field(1, "")
    role: str = field(2, "")
    type: str = field(3, "")
    level: str = field(4, "")


class WindowsSecurityContextOptions(Model):
    """Security settings of Windows containers."""

    gmsa_credential_spec_name: str | None = field(1, None)
    gmsa_credential_spec: str | None = field(2, None)
    run_as_user_name: str | None = field(3, None)
    host_process: bool | None = field(4, None)


class Sysctl(Model):
    """A kernel parameter of the pod."""

    name: str = field(1, "", required=True)
    value: str = field(2, "", required=True)


class SeccompProfile(Model):
    """Which system calls the process may make."""

    type: str = field(1, "", required=True)
    localhost_profile: str | None = field(2, None)


class PodSecurityContext(Model):
    """Security settings that hold for all containers of a pod."""

    se_linux_options: SELinuxOptions | None = field(1, None)
    windows_options: WindowsSecurityContextOptions | None = field(8, None)
    run_as_user: Int64 | None = field(2, None)
    run_as_group: Int64 | None = field(6, None)
    run_as_non_root: bool | None = field(3, None)
    supplemental_groups: tuple[Int64, ...] = field(4, (), list_type="atomic")
    supplemental_groups_policy: str | None = field(12, None)
    fs_group: Int64 | None = field(5, None)
    sysctls: tuple[Sysctl, ...] = field(7, (), list_type="atomic")
    fs_group_change_policy: str | None = field(9, None)
    seccomp_profile: SeccompProfile | None = field(10, None)
    app_armor_profile: AppArmorProfile | None = field(11, None)
    se_linux_change_policy: str | None = field(13, None)


class SecurityContext(Model):
    """Security settings of one container."""

    capabilities: Capabilities | None = field(1, None)
    privileged: bool | None = field(2, None)
    se_linux_options: SELinuxOptions | None = field(3, None)
    windows_options: WindowsSecurityContextOptions | None = field(10, None)
    run_as_user: Int64 | None = field(4, None)
    run_as_group: Int64 | None = field(8, None)
    run_as_non_root: bool | None = field(5, None)
    read_only_root_filesystem: bool | None = field(6, None)
    allow_privilege_escalation: bool | None = field(7, None)
    proc_mount: str | None = field(9, None)
    seccomp_profile: SeccompProfile | None = field(11, None)
    app_armor_profile: AppArmorProfile | None = field(12, None)
