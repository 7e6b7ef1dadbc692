"""Which Kubernetes this is: every component reports this release, and this processor in Kubernetes' own words.

In Kubernetes: k8s.io/component-base/version.
"""

from __future__ import annotations

import platform

RELEASE = "v1.32.13"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "riscv64": "riscv64"}


def architecture() -> str:
    """amd64, arm64, ..."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())
