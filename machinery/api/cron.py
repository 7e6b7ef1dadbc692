"""Crontab lines: `*/15 9-17 * * mon-fri`, `@daily`, `@every 90m`.

Pure: `parse` understands a line or says what is wrong with it, and `Schedule.next` says when it is due after a moment.
In Kubernetes: the library github.com/robfig/cron (ParseStandard), whose messages users see.
Left out: a time zone inside the line, which CronJobs may not have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from machinery.api.field_errors import quote

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, _MONTHS), (0, 6, _DAYS),
)  # fmt: skip
"""Minute, hour, day, month and day of the week: the least, the most, and names."""
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)"
_SEARCH = timedelta(days=5 * 366)
"""A day that does not come within five years (31 February) never comes."""


class CronError(ValueError):
    """What is wrong with a line."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due: at fixed points of the calendar."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    """Whether the day of the month or that of the week is free: then both must fit, otherwise one is enough."""

    def next(self, after: datetime) -> datetime | None:
        """The first time after a moment, in that moment's time zone; None when there is none."""
        moment = (after + timedelta(minutes=1)).replace(second=0, microsecond=0)
        end = after + _SEARCH
        while moment < end:
            if moment.month not in self.months or not self._fits(moment):
                moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
            elif moment.hour not in self.hours:
                moment = (moment + timedelta(hours=1)).replace(minute=0)
            elif moment.minute not in self.minutes:
                moment += timedelta(minutes=1)
            else:
                return moment
        return None

    def _fits(self, moment: datetime) -> bool:
        of_month, of_week = moment.day in self.days, moment.isoweekday() % 7 in self.weekdays
        return of_month and of_week if self.any_day else of_month or of_week


@dataclass(frozen=True, slots=True)
class Every:
    """When something is due: again and again after a while."""

    seconds: int

    def next(self, after: datetime) -> datetime | None:
        return after.replace(microsecond=0) + timedelta(seconds=self.seconds)


def parse(line: str) -> Schedule | Every:
    """Understand a line. Raises CronError."""
    if not line:
        raise CronError("empty spec string")
    if line.startswith("@"):
        return _described(line)
    words = line.split()
    if len(words) != len(_FIELDS):
        found = f"[{' '.join(words)}]"
        raise CronError(f"expected exactly {len(_FIELDS)} fields, found {len(words)}: {found}")
    sets = [_field(word, bounds) for word, bounds in zip(words, _FIELDS, strict=True)]
    free = any(part[:1] in ("*", "?") for word in (words[2], words[4]) for part in word.split(","))
    return Schedule(*sets, any_day=free)


def _described(line: str) -> Schedule | Every:
    if line in _DESCRIPTORS:
        return parse(_DESCRIPTORS[line])
    if not line.startswith("@every "):
        raise CronError(f"unrecognized descriptor: {line}")
    text = line.removeprefix("@every ")
    if not re.fullmatch(f"[-+]?({_DURATION})+", text):
        raise CronError(f"failed to parse duration {line}: time: invalid duration {quote(text)}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(_DURATION, text))
    return Every(max(1, int(seconds)))


def _field(word: str, bounds: tuple[int, int, dict[str, int]]) -> frozenset[int]:
    return frozenset(value for part in word.split(",") if part for value in _range(part, *bounds))


def _range(part: str, low: int, high: int, names: dict[str, int]) -> range:
    """`*`, `5`, `1-5`, and each with a step: `*/15`, `5/15` (from 5 to the end), `1-5/2`."""
    ends, *steps = part.split("/")
    first, *last = ends.split("-")
    if first in ("*", "?"):
        start, stop = low, high
    else:
        start = _number(first, names)
        if len(last) > 1:
            raise CronError(f"too many hyphens: {part}")
        stop = _number(last[0], names) if last else start
    if len(steps) > 1:
        raise CronError(f"too many slashes: {part}")
    step = _number(steps[0], {}) if steps else 1
    if steps and not last:
        stop = high
    if start < low:
        raise CronError(f"beginning of range ({start}) below minimum ({low}): {part}")
    if stop > high:
        raise CronError(f"end of range ({stop}) above maximum ({high}): {part}")
    if start > stop:
        raise CronError(f"beginning of range ({start}) beyond end of range ({stop}): {part}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {part}")
    return range(start, stop + 1, step)


def _number(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch("[+]?[0-9]{1,9}", text):
        raise CronError(f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: invalid syntax")
    return int(text)
