"""Nine processes start at once: what none of them needs at first, none may import at first."""

import subprocess
import sys

import pytest

CHECK = """
import sys
import machinery.client.controller, machinery.client.events, machinery.client.leases, machinery.client.config
import machinery.component.health, machinery.component.run
print(*(name for name in {names!r} if name in sys.modules))
"""


@pytest.mark.parametrize("names", [
    ("aiohttp.web", "yaml", "cryptography", "grpc", "google.protobuf", "aetcd", "pyroute2", "docker", "uvloop"),
    ("machinery.api.core.v1.pod", "machinery.api.apps.v1", "machinery.api.protobuf"),
])
def test_the_client_imports_only_what_every_component_needs(names: tuple[str, ...]) -> None:
    code = CHECK.format(names=names)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
