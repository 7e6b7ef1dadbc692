"""The static token file."""

from __future__ import annotations

from pathlib import Path

import pytest

from apiserver.authentication.token_file import TokenFileError, token_file, users_of
from apiserver.user import User


def test_lines() -> None:
    found = users_of(['t1,jane,7,"devs, ops"', "", "t2,joe,8", ",nobody,9"])
    assert found == {
        "t1": User("jane", ("devs", "ops", "system:authenticated"), "7"),
        "t2": User("joe", ("system:authenticated",), "8"),
    }
    with pytest.raises(TokenFileError, match=r"record 2: want at least 3 columns .* found 2") as error:
        users_of(["t1,jane,7", "verysecret,joe"])
    assert "verysecret" not in str(error.value)


async def test_only_for_the_api_itself(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("t1,jane,7\n")
    knows = token_file(str(tmp_path / "t.csv"), ("api",))
    answer = await knows("t1", ("api", "vault"))
    assert answer is not None and answer.audiences == ("api",)
    assert await knows("t1", ("vault",)) is None and await knows("t2", ("api",)) is None
    with pytest.raises(TokenFileError, match="cannot read"):
        token_file(str(tmp_path / "missing"), ("api",))
