"""What /version says. kubectl as some distributions ship it picks its own version by this one.

Real Kubernetes: k8s.io/apimachinery/pkg/version.
"""

from __future__ import annotations

import platform

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

INFO = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.13",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": f"python{platform.python_version()}",
    "compiler": platform.python_implementation(),
    "platform": f"linux/{_ARCHITECTURES.get(platform.machine(), platform.machine())}",
}
