"""Who asks: a name and groups, as authentication found them.

Real Kubernetes: k8s.io/apiserver/pkg/authentication/user.
"""

from __future__ import annotations

from dataclasses import dataclass

ANONYMOUS_NAME = "system:anonymous"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"


@dataclass(frozen=True, slots=True)
class User:
    """A user as every later step sees it."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""

    @property
    def anonymous(self) -> bool:
        return self.name == ANONYMOUS_NAME


ANONYMOUS = User(ANONYMOUS_NAME, (UNAUTHENTICATED,))
ITSELF = User("system:apiserver", ("system:masters", AUTHENTICATED))
