"""Settings of the whole run.

Property tests promise correctness, not speed: a busy machine must not fail them. Components that tests start look for
cached objects that somebody changed.
"""

from __future__ import annotations

import os

from hypothesis import settings

os.environ.setdefault("MINI_DETECT_MUTATIONS", "1")
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
