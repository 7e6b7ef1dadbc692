"""ConfigMap and Secret."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Bytes, Object, field


class ConfigMap(Object):
    """Configuration as pairs of text, for pods to read."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ConfigMap", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    immutable: bool | None = field(4, None)
    data: dict[str, str] = field(2, {})
    binary_data: dict[str, Bytes] = field(3, {})


class Secret(Object):
    """Like a ConfigMap, for what must not be seen: bytes in base64."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Secret", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    immutable: bool | None = field(5, None)
    data: dict[str, Bytes] = field(2, {})
    string_data: dict[str, str] = field(4, {})
    type: str = field(3, "")
