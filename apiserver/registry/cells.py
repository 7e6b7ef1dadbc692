"""Cells that several tables share: labels, lists of containers, access modes. Pure.

Real Kubernetes: apimachinery's FormatLabels and FormatLabelSelector, pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from machinery.api import labels
from machinery.api.core.v1 import PodTemplateSpec
from machinery.api.errors import ApiError
from machinery.api.meta.v1 import LabelSelector

NONE, UNSET = "<none>", "<unset>"


def label_cell(pairs: Mapping[str, str]) -> str:
    """`a=1,b=2`, in order of the keys."""
    return ",".join(f"{key}={value}" for key, value in sorted(pairs.items())) or NONE


def selector_cell(selector: LabelSelector | None) -> str:
    """A label selector as one would type it."""
    if selector is None:
        return NONE
    try:
        return str(labels.from_label_selector(selector)) or NONE
    except ApiError:
        return "<error>"


def container_cells(template: PodTemplateSpec | None) -> tuple[str, str]:
    """The CONTAINERS and IMAGES cells of kinds with a template."""
    containers = template.spec.containers if template is not None else ()
    return ",".join(each.name for each in containers), ",".join(each.image for each in containers)
