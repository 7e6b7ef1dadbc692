"""How figures are printed: one JSON line each, with the runs behind them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence


def show(figure: str, value: float, unit: str, **more: object) -> None:
    """One figure."""
    row = {"figure": figure, "value": round(value, 3), "unit": unit, **more}
    print(json.dumps(row, ensure_ascii=False), flush=True)


def show_median(figure: str, runs: Sequence[float], unit: str, **more: object) -> float:
    """The median of several runs, with the lowest and highest beside it."""
    middle = statistics.median(runs)
    show(figure, middle, unit, min=round(min(runs), 3), max=round(max(runs), 3), runs=len(runs), **more)
    return middle
