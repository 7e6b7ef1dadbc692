"""The file that configures plugins: where each finds its own part, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from apiserver.admission.configuration import Mistaken, read

KNOWN = ("EventRateLimit", "PodSecurity")
HEAD = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration"}


def written(folder: Path, *plugins: Any, **more: Any) -> str:
    file = folder / "admission.yaml"
    file.write_text(yaml.safe_dump({**HEAD, "plugins": list(plugins), **more}))
    return str(file)


def test_each_plugin_finds_its_part_here_or_in_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("kind: PodSecurityConfiguration\n")
    rows = ({"name": "EventRateLimit", "configuration": {"kind": "x"}}, {"name": "PodSecurity", "path": "other.yaml"})
    found = read(written(tmp_path, *rows), KNOWN)
    assert found == {"EventRateLimit": {"kind": "x"}, "PodSecurity": {"kind": "PodSecurityConfiguration"}}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{"name": "Nobody", "configuration": {}}], r'plugins\[0\].name: Unsupported value: "Nobody": supp'),
        ([{"name": "PodSecurity"}], r"plugins\[0\]: neither path nor configuration is given"),
        ([{"name": "PodSecurity", "configuration": {"a": 1}, "path": "x"}], "only one of path and configuration"),
        ([{"name": "PodSecurity", "path": "missing.yaml"}], "No such file"),
        ([{"name": "PodSecurity", "configuration": {"a": 1}}] * 2, r'plugins\[1\].name: Duplicate value: "PodS'),
        (["PodSecurity"], "must be a list of objects"),
    ],
)
def test_mistakes(tmp_path: Path, rows: list[Any], why: str) -> None:
    with pytest.raises(Mistaken, match=why):
        read(written(tmp_path, *rows), KNOWN)


def test_another_kind_or_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(Mistaken, match=r"no AdmissionConfiguration of apiserver\.config\.k8s\.io/v1"):
        read(written(tmp_path, kind="Policy"), KNOWN)
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(Mistaken, match=r"bad\.yaml"):
        read(str(tmp_path / "bad.yaml"), KNOWN)
