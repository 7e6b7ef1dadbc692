"""Columns, YAML and JSON as kubectl lays them out."""

from __future__ import annotations

from minictl import printers

ANSWER = {
    "columnDefinitions": [
        {"name": "Name"}, {"name": "Ready"}, {"name": "IP", "priority": 1}, {"name": "Age"},
    ],
    "rows": [
        {"cells": ["web", "1/1", "10.0.0.1", "5s"],
         "object": {"metadata": {"name": "web", "namespace": "default", "labels": {"b": "2", "a": "1"}}}},
        {"cells": ["a-much-longer-name", "0/1", None, "3d"],
         "object": {"metadata": {"name": "a-much-longer-name", "namespace": "dev"}}},
    ],
}  # fmt: skip


def test_columns_keep_three_blanks_and_no_trailing_ones() -> None:
    assert printers.columns(printers.table(ANSWER)) == (
        "NAME                 READY   AGE\n"
        "web                  1/1     5s\n"
        "a-much-longer-name   0/1     3d"
    )  # fmt: skip


def test_a_column_is_at_least_six_wide() -> None:
    assert printers.columns([["A", "B"], ["1", "2"]]) == "A     B\n1     2"


def test_wide_namespaces_labels_and_prefix() -> None:
    rows = printers.table(ANSWER, wide=True, namespaces=True, labels=True, prefix="pod/", headers=False)
    assert rows == [
        ["default", "pod/web", "1/1", "10.0.0.1", "5s", "a=1,b=2"],
        ["dev", "pod/a-much-longer-name", "0/1", "<none>", "3d", "<none>"],
    ]


def test_documents_for_people_hide_managed_fields() -> None:
    document = {"metadata": {"name": "x", "managedFields": [1]}}
    assert printers.for_people(document) == {"metadata": {"name": "x"}}
    assert printers.as_json(printers.listing([document])).startswith('{\n    "apiVersion": "v1",\n    "items": [')
