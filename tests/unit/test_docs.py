"""What README and docs/ name must exist: functions (by ast, nothing is imported), files, links, the two commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = (README, *sorted((ROOT / "docs").glob("*.md")))

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
REFERENCE = re.compile(r"([\w/]+\.py)::(\w+(?:\.\w+)?)")
REPOSITORY_PATH = re.compile(r"\w[\w.-]*(?:/[\w.-]+)+\.[a-z]+|\w+(?:/\w+)*/")
BARE_FILE = re.compile(r"\w+\.py")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
LINE_NUMBER = re.compile(r"\.py:\d")


def prose(document: Path) -> str:
    """The text without its code blocks, whose contents are commands and outputs."""
    return FENCE.sub("", document.read_text())


def quoted(document: Path) -> Iterator[str]:
    """Everything between backticks."""
    yield from QUOTED.findall(prose(document))


@cache
def defined(path: Path) -> frozenset[str]:
    """Functions, classes and variables at the top of a module; `Class.member` for what is inside a class."""
    return frozenset(_names(ast.parse(path.read_text()).body))


def _names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef():
                yield prefix + node.name
                yield from _names(node.body, f"{node.name}.")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield prefix + node.name
            case ast.Assign():
                yield from (prefix + target.id for target in node.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name


def resolves(reference: str) -> bool:
    """`package/file.py::name` or `package/file.py::Class.member`, written so and there."""
    parts = REFERENCE.fullmatch(reference)
    return bool(parts) and (ROOT / parts[1]).is_file() and parts[2] in defined(ROOT / parts[1])


def test_every_function_named_is_there() -> None:
    named = [(document.name, text) for document in DOCS for text in quoted(document) if "::" in text]
    # A reference that begins with `package/` explains the notation itself.
    named = [(where, text) for where, text in named if not text.startswith("package/")]
    assert len(named) > 50, "the walk through the source has lost its references"
    assert [(where, text) for where, text in named if not resolves(text)] == []


def test_every_path_named_is_there() -> None:
    named = [(document.name, text) for document in DOCS for text in quoted(document) if REPOSITORY_PATH.fullmatch(text)]
    assert [(where, path) for where, path in named if not (ROOT / path).exists()] == []


def test_every_bare_file_lies_beside_the_path_before_it() -> None:
    """README's table shortens: `scheduler/algorithm.py`, `filters.py`."""
    lost = []
    for document in DOCS:
        for line in prose(document).splitlines():
            folder = ROOT
            for text in QUOTED.findall(line):
                if REPOSITORY_PATH.fullmatch(text):
                    folder = (ROOT / text).parent
                elif BARE_FILE.fullmatch(text) and not (folder / text).is_file():
                    lost.append((document.name, text))
    assert lost == [(README.name, name) for name in ("__main__.py", "config.py")], "these two are in every component"


def test_every_link_leads_somewhere() -> None:
    links = [(document, target) for document in DOCS for target in LINK.findall(prose(document))]
    assert [(source.name, target) for source, target in links if not (source.parent / target).exists()] == []


def test_no_line_numbers() -> None:
    assert [document.name for document in DOCS if LINE_NUMBER.search(document.read_text())] == []


def test_readme_names_the_two_commands() -> None:
    words = README.read_text()
    assert "`./mini up`" in words
    assert "./mini test" in words


def test_every_component_has_the_anatomy_that_readme_promises() -> None:
    components = ("apiserver", "controllers", "scheduler", "kubelet", "kubeproxy", "addons/network")
    missing = [f"{name}/{file}" for name in components for file in ("__main__.py", "config.py")
               if not (ROOT / name / file).is_file()]  # fmt: skip
    assert missing == []


def test_a_wrong_reference_is_found() -> None:
    assert resolves("scheduler/algorithm.py::schedule")
    assert resolves("apiserver/storage/etcd.py::EtcdStorage.create")
    assert resolves("scheduler/filters.py::FILTERS")
    assert not resolves("scheduler/algorithm.py::no_such_function")
    assert not resolves("scheduler/algorithm.py::FitError.no_such_member")
    assert not resolves("scheduler/no_such_file.py::schedule")
