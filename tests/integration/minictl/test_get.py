"""`minictl get` prints what `kubectl get` prints."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.minictl import rich
from tests.integration.minictl.sidebyside import SideBySide, judge, lines


@pytest.fixture(scope="module", autouse=True)
def objects(side: SideBySide) -> None:
    side.make(rich.CONFIG_MAP, rich.SECRET, rich.ACCOUNT, rich.NODE, rich.LEASE, rich.POD, rich.PLAIN_POD, rich.SERVICE,
              rich.HEADLESS, rich.ALIAS, rich.SLICE, rich.ENDPOINTS, rich.DEPLOYMENT)
    side.status("pod", "rich", rich.POD_STATUS)
    side.status("node", "worker-1", rich.NODE_STATUS)
    side.status("deployment", "shop", rich.DEPLOYMENT_STATUS)
    side.make(rich.replica_set("shop-1111", "shop:0", json.loads(side.do("get", "deploy", "shop", "-o", "json"))))


@pytest.mark.parametrize("words", lines("get"))
def test_gets_as_kubectl_does(side: SideBySide, words: str) -> None:
    side.same("get", *words.split())


@pytest.mark.parametrize("words", lines("documents"))
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_documents_are_byte_for_byte_equal(side: SideBySide, words: str, form: str) -> None:
    side.same("get", *words.split(), "-o", form)


@pytest.mark.parametrize("text", ["{.metadata.name}", "{.spec.containers[*].image}", "{.metadata.labels.app}{'\\n'}",
                                  "{.spec.containers[0].ports}", "{.status.podIP}", "{.spec.nothing}"])
def test_jsonpath(side: SideBySide, text: str) -> None:
    side.same("get", "pod", "rich", "-o", f"jsonpath={text}")


@pytest.mark.parametrize("text", ["{.items[*].metadata.name}",
                                  '{range .items[*]}{.metadata.name}{"\\t"}{.status.phase}{"\\n"}{end}',
                                  "{.items[0].spec.containers[-1:].name}",
                                  '{.items[?(@.metadata.name=="rich")].status.podIP}'])  # fmt: skip
def test_jsonpath_of_lists(side: SideBySide, text: str) -> None:
    side.same("get", "pods", "-o", f"jsonpath={text}")


def test_jsonpath_into_the_deep(side: SideBySide) -> None:
    """The order is that of Go's maps: none."""
    args = ("get", "pods", "-o", "jsonpath={..image}")
    assert sorted(side.kubectl(*args).out.split()) == sorted(side.minictl(*args).out.split())


def test_custom_columns(side: SideBySide) -> None:
    columns = "NAME:.metadata.name,NODE:.spec.nodeName,IMAGES:.spec.containers[*].image"
    side.same("get", "pods", "-o", f"custom-columns={columns}")
    side.same("get", "pod", "rich", "-o", f"custom-columns={columns}", "--no-headers")


def test_what_a_file_names(side: SideBySide, tmp_path: Path) -> None:
    file = tmp_path / "pod.json"
    file.write_text(json.dumps(rich.PLAIN_POD))
    side.same("get", "-f", str(file))
    side.same("get", "-f", str(file), "-o", "name")


@pytest.mark.parametrize("words", ["pods -w", "pods -o wide -w", "pods -A -w", "pod watched -w", "pods -w -o name",
                                   "pods --show-labels -w", "pods --watch-only", "pods -w --no-headers",
                                   "pods -w -o json"])
def test_watches_as_kubectl_does(side: SideBySide, words: str) -> None:
    """Both watch while a pod comes, changes and goes."""
    seen: list[list[str]] = [[], []]
    environment = {"KUBECONFIG": side.kubeconfig, "PYTHONPATH": ".", "HOME": "/nonexistent", "PYTHONUNBUFFERED": "1"}
    side.make({**rich.PLAIN_POD, "metadata": rich.meta("watched", labels={"run": "watched"})})
    programs = [[judge()], [sys.executable, "-m", "minictl"]]
    running = [subprocess.Popen([*program, "get", *words.split()], env=environment, stdout=subprocess.PIPE, text=True)
               for program in programs]
    readers = [threading.Thread(target=lambda p=p, lines=lines: lines.extend(p.stdout), daemon=True)
               for p, lines in zip(running, seen, strict=True)]
    for reader in readers:
        reader.start()
    try:
        _until(lambda: all(seen) or ("only" in words and side.do("label", "pod", "watched", f"n={time.monotonic()}",
                                                                 "--overwrite") == ""))
        side.do("label", "pod", "watched", "step=one")
        side.status("pod", "watched", {"phase": "Succeeded"})
        side.do("delete", "pod", "watched", "--force", "--grace-period=0")
        _until(lambda: len(seen[0]) > 2 and (len(seen[0]) == len(seen[1]) or "only" in words))
    finally:
        for process in running:
            process.kill()
            process.wait()
        side.do("delete", "pod", "watched", "--force", "--grace-period=0", "--ignore-not-found")
    plain = [[_without_ages(line, words) for line in lines] for lines in seen]
    if "only" in words:
        _until(lambda: plain_tail(seen, words)[0] == plain_tail(seen, words)[1])
        plain = plain_tail(seen, words)
    assert plain[0] == plain[1]


def plain_tail(seen: list[list[str]], words: str) -> list[list[str]]:
    """The last rows: which was the first to be seen is chance."""
    return [[_without_ages(line, words) for line in lines[-2:]] for lines in seen]


def _without_ages(line: str, words: str) -> str:
    """The cells of a row but for its age, which moves; in documents, the lines without numbers."""
    if "json" in words:
        return "" if any(sign.isdigit() for sign in line) else line
    cells = line.split()
    return " ".join(cells if "name" in words else [cell for cell in cells if not cell[0].isdigit()])


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 6
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
