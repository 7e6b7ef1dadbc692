"""The static token file: CSV lines of token, user, uid and optionally "group1,group2". Read once, at start.

Real Kubernetes: authentication/token/tokenfile in k8s.io/apiserver.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable
from pathlib import Path

from apiserver.authentication.authenticator import Answer, Audiences, TokenAuthenticator
from apiserver.user import User, with_authenticated

log = logging.getLogger(__name__)


class TokenFileError(Exception):
    """What is wrong with the file, in words for whoever wrote it."""


def token_file(path: str, api_audiences: Audiences) -> TokenAuthenticator:
    """Knows the tokens of this file."""
    try:
        users = users_of(Path(path).read_text().splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise TokenFileError(f"cannot read {path}: {error}") from None

    async def authenticate(token: str, audiences: Audiences) -> Answer | None:
        user = users.get(token)
        meant = tuple(each for each in audiences if each in api_audiences)
        return Answer(user, meant) if user is not None and meant else None

    return authenticate


def users_of(lines: Iterable[str]) -> dict[str, User]:
    """Token -> user. The line is named when it is wrong, never the token."""
    found: dict[str, User] = {}
    for number, row in enumerate(csv.reader(lines, skipinitialspace=True), 1):
        if not row:
            continue
        if len(row) < 3:
            raise TokenFileError(
                f"token file, record {number}: want at least 3 columns (token, user name, user uid), found {len(row)}"
            )
        token, name, uid, *rest = row
        if not token:
            log.warning("token file, record %s: empty token, ignored", number)
            continue
        if token in found:
            log.warning("token file, record %s: token given before, the later record counts", number)
        groups = [group.strip() for group in rest[0].split(",") if group.strip()] if rest else []
        found[token] = User(name, with_authenticated(groups), uid)
    return found
