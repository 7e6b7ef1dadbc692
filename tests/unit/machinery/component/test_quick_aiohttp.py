import os
import subprocess
import sys

CHECK = """
import os
before = dict(os.environ)
from machinery.component.quick_aiohttp import aiohttp
from aiohttp import connector
assert dict(os.environ) == before
print(len(connector._SSL_CONTEXT_VERIFIED.get_ca_certs()))
"""


def test_importing_aiohttp_reads_no_certificates_and_leaves_the_environment_alone() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT")}
    done = subprocess.run([sys.executable, "-c", CHECK], env=clean, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
