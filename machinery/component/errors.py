"""The one error that a component may end with on purpose.

Watches and writes nothing. Real components call klog.Fatal or os.Exit where they find the trouble; here it is raised,
so that everything on the way is closed, and run.py ends the process.
"""

from __future__ import annotations


class FatalError(Exception):
    """It makes no sense to go on: the text says what is wrong and, if that is known, what to do."""
