"""minictl and the real kubectl, asked the same of the same server.

    side = SideBySide(kubeconfig)
    side.same("describe", "pod", "web")     # fails with a diff unless stdout, stderr and exit code are equal

Ages move between two calls: where both show one, both are made `AGE`.
"""

from __future__ import annotations

import atexit
import contextlib
import difflib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from minictl.__main__ import main
from tests.support.kubectl import binaries

AGE = re.compile(r"\b(?:\d+[dhmy])?\d+[smhdy]\b(?=\s|$|\))", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What a command printed and its exit code."""

    out: str
    err: str
    code: int

    @property
    def text(self) -> str:
        return f"{self.out}--- stderr\n{self.err}--- exit {self.code}\n"


def lines(name: str) -> list[str]:
    """The commands of one file of `commands/`, one per line."""
    return (Path(__file__).parent / "commands" / f"{name}.txt").read_text().splitlines()


@cache
def judge() -> str:
    """The kubectl whose output ours equals: 1.32, else the newest. As `kubectl`: it prints its file's name."""
    found = binaries()
    link = Path(tempfile.mkdtemp(prefix="kubectl-")) / "kubectl"
    link.symlink_to(found.get("1.32") or [*found.values()][-1])
    atexit.register(shutil.rmtree, link.parent)
    return str(link)


class SideBySide:
    """Both programs with one kubeconfig."""

    def __init__(self, kubeconfig: str) -> None:
        self.kubeconfig = kubeconfig

    def kubectl(self, *args: str, stdin: str | None = None) -> Result:
        environment = {**os.environ, "KUBECONFIG": self.kubeconfig}
        done = subprocess.run([judge(), *args], input=stdin or "", env=environment, capture_output=True, text=True,
                              timeout=60, check=False)
        return Result(done.stdout, done.stderr, done.returncode)

    def minictl(self, *args: str, stdin: str | None = None) -> Result:
        out, err = io.StringIO(), io.StringIO()
        with (_kubeconfig(self.kubeconfig), _stdin(stdin or ""), contextlib.redirect_stdout(out),
              contextlib.redirect_stderr(err)):
            try:
                code = main([*args])
            except SystemExit as stop:
                code = int(stop.code or 0)
        return Result(out.getvalue(), err.getvalue(), code)

    def same(self, *args: str, normal: Callable[[str], str] = lambda text: text) -> str:
        """Equal texts, else AssertionError; kubectl's text, so that a test can see that it says something."""
        theirs, ours = self.kubectl(*args), self.minictl(*args)
        expect(_plain(normal(theirs.text)), _plain(normal(ours.text).replace("minictl", "kubectl")), args)
        return theirs.text

    def each(self, *args: str, stdin: str | None = None, normal: Callable[[str], str] = lambda text: text) -> str:
        """As `same`, for commands that write: kubectl works in namespace theirs, minictl in ours (`{ns}` in args)."""
        texts = []
        for run, namespace in ((self.kubectl, "theirs"), (self.minictl, "ours")):
            done = run(*(arg.replace("{ns}", namespace) for arg in (*args, "-n", namespace)), stdin=stdin)
            texts.append(normal(done.text).replace(namespace, "{ns}").replace("minictl", "kubectl"))
        expect(_plain(texts[0]), _plain(texts[1]), args)
        return texts[0]

    def do(self, *args: str, stdin: str | None = None) -> str:
        """kubectl, which must succeed: to prepare something."""
        done = self.kubectl(*args, stdin=stdin)
        assert done.code == 0, done.text
        return done.out

    def status(self, kind: str, name: str, status: dict[str, Any], namespace: str = "default") -> None:
        """Writes a status, as a controller or a kubelet would."""
        self.do("patch", kind, name, "-n", namespace, "--subresource=status", "--type=merge", "-p",
                json.dumps({"status": status}))

    def make(self, *documents: dict[str, Any]) -> None:
        """Creates objects."""
        listed = {"apiVersion": "v1", "kind": "List", "items": [*documents]}
        self.do("create", "--validate=false", "-f", "-", stdin=json.dumps(listed))


def expect(theirs: str, ours: str, args: object) -> None:
    """Fails with a readable difference."""
    if theirs != ours:
        lines = difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "kubectl", "minictl", lineterm="", n=2)
        raise AssertionError(f"{args}\n" + "\n".join(lines))


def _plain(text: str) -> str:
    """Ages hidden, with the blanks after them: their width may change a column's."""
    return re.sub(r" +AGE +", " AGE ", AGE.sub("AGE", text))


@contextlib.contextmanager
def _kubeconfig(path: str) -> Iterator[None]:
    before = os.environ.get("KUBECONFIG")
    os.environ["KUBECONFIG"] = path
    try:
        yield
    finally:
        os.environ.pop("KUBECONFIG")
        if before is not None:
            os.environ["KUBECONFIG"] = before


@contextlib.contextmanager
def _stdin(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = before
