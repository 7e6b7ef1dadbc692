"""ConfigMap and Secret."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Bytes, Object, field


class ConfigMap(Object):
    """Configuration as pairs of text, for pods to read."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ConfigMap", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    immutable: bool | None = field(4, None)
    """Whether data may never change again; kubelets then need not watch it. It cannot be unset."""
    data: dict[str, str] = field(2, {})
    """Text by key. Keys are letters, digits, -, _ and dots; all together at most 1 MiB."""
    binary_data: dict[str, Bytes] = field(3, {})
    """Like data, for bytes that are no UTF-8 text, in base64. No key may be in both."""


class Secret(Object):
    """Like a ConfigMap, for what must not be seen: bytes in base64."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Secret", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    immutable: bool | None = field(5, None)
    """Whether data may never change again; kubelets then need not watch it. It cannot be unset."""
    data: dict[str, Bytes] = field(2, {})
    """Bytes by key, in base64, which hides nothing. All together at most 1 MiB."""
    string_data: dict[str, str] = field(4, {})
    """Plain text by key, for writing only: the server moves it into data, where it wins over equal keys."""
    type: str = field(3, "")
    """What the keys mean, such as kubernetes.io/tls. Default Opaque: anything. It cannot be changed."""
