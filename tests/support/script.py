"""Scripts of kubectl commands with what they must print: test and documentation at once.

    $ create configmap c --from-literal=a=b       it succeeds, and every line below is somewhere in what it prints
    configmap/c created
    ! get pod nobody                              it fails
    ~ get pods                                    it is repeated until it succeeds and prints all of them
    $1.24- create token robot                     only from that version on; $-1.23 only up to that one
    < web.yaml                                    its standard input is that file, which lies beside the script
    EDITOR sed -i s/a/b/                          what `edit` opens
    not: NotFound                                 this must not be there

{ns} stands for the namespace that the script runs in, {dir} for a folder of its own, {version} for 1-32 and its like.
Runs of blanks count as one.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

MARK = re.compile(r"([$!~])(\d\.\d+)?(-)?(\d\.\d+)? (.*)")
PATIENCE = 90.0


@dataclass
class Step:
    """One command."""

    line: int
    mark: str
    words: str
    since: int = 0
    until: int = 999
    expected: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    stdin: str = ""
    editor: str = ""


def parse(text: str) -> list[Step]:
    """The steps of a script."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := MARK.fullmatch(line):
            mark, first, dash, last, words = match.groups()
            since, until = _minor(first, 0), _minor(last, 999 if dash or not first else _minor(first, 0))
            steps.append(Step(number, mark, words, since, until))
        elif line.strip() and not line.startswith("#"):
            _describe(steps[-1], line.strip())
    return steps


def _minor(version: str | None, default: int) -> int:
    return int(version.partition(".")[2]) if version else default


def _describe(step: Step, line: str) -> None:
    """A line below a command."""
    if line.startswith("< "):
        step.stdin = line[2:]
    elif line.startswith("EDITOR "):
        step.editor = line.removeprefix("EDITOR ")
    elif line.startswith("not: "):
        step.forbidden.append(line.removeprefix("not: "))
    else:
        step.expected.append(line)


@dataclass(frozen=True)
class Runner:
    """One kubectl in one namespace."""

    binary: str
    version: str
    kubeconfig: str
    namespace: str
    folder: Path
    """For what commands write."""
    files: Path
    """Where manifests lie."""
    cache: Path | None = None
    """Where discovery is remembered, if not in the folder."""

    def run(self, script: Path) -> list[str]:
        """Every step in its order; what went wrong first, in words (nothing follows a failure)."""
        for step in parse(script.read_text()):
            if step.since <= _minor(self.version, 0) <= step.until and (wrong := self._until_right(step)):
                return [f"{script.name}:{step.line}: kubectl {self.version} {step.words}\n{wrong}"]
        return []

    def _until_right(self, step: Step) -> str:
        deadline = time.monotonic() + PATIENCE
        while wrong := self._once(step):
            if step.mark != "~" or time.monotonic() > deadline:
                return wrong
            time.sleep(0.2)
        return ""

    def _once(self, step: Step) -> str:
        """What is wrong with what the command did; empty when nothing is."""
        done = self._call(step)
        printed = done.stdout + done.stderr
        told = squeeze(printed)
        if bool(done.returncode) != (step.mark == "!"):
            return f"exit code {done.returncode}:\n{printed}"
        missing = [each for each in step.expected if squeeze(self._fill(each)) not in told]
        surplus = [each for each in step.forbidden if squeeze(self._fill(each)) in told]
        return f"missing {missing}, unwanted {surplus} in:\n{printed}" if missing or surplus else ""

    def _call(self, step: Step) -> subprocess.CompletedProcess[str]:
        flags = f"--cache-dir={self.cache or self.folder / 'cache'}", f"--namespace={self.namespace}"
        command = [self.binary, *flags, *shlex.split(self._fill(step.words))]
        stdin = self._fill((self.files / step.stdin).read_text()) if step.stdin else ""
        environment = {**os.environ, "KUBECONFIG": self.kubeconfig, "HOME": str(self.folder)}
        environment |= {"KUBE_EDITOR": self._fill(step.editor)} if step.editor else {}
        return subprocess.run(command, input=stdin, env=environment, cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False)

    def _fill(self, text: str) -> str:
        values = {"ns": self.namespace, "dir": str(self.folder), "version": self.version.replace(".", "-")}
        return re.sub(r"\{(ns|dir|version)\}", lambda match: values[match[1]], text)


def squeeze(text: str) -> str:
    """With runs of blanks as one."""
    return re.sub(r"[ \t]+", " ", text)
