"""Classes for kinds that nothing here describes: their metadata, and where they live. Made from discovery.

The garbage collector works with these as with any other class. In Kubernetes: client-go's metadata client.
"""

from __future__ import annotations

from typing import Any, ClassVar

from controllers.discovery import Served
from machinery.api.meta.v1 import PartialObjectMetadata
from machinery.api.scheme import Resource


def model_for(served: Served) -> type[PartialObjectMetadata]:
    """A class whose `row` says what it is of."""
    row = Resource(served.group, served.version, served.kind, served.plural, namespaced=served.namespaced)
    facts: dict[str, Any] = {"row": row, "__annotations__": {"row": ClassVar[Resource]}, "__module__": __name__}
    return type(served.kind, (PartialObjectMetadata,), facts)
