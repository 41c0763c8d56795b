"""Whether the parts of a parameter set fit together: what would otherwise fail, or say nothing, in the middle of a run."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cascade.errors import Path_
from cascade.model import ParameterSet, Threshold
from cascade.units import format_duration, format_money, format_share

Misfit = tuple[Path_, str, str]
"""Where in the set, what is wrong, and the remedy."""


def misfits(given: ParameterSet) -> Iterator[Misfit]:
    """Find what does not fit in a parameter set.

    Yields
    ------
    tuple
        Path inside the set, what is wrong, and the remedy.
    """
    if given.measure == "costs":
        yield from _odd_costs(given)
    elif given.measure is not None:
        yield from _odd_people(given)
    if given.correction is not None and given.correction.minus_one_up_to >= given.correction.plus_one_from:
        what = (
            f"{given.correction.minus_one_up_to} indicators lower a score and {given.correction.plus_one_from} raise it"
        )
        yield ("correction",), what, "let plus_one_from be the larger"
    for name, likelihood in (given.classes or {}).items():
        if likelihood.above is not None and likelihood.up_to is not None and likelihood.above >= likelihood.up_to:
            what = f"above {format_share(likelihood.above)} and up to {format_share(likelihood.up_to)} leaves nothing"
            yield ("classes", name), what, "let up_to be the larger"
    for i, threshold in enumerate(given.thresholds or ()):
        for path, what, remedy in _odd_threshold(threshold):
            yield ("thresholds", i, *path), what, remedy


def _odd_costs(given: ParameterSet) -> Iterator[Misfit]:
    """Costs have one row of scores: one for each limit, and one above the last."""
    if not given.limits:
        yield (), "costs are measured without limits", "write limits: [50 MEUR, ..]"
        return
    yield from _not_rising("limits", given.limits, [format_money(v) for v in given.limits])
    if not given.scores:
        yield (), "limits stand without scores", f"write scores: with {len(given.limits) + 1} classes"
    elif not all(isinstance(score, str) for score in given.scores):
        yield ("scores",), "costs have one row of scores", "write scores: [A, B, ..]"
    elif len(given.scores) != len(given.limits) + 1:
        what = f"{_counted(len(given.limits), 'limit')} and {_counted(len(given.scores), 'score')}"
        yield ("scores",), what, f"write {len(given.limits) + 1} scores: one more than limits"


def _odd_people(given: ParameterSet) -> Iterator[Misfit]:
    """People have a table of scores: a row for each duration, in each a score for each limit and one above the last."""
    if given.measure == "daily-life" and not given.indicators:
        yield (), "daily life is measured without indicators", "write indicators: with the processes they stand for"
    for name, example in (
        ("people", "[10000, 100000]"),
        ("durations", "[2d, 7d]"),
        ("scores", "a row for each duration"),
    ):
        if not getattr(given, name):
            yield (), f"{given.measure} is measured without {name}", f"write {name}: {example}"
    people, durations, scores = given.people or (), given.durations or (), given.scores or ()
    yield from _not_rising("people", people, [str(v) for v in people])
    yield from _not_rising("durations", durations, [format_duration(v) for v in durations])
    if not (people and durations and scores):
        return
    if any(isinstance(row, str) for row in scores):
        yield ("scores",), "a row of scores is one text", "write a list for each duration: [[A, B], [B, C]]"
        return
    if len(scores) != len(durations):
        what = f"{_counted(len(durations), 'duration')} and {_counted(len(scores), 'row')} of scores"
        yield ("scores",), what, "write one row for each duration"
    for i, row in enumerate(scores):
        if len(row) != len(people) + 1:
            what = f"{_counted(len(people), 'number')} of people and {_counted(len(row), 'score')}"
            yield ("scores", i), what, f"write {len(people) + 1} scores: one more than numbers of people"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _not_rising(name: str, values: Sequence[int], written: Iterable[str]) -> Iterator[Misfit]:
    texts = list(written)
    for i, (low, high) in enumerate(pairwise(values)):
        if low >= high:
            yield (name, i + 1), f"{texts[i + 1]} comes after {texts[i]}", "let the limits rise"
            return


def _odd_threshold(given: Threshold) -> Iterator[Misfit]:
    sizes = {"min_share": given.min_share, "min_people": given.min_people, "min_user_hours": given.min_user_hours}
    if all(size is None for size in sizes.values()):
        yield (), "nothing says from what size", f"write {', '.join(list(sizes)[:2])} or min_user_hours"
    for name, size in sizes.items():
        if size is not None and size <= 0:
            yield (name,), "is passed by whatever happens", "write a number above 0, or leave the field out"
    if not given.sectors and not given.processes:
        yield (), "covers no process", "name sectors or processes"
