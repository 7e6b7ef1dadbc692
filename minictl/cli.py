"""The command line itself: the flags that every command knows, and the table of commands.

In real Kubernetes: kubectl/pkg/cmd and cobra.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

COMMANDS = (
    "annotate", "api-resources", "api-versions", "apply", "cluster-info", "config", "create", "delete", "describe",
    "expose", "get", "image", "label", "logs", "rollout", "run", "scale", "set", "version",
)  # fmt: skip

USAGE = "minictl drives a Kubernetes cluster.\n\nCommands:\n{}\n\nUse \"minictl COMMAND --help\" for the flags of one."

Arguments = argparse.Namespace


class Parser(argparse.ArgumentParser):
    """argparse, with kubectl's way of saying no."""

    words: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        """One line and where to read on; never the whole usage."""
        text = said(message, self.words)
        more = "" if text.startswith(("unable to match", "required flag")) else f"\nSee '{self.prog} --help' for usage."
        print(f"error: {text}{more}", file=sys.stderr)
        sys.exit(1)


def said(message: str, words: Sequence[str]) -> str:
    """argparse's complaint in kubectl's words."""
    if match := re.fullmatch(r"argument (\S+): expected .*argument", message):
        typed = next((name for name in reversed(match[1].split("/")) if name in words), match[1].split("/")[-1])
        return f"flag needs an argument: {typed}" if typed[1] == "-" else (
            f"flag needs an argument: '{typed[1]}' in {typed}")
    if match := re.fullmatch(r"argument [a-z]+: invalid choice: '(.*)' \(choose from (.*)\)", message):
        return f'unknown command "{match[1]}"; known: {match[2].replace(chr(39), "")}'
    if match := re.fullmatch(r"argument (-\S+): invalid int value: '(.*)'", message):
        return f'invalid argument "{match[2]}" for "{match[1].replace("/", ", ")}" flag: it must be a whole number'
    if match := re.fullmatch(r"argument (-\S+): invalid choice: '(.*)' \(choose from (.*)\)", message):
        known = [word for word in match[3].replace("'", "").split(", ") if word]
        if "--output" in match[1]:
            return (f'unable to match a printer suitable for the output format "{match[2]}", allowed formats are: '
                    f"{','.join(sorted(known))}")
        return f'invalid argument "{match[2]}" for "{match[1].replace("/", ", ")}" flag: must be {" or ".join(known)}'
    if match := re.fullmatch(r"unrecognized arguments: (.*)", message):
        first = match[1].split()[0]
        if first.startswith("--"):
            return f"unknown flag: {first.partition('=')[0]}"
        if first.startswith("-"):
            return f"unknown shorthand flag: '{first[1]}' in {first}"
        return f"Unexpected args: [{match[1]}]"
    if match := re.fullmatch(r"the following arguments are required: --(.*)", message):
        return f'required flag(s) "{match[1]}" not set'
    return message


def parse(argv: list[str]) -> Arguments:
    """Find the command, load its file alone, and let its own parser read the flags (they may stand anywhere)."""
    word, rest = _command_word(argv)
    if word in ("", "help", "--help", "-h"):
        print(USAGE.format("\n".join(f"  {name}" for name in COMMANDS)))
        sys.exit(0)
    if word not in COMMANDS:
        _unknown(word)
    module = import_module(f"minictl.commands.{word.replace('-', '_')}")
    parser = Parser(prog=f"minictl {word}", description=module.__doc__, allow_abbrev=False, parents=[_common()])
    module.flags(parser)
    head, tail = _split(rest)
    parser.words = head
    args = parser.parse_intermixed_args(head)
    args.command, args.run, args.after_dashes = word, module.run, tail
    return args


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--kubeconfig", default=None, help="the kubeconfig file to use")
    common.add_argument("--context", default=None, help="the kubeconfig context to use")
    common.add_argument("-n", "--namespace", default=None, help="the namespace to work in")
    return common


def _command_word(argv: list[str]) -> tuple[str, list[str]]:
    """The first word that is no flag; flags before it (`minictl -n x get pods`) move behind it."""
    takes_value = {"-n", "--namespace", "--kubeconfig", "--context"}
    index = 0
    while index < len(argv) and argv[index].startswith("-") and argv[index] not in ("-h", "--help"):
        index += 2 if argv[index] in takes_value else 1
    if index >= len(argv):
        return "", []
    return argv[index], argv[:index] + argv[index + 1 :]


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """What stands before and after `--`."""
    if "--" not in argv:
        return argv, []
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


def _unknown(word: str) -> NoReturn:
    close = difflib.get_close_matches(word, COMMANDS, n=3, cutoff=0.6)
    hint = "\n\nDid you mean this?\n\t" + "\n\t".join(close) if close else "\nRun 'minictl --help' for usage."
    print(f'error: unknown command "{word}" for "minictl"{hint}', file=sys.stderr)
    sys.exit(1)


def switch(parser: argparse.ArgumentParser, *names: str, default: bool = False, help: str = "") -> None:
    """A flag of kubectl's kind: `--wait`, `--wait=true`, `--wait=false`."""
    long = next(name for name in names if name.startswith("--"))
    dest = long[2:].replace("-", "_")
    parser.add_argument(*names, dest=dest, action="store_const", const=True, default=default, help=help)
    for value in (True, False):
        parser.add_argument(f"{long}={str(value).lower()}", dest=dest, action="store_const", const=value,
                            default=default, help=argparse.SUPPRESS)  # fmt: skip


def selector_flags(parser: argparse.ArgumentParser) -> None:
    """-l and --field-selector."""
    parser.add_argument("-l", "--selector", default="", help="label selector, such as tier=back,track!=canary")
    parser.add_argument("--field-selector", default="", help="field selector, such as metadata.name=web")


def filename_flags(parser: argparse.ArgumentParser) -> None:
    """-f and -R."""
    parser.add_argument("-f", "--filename", action="append", default=[], help="a file, a folder, or - for stdin")
    switch(parser, "-R", "--recursive", help="go into folders of the folder, too")


def dry_run_flags(parser: argparse.ArgumentParser) -> None:
    """--dry-run and -o, of commands that write."""
    parser.add_argument("--dry-run", nargs="?", const="client", default="none", choices=("none", "client", "server"))
    parser.add_argument("-o", "--output", default="", choices=("", "yaml", "json", "name"))
