"""Texts of fields: one under every field of every class of the API, read from the source, shown in every document."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import machinery.api
from apiserver.openapi import gnostic, render, schemas
from apiserver.openapi.field_docs import field_docs
from apiserver.registry.kinds import strategies
from machinery.api.core.v1 import ConfigMapKeySelector, Pod, Volume
from machinery.api.meta.v1 import DeleteOptions, OwnerReference
from machinery.api.model import Model

ROWS = [strategy.resource for strategy in strategies(None, event_ttl=1)]  # type: ignore[arg-type]


def every_model() -> Iterator[type[Model]]:
    """All classes of the API's packages, served or not."""
    for module in pkgutil.walk_packages(machinery.api.__path__, "machinery.api."):
        if module.name.split(".")[3:4]:
            found = vars(import_module(module.name)).values()
            yield from (each for each in found if isinstance(each, type) and each.__module__ == module.name
                        and issubclass(each, Model))  # fmt: skip


MODELS = list(every_model())


def group(model: type[Model]) -> str:
    return model.__module__.split(".")[2]


def test_every_field_has_a_text() -> None:
    missing = [
        f"{group(model)}.{model.__name__}.{attr}"
        for model in MODELS
        for attr in model.model_fields.keys() - field_docs(model).keys()
    ]  # fmt: skip
    assert not missing


def test_texts_are_short_sentences() -> None:
    texts = {f"{model.__name__}.{name}": text for model in MODELS for name, text in field_docs(model).items()}
    assert [name for name, text in texts.items() if not text.endswith((".", "…"))] == []
    assert [name for name, text in texts.items() if not 8 < len(text) <= 300] == []


def test_texts_stand_under_fields_that_exist() -> None:
    for model in MODELS:
        assert not field_docs(model).keys() - model.model_fields.keys()


def test_a_base_explains_the_fields_it_brings() -> None:
    assert field_docs(Pod)["metadata"] and field_docs(Pod)["api_version"] == field_docs(DeleteOptions)["api_version"]


def test_a_reference_tells_of_the_kind_it_points_to() -> None:
    shape = schemas.schema(OwnerReference, schemas.V3)
    assert shape["required"] == ["apiVersion", "kind", "name", "uid"]
    assert shape["properties"]["kind"] != schemas.schema(Pod, schemas.V3)["properties"]["kind"]


@pytest.mark.parametrize("version", [render.version2, render.version3])
def test_documents_carry_them(version: Any) -> None:
    document = version([row for row in ROWS if row.api_version == "v1"])
    found = document.get("definitions") or document["components"]["schemas"]
    phase = found["io.k8s.api.core.v1.PodStatus"]["properties"]["phase"]
    assert "Pending" in phase["description"]
    if "definitions" in document:
        assert phase["description"].encode() in gnostic.document(document)


def test_strings_in_classes_are_not_kept_at_run_time() -> None:
    """They cost nothing at start: the compiler drops them, and pydantic does not collect them."""
    module = sys.modules[Volume.__module__]
    assert all(info.description is None for info in ConfigMapKeySelector.model_fields.values())
    code = compile(Path(module.__file__ or "").read_text(), "volume", "exec")
    kept = {const for inner in code.co_consts if hasattr(inner, "co_consts") for const in inner.co_consts}
    assert not kept & set(field_docs(Volume).values())
