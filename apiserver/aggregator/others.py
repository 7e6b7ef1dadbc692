"""What discovery and OpenAPI shall tell beyond what is served here, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apiserver.aggregator.priorities import GroupVersion, Priority

Doc = dict[str, Any]


@dataclass(frozen=True)
class Others:
    """Of extension servers, and what APIServices say of the order."""

    priorities: Mapping[GroupVersion, Priority] = field(default_factory=dict)
    versions: Mapping[GroupVersion, Doc] = field(default_factory=dict)
    """Entries of aggregated discovery."""
    locations: Mapping[str, str] = field(default_factory=dict)
    """Where the OpenAPI v3 of `apis/GROUP/VERSION` is to be had."""
    documents: tuple[Doc, ...] = ()
    """Documents of OpenAPI v2, each no more than a group's part."""


NOBODY = Others()
