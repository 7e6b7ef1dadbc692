"""What /version says. kubectl as some distributions ship it picks its own version by this one.

Real Kubernetes: k8s.io/apimachinery/pkg/version.
"""

from __future__ import annotations

import platform

from machinery.component.version import RELEASE, architecture

_MAJOR, _MINOR = RELEASE.removeprefix("v").split(".")[:2]

INFO = {
    "major": _MAJOR,
    "minor": _MINOR,
    "gitVersion": RELEASE,
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": f"python{platform.python_version()}",
    "compiler": platform.python_implementation(),
    "platform": f"linux/{architecture()}",
}
