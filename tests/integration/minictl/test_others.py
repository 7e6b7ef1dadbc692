"""Commands about the cluster and the client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.minictl.sidebyside import SideBySide, lines


@pytest.mark.parametrize("words", lines("others"))
def test_says_what_kubectl_says(side: SideBySide, words: str) -> None:
    side.same(*words.split())


def test_version(side: SideBySide) -> None:
    theirs = side.kubectl("version").out.splitlines()
    ours = side.minictl("version").out.splitlines()
    assert [line.split(":")[0] for line in theirs if "Kustomize" not in line] == [line.split(":")[0] for line in ours]
    assert theirs[-1] == ours[-1]


def test_a_server_that_is_not_there(side: SideBySide, tmp_path: Path) -> None:
    """kubectl tries several times to learn what the server serves, and says each time that it could not."""
    file = tmp_path / "kubeconfig"
    file.write_text('{"clusters":[{"name":"a","cluster":{"server":"https://127.0.0.1:1"}}],"contexts":[{"name":"a",'
                    '"context":{"cluster":"a","user":"a"}}],"users":[{"name":"a","user":{"token":"t"}}],'
                    '"current-context":"a"}')
    lonely = SideBySide(str(file))
    theirs, ours = lonely.kubectl("get", "pods"), lonely.minictl("get", "pods")
    assert (theirs.err.splitlines()[-1], theirs.code) == (ours.err.strip(), ours.code)
