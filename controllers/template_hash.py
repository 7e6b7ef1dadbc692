"""The hash that names a pod template: `web` + template -> `web-7c97cd8fc4`.

Pure. In Kubernetes: ComputeHash in pkg/controller and SafeEncodeString in apimachinery; the value differs from
theirs (they hash Go's own print of the struct), the shape is the same: up to ten characters that spell no words.
"""

from __future__ import annotations

from machinery.api.core.v1 import PodTemplateSpec

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
FNV_OFFSET, FNV_PRIME = 0x811C9DC5, 0x01000193
LABEL = "pod-template-hash"


def fnv32a(text: bytes) -> int:
    """FNV-1a: small, stable, and good enough to tell templates apart."""
    value = FNV_OFFSET
    for byte in text:
        value = (value ^ byte) * FNV_PRIME & 0xFFFFFFFF
    return value


def safe_encode(text: str) -> str:
    """Each character becomes one without vowels, so that no name is a bad word."""
    return "".join(ALPHABET[ord(character) % len(ALPHABET)] for character in text)


def template_hash(template: PodTemplateSpec, collisions: int | None = None) -> str:
    """Equal templates have equal hashes; the collision count moves on when two different ones met."""
    suffix = b"" if collisions is None else str(collisions).encode()
    return safe_encode(str(fnv32a(_stable_json(template) + suffix)))


def without_hash(template: PodTemplateSpec) -> PodTemplateSpec:
    """The template as the user wrote it."""
    labels = {name: value for name, value in template.metadata.labels.items() if name != LABEL}
    return template.replace(metadata=template.metadata.replace(labels=labels))


def same_template(left: PodTemplateSpec, right: PodTemplateSpec) -> bool:
    """Whether two templates make the same pods."""
    return without_hash(left) == without_hash(right)


def _stable_json(template: PodTemplateSpec) -> bytes:
    import orjson

    return orjson.dumps(template.to_dict(), option=orjson.OPT_SORT_KEYS)
