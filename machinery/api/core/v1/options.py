"""Query parameters of the subresources that connect: exec, log, proxy …"""

from machinery.api.model import Int32, Int64, Model, Time, field


class NodeProxyOptions(Model):
    """Query parameters of a node's proxy."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "NodeProxyOptions", required=True)
    path: str = field(1, "")


class PodAttachOptions(Model):
    """Query parameters of attach."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodAttachOptions", required=True)
    stdin: bool = field(1, False)
    stdout: bool = field(2, False)
    stderr: bool = field(3, False)
    tty: bool = field(4, False)
    container: str = field(5, "")


class PodExecOptions(Model):
    """Query parameters of exec."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodExecOptions", required=True)
    stdin: bool = field(1, False)
    stdout: bool = field(2, False)
    stderr: bool = field(3, False)
    tty: bool = field(4, False)
    container: str = field(5, "")
    command: tuple[str, ...] = field(6, (), required=True, list_type="atomic")


class PodLogOptions(Model):
    """Query parameters of log."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodLogOptions", required=True)
    container: str = field(1, "")
    follow: bool = field(2, False)
    previous: bool = field(3, False)
    since_seconds: Int64 | None = field(4, None)
    since_time: Time | None = field(5, None)
    timestamps: bool = field(6, False)
    tail_lines: Int64 | None = field(7, None)
    limit_bytes: Int64 | None = field(8, None)
    insecure_skip_tls_verify_backend: bool = field(9, False, json="insecureSkipTLSVerifyBackend")
    stream: str | None = field(10, None)


class PodPortForwardOptions(Model):
    """Query parameters of portforward."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodPortForwardOptions", required=True)
    ports: tuple[Int32, ...] = field(1, (), list_type="atomic")


class PodProxyOptions(Model):
    """Query parameters of a pod's proxy."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodProxyOptions", required=True)
    path: str = field(1, "")


class ServiceProxyOptions(Model):
    """Query parameters of a service's proxy."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ServiceProxyOptions", required=True)
    path: str = field(1, "")
