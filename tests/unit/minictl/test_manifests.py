"""Reading manifests, and the mistakes that learners make in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from minictl.failure import Failure
from minictl.manifests import read


def written(tmp_path: Path, text: str, name: str = "m.yaml") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_several_documents_lists_and_folders(tmp_path: Path) -> None:
    written(tmp_path, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\n", "1.yaml")
    written(tmp_path, '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Node"}]}', "2.json")
    written(tmp_path, "not a manifest", "README.md")
    assert [one.document["kind"] for one in read([str(tmp_path)])] == ["Pod", "Pod", "Node"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: Pod\nmetadata: {name: x}\n", "apiVersion not set"),
        ("apiVersion: v1\nmetadata: {name: x}\n", "kind not set"),
        ("apiVersion: v1\nkind: Pod\nmetadata: name\n", "metadata must be a mapping"),
        ("- just\n- a list\n", "a manifest is a mapping"),
        ("a: 1\n b: 2: 3\n", "line 2"),
        ("kind: Secret\npassword: x\ndata: {}\n", "'password' at the root: check the indentation"),
        ("apiVersion: v1\nkind: Service\nspec: {clusterIP: « 10.0.0.1 »}\n", "typographic quotes"),
        ("", "no objects passed"),
    ],
)
def test_mistakes_say_what_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=said.replace("(", r"\(")):
        read([written(tmp_path, text)])
