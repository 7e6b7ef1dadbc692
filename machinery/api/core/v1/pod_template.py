"""PodTemplate."""

from machinery.api.core.v1.pod import PodTemplateSpec
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Object, field


class PodTemplate(Object):
    """A pod template as an object of its own."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PodTemplate", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    template: PodTemplateSpec = field(2, PodTemplateSpec)
    """The template itself; no controller reads it from here."""
