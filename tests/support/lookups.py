"""What admission plugins look things up with, for tests: kinds as lists of plain objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apiserver.admission.chain import Lookups

Doc = dict[str, Any]


class Known:
    """The objects of one kind."""

    def __init__(self, *objects: Doc) -> None:
        self.objects = list(objects)

    @property
    def any(self) -> bool:
        return bool(self.objects)

    async def of(self, namespace: str = "") -> Sequence[Doc]:
        return [each for each in self.objects if each["metadata"].get("namespace", "") == namespace or not namespace]

    async def named(self, name: str, namespace: str = "") -> Doc | None:
        return next((each for each in await self.of(namespace) if each["metadata"]["name"] == name), None)

    async def use(self, namespace: str, name: str, change: Callable[[Doc], dict[str, str]]) -> None:
        if (quota := await self.named(name, namespace)) is not None:
            quota["status"]["used"] = change(quota)


def lookups_with(**known: Any) -> Lookups:
    """Whatever is not given is empty; `objects` are given by plural."""
    objects = {plural: Known(*listed) for plural, listed in known.pop("objects", {}).items()}
    nothing = Known()
    given = {"namespaces": nothing, "accounts": nothing, "priority_classes": nothing, "quotas": nothing, **known}
    return Lookups(objects=lambda plural, group="", keep=True: objects.setdefault(plural, Known()), **given)
