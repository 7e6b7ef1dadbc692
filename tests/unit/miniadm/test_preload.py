"""What is shared by forks: nothing with threads, and only while the disk agrees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]
_LOAD = """
import gc, os, sys
from miniadm import preload
preload.load()
print(len(os.listdir("/proc/self/task")), gc.get_freeze_count() > 10000, preload.is_current())
print(sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
path = next(path for path in preload._as_loaded if path.endswith("rest.py"))
preload._as_loaded[path] -= 1
print(preload.is_current())
"""
COMPONENTS = ("apiserver", "scheduler", "controllers", "kubelet", "kubeproxy", "addons", "grpc", "pyroute2")


def test_shared_imports_leave_one_thread_and_no_component():
    command = [sys.executable, "-c", _LOAD, *COMPONENTS]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1 True True", "[]", "False"]
