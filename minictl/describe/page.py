"""A page of `name:  value` lines whose columns align as kubectl's do.

Pure. A cell ends at a tab; neighbouring lines with a cell in the same place share its width. Real Kubernetes: Go's
text/tabwriter and kubectl/pkg/describe PrefixWriter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PADDING = 2
NONE, UNSET = "<none>", "<unset>"


class Page:
    """Collects lines; `text()` aligns them."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def row(self, level: int, *cells: object) -> None:
        """One line of cells, two blanks in per level."""
        self._lines.append("  " * level + "\t".join(shown(cell) for cell in cells))

    def rows(self, level: int, title: str, values: Iterable[str]) -> None:
        """A title and its values one below the other, or `<none>`."""
        first, *rest = [*values] or [NONE]
        self.row(level, f"{title}:", first)
        for value in rest:
            self.row(level, "", value)

    def head(self, level: int, *names: str, rule: Sequence[str] = ()) -> None:
        """The header of a table and the dashes below it."""
        self.row(level, *names)
        self.row(level, *(rule or ["-" * len(name) for name in names]))

    def raw(self, text: str) -> None:
        """Text that may hold line breaks of its own."""
        self._lines += text.split("\n")

    def text(self, *, aligned: bool = True) -> str:
        """Everything, with a line break at the end; not aligned, cells stay apart by tabs."""
        lines = [line for text in self._lines for line in text.split("\n")]
        return "".join(f"{line}\n" for line in (align(lines) if aligned else lines))


def shown(value: object) -> str:
    """A value as Go prints it; what could steer a terminal is made visible."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("\x1b", "^[").replace("\r", "\\r")


def align(lines: Sequence[str]) -> list[str]:
    """Lines of tab-terminated cells, padded: a column is as wide as its widest cell among neighbouring lines."""
    table = [line.split("\t") for line in lines]
    widths = [[0] * (len(cells) - 1) for cells in table]
    for column in range(max((len(cells) - 1 for cells in table), default=0)):
        for block in _blocks(table, column):
            width = PADDING + max(len(table[index][column]) for index in block)
            for index in block:
                widths[index][column] = width
    return ["".join([*map(str.ljust, cells, wide), cells[-1]]) for cells, wide in zip(table, widths, strict=True)]


def _blocks(table: Sequence[Sequence[str]], column: int) -> Iterable[list[int]]:
    """Runs of neighbouring lines that have a cell in this column (the last cell of a line does not count)."""
    block: list[int] = []
    for index, cells in enumerate(table):
        if len(cells) - 1 > column:
            block.append(index)
        elif block:
            yield block
            block = []
    if block:
        yield block
