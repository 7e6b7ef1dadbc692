"""A package of API types in one file per topic, where a name loads only the file that holds it (PEP 562).

What is never asked for costs no time and no memory: a program that reads ConfigMaps never loads the volumes of clouds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_demand(package: str, topics: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose `topics` are file names and the class names inside."""
    topic_of = {name: topic for topic, names in topics.items() for name in names.split()}

    def look_up(name: str) -> Any:
        if name not in topic_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{topic_of[name]}"), name)

    return look_up, lambda: sorted(topic_of)
