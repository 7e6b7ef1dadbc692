import shlex
from dataclasses import dataclass, field

import pytest

from machinery.component.flags import ComponentConfig, field_docs, seconds


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """A component of these tests."""

    node_name: str
    """The name
    of 100% of the node."""
    grace: float = 40.0
    """How long to wait."""
    enabled: bool = False
    """Whether to."""
    taints: tuple[str, ...] = ()
    """Several."""
    labels: dict[str, str] = field(default_factory=dict)
    """Pairs."""
    host: str | None = None


def test_defaults() -> None:
    config = Config.from_args(["--node-name", "a"])
    assert config == Config(node_name="a")
    assert (config.v, config.health_port, config.labels) == (0, 0, {})


def test_every_type() -> None:
    argv = shlex.split("--node-name=a --grace=1m30s --enabled --taints=x:NoSchedule,y --labels a=b,c= --host h --v=4")
    assert Config.from_args(argv) == Config(
        node_name="a", grace=90.0, enabled=True, taints=("x:NoSchedule", "y"), labels={"a": "b", "c": ""}, host="h", v=4
    )


def test_a_list_may_be_given_in_several_flags() -> None:
    assert Config.from_args(shlex.split("--node-name=a --taints=x,y --taints z")).taints == ("x", "y", "z")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("FALSE", False), ("1", True)])
def test_booleans_take_values_as_in_go(text: str, value: bool) -> None:
    assert Config.from_args(["--node-name=a", f"--enabled={text}"]).enabled is value


@pytest.mark.parametrize("argv", [[], ["--node-name=a", "--grace=soon"], ["--node-name=a", "--no-such-flag"]])
def test_wrong_flags_end_the_process_with_usage(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        Config.from_args(argv)
    assert end.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_docstrings_are_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Config.from_args(["--help"])
    text = capsys.readouterr().out
    assert "of 100% of the node." in text
    assert "How much to log" in text
    assert field_docs(Config)["grace"] == "How long to wait."


@pytest.mark.parametrize(("text", "value"), [("40", 40), ("0.5", 0.5), ("250ms", 0.25), ("2h", 7200), ("1m0.5s", 60.5)])
def test_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "s", "1d", "1m 2s"])
def test_no_seconds(text: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        seconds(text)
