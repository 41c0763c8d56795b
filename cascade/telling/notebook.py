"""What notebooks ask for besides results: pictures under plain names, a timeline as a frame, a page, and a slider.

Every function takes the language of :func:`cascade.telling.showing.language` unless another is named.
"""

import sys
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cascade.errors import UsageError
from cascade.files.exercises import read_phrases
from cascade.model import Lang
from cascade.results.hindcast import Hindcast
from cascade.results.impact import assess
from cascade.results.protection import Protection
from cascade.results.ranking import Ranking
from cascade.simulation.run import Run
from cascade.telling import choices, plots, scatters
from cascade.telling import timeline as timelines
from cascade.telling.columns import marking_of
from cascade.telling.injects import inject_table
from cascade.telling.living import write_replay
from cascade.telling.moments import draw_moments
from cascade.telling.plots import Sheet
from cascade.telling.showing import language
from cascade.units import HOUR
from cascade.words import duration, moment, word

if TYPE_CHECKING:
    import pandas as pd

STEPS: Final = 120
"""Places of the slider, about; the steps are round."""
STEPS_H: Final = (1, 2, 3, 6, 12, 24, 48, 168)


def plot_levels(run: Run, lang: Lang | None = None) -> Sheet:
    """Draw how much of its ordinary service each sector still delivers, hour by hour."""
    return plots.draw_sector_levels(run, lang or language())


def plot_people(run: Run, lang: Lang | None = None) -> Sheet:
    """Draw how many people lack a basic need, over time."""
    return plots.draw_people(run, lang or language())


def plot_map(run: Run, hours: float | Sequence[float] | None = None, lang: Lang | None = None) -> Sheet:
    """Draw where people lack a basic need: one moment (hours from the start) large, or several beside one another.

    Raises
    ------
    UsageError
        If a moment lies outside the run.
    """
    if isinstance(hours, int | float):
        return plots.draw_tile_map(run, hours, lang or language())
    return draw_moments(run, lang or language(), hours=hours)


def plot_chain(run: Run, process: str, lang: Lang | None = None) -> Sheet:
    """Draw how an event reached a process (``hospital-care`` or ``hospital-care@VR13``), link by link."""
    return plots.draw_chain(run, process, lang or language())


def plot_ranking(found: Ranking, lang: Lang | None = None) -> Sheet:
    """Draw single failures on the two axes, at the main duration."""
    lang = lang or language()
    return scatters.draw_ranking(found.table(), found.model, lang, told=duration(found.main, lang))


def plot_doubt(found: Ranking, lang: Lang | None = None) -> Sheet:
    """Draw how sure the order of a ranking is.

    Raises
    ------
    UsageError
        If nothing was sampled.
    """
    lang = lang or language()
    frame = found.doubt().cases.copy()
    frame[["low", "median", "high"]] /= HOUR
    return scatters.draw_rank_doubt(frame, found.model, lang, told=duration(found.main, lang), top=found.top)


def plot_hindcast(found: Hindcast, lang: Lang | None = None) -> Sheet:
    """Draw when effects of past incidents began, in the run and in reality."""
    return scatters.draw_predicted_against_seen(found, lang or language())


def plot_plan(found: Protection, lang: Lang | None = None) -> Sheet:
    """Draw on a map what a plan puts in each region."""
    return choices.draw_plan_map(found, lang or language(), _plan_mark(found))


def plot_scenarios(found: Protection, lang: Lang | None = None) -> Sheet:
    """Draw the harm of each scenario without a plan and with it."""
    return choices.draw_scenario_bars(found, lang or language(), _plan_mark(found))


def _plan_mark(found: Protection) -> str:
    return marking_of(found.model, found.capacity, *(one.scenario for one in found.given))


# ------------------------------------------------------------------ a run as a list and as a page


