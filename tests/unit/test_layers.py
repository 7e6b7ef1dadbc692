"""Who may import whom, and the sizes and habits that the linter holds: both are contracts of the house."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_layers() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    result = run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stdout + result.stderr


def test_style() -> None:
    result = run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    assert result.returncode == 0, result.stdout


def test_files_and_functions_stay_small() -> None:
    listed = run("git", "ls-files", "-co", "--exclude-standard", "*.py").stdout.split()
    sizes = {name: len((ROOT / name).read_text().splitlines()) for name in listed if (ROOT / name).exists()}
    assert {name: size for name, size in sizes.items() if size > 500} == {}
