"""Query parameters of the subresources that connect: exec, log, proxy …"""

from machinery.api.model import Int32, Int64, Model, Time, field


class NodeProxyOptions(Model):
    """Query parameters of a node's proxy."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "NodeProxyOptions", required=True)
    path: str = field(1, "")
    """The path to ask the node for."""


class PodAttachOptions(Model):
    """Query parameters of attach."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodAttachOptions", required=True)
    stdin: bool = field(1, False)
    """Whether to send standard input. Default false."""
    stdout: bool = field(2, False)
    """Whether to receive standard output. Default true."""
    stderr: bool = field(3, False)
    """Whether to receive standard error. Default true."""
    tty: bool = field(4, False)
    """Whether the container has a terminal. Default false."""
    container: str = field(5, "")
    """The container to attach to; may be left out if there is only one."""


class PodExecOptions(Model):
    """Query parameters of exec."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodExecOptions", required=True)
    stdin: bool = field(1, False)
    """Whether to send standard input. Default false."""
    stdout: bool = field(2, False)
    """Whether to receive standard output."""
    stderr: bool = field(3, False)
    """Whether to receive standard error."""
    tty: bool = field(4, False)
    """Whether to run the command in a terminal. Default false."""
    container: str = field(5, "")
    """The container to run it in; may be left out if there is only one."""
    command: tuple[str, ...] = field(6, (), required=True, list_type="atomic")
    """The command and its arguments, run without a shell."""


class PodLogOptions(Model):
    """Query parameters of log."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodLogOptions", required=True)
    container: str = field(1, "")
    """The container whose log is wanted; may be left out if there is only one."""
    follow: bool = field(2, False)
    """Whether to go on as the log grows. Default false."""
    previous: bool = field(3, False)
    """Whether to read the log of the container's previous run. Default false."""
    since_seconds: Int64 | None = field(4, None)
    """Only lines of the last so many seconds. Set this or sinceTime."""
    since_time: Time | None = field(5, None)
    """Only lines since then."""
    timestamps: bool = field(6, False)
    """Whether each line begins with its time. Default false."""
    tail_lines: Int64 | None = field(7, None)
    """Only the last so many lines; all if not said."""
    limit_bytes: Int64 | None = field(8, None)
    """Stop after so many bytes."""
    insecure_skip_tls_verify_backend: bool = field(9, False, json="insecureSkipTLSVerifyBackend")
    """Whether the server may skip the check of the node's certificate. Default false."""
    stream: str | None = field(10, None)
    """All (the default), Stdout or Stderr (alpha)."""


class PodPortForwardOptions(Model):
    """Query parameters of portforward."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodPortForwardOptions", required=True)
    ports: tuple[Int32, ...] = field(1, (), list_type="atomic")
    """The pod's ports to forward to; only for WebSockets."""


class PodProxyOptions(Model):
    """Query parameters of a pod's proxy."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodProxyOptions", required=True)
    path: str = field(1, "")
    """The path to ask the pod for."""


class ServiceProxyOptions(Model):
    """Query parameters of a service's proxy."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ServiceProxyOptions", required=True)
    path: str = field(1, "")
    """The path to ask the service for; what comes behind .../proxy in the URL."""