def timeline(run: Run, detail: str = "normal", lang: Lang | None = None) -> "pd.DataFrame":
    """Tell a run as an exercise: who notices what, when and where.

    Parameters
    ----------
    run : Run
    detail : {"brief", "normal", "full"}
        How much gets a row of its own.
    lang : {"nl", "en"}, optional

    Returns
    -------
    pandas.DataFrame
        One row a message, in order of time: ``time_h`` (from the start), ``where``, ``text``, ``to``, ``certainty``, ``why``
        and more; ``attrs["marking"]`` holds its mark.
    """
    import pandas as pd

    told = timelines.tell(run, read_phrases(run.model), lang or language(), timelines.Wish(detail=detail))
    table = inject_table(told)
    frame = pd.DataFrame([{c.key: row[c.key] for c in table.fields} for row in table.rows], columns=_keys(table.fields))
    frame.attrs["marking"] = told.marking
    return frame


def _keys(columns: Sequence[Any]) -> list[str]:
    return [column.key for column in columns]


def report(run: Run, path: str | Path, lang: Lang | None = None, marking: str = "") -> Path:
    """Write a run as one page that replays it hour by hour, in both languages, to open from disk.

    Parameters
    ----------
    run : Run
    path : path
    lang : {"nl", "en"}, optional
        The language it opens in.
    marking : str
        Raises the mark.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    return write_replay(run, assess(run), path, lang or language(), marking)


# ------------------------------------------------------------------ a slider, or the picture that stands in for it


@dataclass(frozen=True, eq=False)
class Explorer:
    """A run to slide through; where nothing can slide, a picture of the moments that tell most.

    In a live notebook with ipywidgets it is a slider over the hours with a map under it. The picture is always there too:
    pages that only show stored output, and printers, show that.
    """

    run: Run
    lang: Lang

    @cached_property
    def picture(self) -> Sheet:
        """The moments that tell most, beside one another."""
        return draw_moments(self.run, self.lang)

    @cached_property
    def hours(self) -> list[float]:
        """Moments of the slider, hours from the start, in round steps to the horizon."""
        end = self.run.horizon / HOUR
        step = next((s for s in STEPS_H if end / s <= STEPS), STEPS_H[-1])
        return [*(float(h) for h in range(0, int(end), step)), end]

    def map_at(self, hours: float) -> bytes:
        """Return the map of one moment, as a PNG."""
        return plots.render(plots.draw_tile_map(self.run, hours, self.lang), "png", plots.SHOWN)

    @cached_property
    def widget(self) -> Any:
        """The slider with its map.

        Raises
        ------
        UsageError
            If ipywidgets is not there.
        """
        if find_spec("ipywidgets") is None:
            raise UsageError("a slider needs ipywidgets: pip install ipywidgets; without it there is .picture")
        import ipywidgets

        slider = ipywidgets.SelectionSlider(
            options=[(self._told(h), h) for h in self.hours],
            description=word("inject_at", self.lang),
            continuous_update=False,
            layout=ipywidgets.Layout(width="90%"),
        )
        shown = ipywidgets.Image(value=self.map_at(self.hours[0]), format="png")

        def move(change: dict[str, Any]) -> None:
            shown.value = self.map_at(change["new"])

        slider.observe(move, names="value")
        return ipywidgets.VBox([slider, shown])

    def _told(self, hours: float) -> str:
        clock = moment(self.run.scenario.start, hours * HOUR, self.lang)
        told = duration(hours * HOUR, self.lang)
        return f"{told} ({clock})" if clock else told

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show itself: always the picture, and the slider where it can move."""
        data: dict[str, Any] = {"image/png": b64encode(plots.render(self.picture, "png", plots.SHOWN)).decode()}
        told = f"{self.picture.title}. {self.picture.foot}"
        data["text/plain"] = told
        if alive():
            data |= self.widget._repr_mimebundle_() | data
        return data, {"image/png": {"alt": told}}


def alive() -> bool:
    """Whether a widget can move here: the kernel of a notebook runs, and ipywidgets is there."""
    return "ipykernel.kernelapp" in sys.modules and find_spec("ipywidgets") is not None


def explore(run: Run, lang: Lang | None = None) -> Explorer:
    """Slide through the hours of a run on a map; where nothing can slide, a picture of the moments that tell most."""
    return Explorer(run, lang or language())
