"""What stands for a run where not all of it fits: its worst copies, the chains and moments that tell most, what it rests on."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cascade.model import Lang
from cascade.results.impact import Impact, people_without
from cascade.simulation.run import Run
from cascade.telling import plots
from cascade.telling.causes import why
from cascade.telling.columns import instance_name
from cascade.telling.dossier import fade_text, purpose
from cascade.units import FULL, HOUR
from cascade.words import duration, large, moment, share, word

if TYPE_CHECKING:
    pass


CANDIDATES: Final = 40
"""Processes among which those are chosen."""
SHOWN_CHAINS: Final = 6
"""Those that the page shows, and that get a picture."""
SHOWN_ASSUMPTIONS: Final = 20
MOMENTS: Final = 4


def worst_instances(run: Run, impact: Impact, most: int) -> list[str]:
    """Return the worst hit copy of each process that people or money miss most, worst process first.

    Processes that an event hits themselves are left out: there is no chain to follow.
    """
    hit = set(impact.by_copy.loc[impact.by_copy["hit"], "process"])
    frame = impact.by_process[(impact.by_process["lost_h"] > 0) & ~impact.by_process["process"].isin(hit)]
    frame = frame.sort_values(["person_h", "cost_eur", "lost_h", "process"], ascending=[False, False, False, True])
    return [run.network.labels[run.find(process)] for process in frame["process"].head(most)]


def shown_chains(run: Run, impact: Impact, most: int) -> list[str]:
    """Choose chains that tell most: the longest first, then each time the one with most links not shown yet.

    Own choice; among equals what people miss most. Those are looked for among the processes that people miss most.
    """
    links = {
        label: [run.network.process(link.instance) for link in run.chain(run.network.index[label])]
        for label in worst_instances(run, impact, CANDIDATES)
    }
    found: list[str] = []
    told: set[str] = set()
    while links and len(found) < most:
        label = max(links, key=lambda x: len(set(links[x]) - told))
        found.append(label)
        told |= set(links.pop(label))
    return found


def map_moments(run: Run, most: int = MOMENTS) -> list[float]:
    """Choose the moments (hours) of the maps: from the first to the last person without, evenly, with the peak.

    Of maps that look the same only the first stays.

    Own choice: a reader sees how it begins, how bad it gets and how it ends.
    """
    frame = people_without(run)
    total = (
        frame.pivot_table(index="time_h", columns="region", values="people", aggfunc="last")
        .ffill()
        .fillna(0)
        .sum(axis=1)
    )
    total = total[total.index < run.horizon / HOUR]
    hit = np.flatnonzero(total.to_numpy() > 0)
    if not hit.size:
        return []
    times = np.append(total.index.to_numpy(float), run.horizon / HOUR)
    first, last = times[hit[0]], times[hit[-1] + 1]
    chosen = [first + (last - first) * k / most for k in range(most)]
    chosen = [float(np.floor(t)) if np.floor(t) >= first else float(t) for t in chosen]
    peak = float(total.index[int(total.to_numpy().argmax())])
    if most > 1 and peak not in chosen:
        nearest = min(range(1, most), key=lambda k: abs(chosen[k] - peak))
        chosen[nearest] = peak
    shown: list[float] = []
    seen: list[list[int]] = []
    for at_h in sorted(set(chosen)):
        bands = plots.map_bands(run, at_h)
        if bands not in seen:
            shown.append(at_h)
            seen.append(bands)
    return shown


def assumptions(run: Run, impact: Impact) -> pd.DataFrame:
    """List the needs that held processes down, by the person-hours lost while they did.

    Between two changes of a copy its whole loss goes to the need that bound at the first of them (own choice), so the
    time it takes to restart is added to what stopped it.

    Returns
    -------
    pandas.DataFrame
        One row per need as written: ``process``, ``need``, ``suppliers``, ``person_h``, ``lost_h`` (mean over the
        copies, hours), ``confidence``, ``source``. Most person-hours first.
    """
    network, changes = run.network, run.changes
    rows = np.flatnonzero(changes.need >= 0)
    lasting = _until_next(changes.instance, changes.time, run.horizon)[rows]
    lost = (FULL - changes.after[rows]) * lasting / (FULL * HOUR)
    instance = changes.instance[rows]
    people = impact.by_copy["people"].to_numpy(float)[instance]
    copies = np.bincount(network.process_of, minlength=len(network.processes))
    names = np.array(network.need_names, object)
    frame = pd.DataFrame(
        {
            "process": np.array(network.processes, object)[network.process_of[instance]],
            "need": names[changes.need[rows]] if rows.size else [],
            "person_h": lost * people,
            "lost_h": lost / copies[network.process_of[instance]],
        }
    )
    sums = frame.groupby(["process", "need"], as_index=False, sort=True)[["person_h", "lost_h"]].sum()
    needs = [run.model.processes[p].needs[n] for p, n in zip(sums["process"], sums["need"], strict=True)]
    sums["suppliers"] = [" ".join(dict.fromkeys(s.process for s in need.supplies)) for need in needs]
    sums["person_h"] = sums["person_h"].round().astype("int64")
    sums["confidence"] = [need.confidence or "" for need in needs]
    sums["source"] = [" ".join(need.source) for need in needs]
    order = sums.sort_values(["person_h", "lost_h", "process", "need"], ascending=[False, False, True, True])
    return order[["process", "need", "suppliers", "person_h", "lost_h", "confidence", "source"]].reset_index(drop=True)


def _until_next(instance: Any, time: Any, horizon: int) -> Any:
    """Seconds from each row of the log to the next one of its instance, or to the horizon."""
    order = np.lexsort((time, instance))
    following = np.full(order.size, horizon, np.int64)
    same = instance[order][1:] == instance[order][:-1]
    following[:-1][same] = time[order][1:][same]
    lasting = np.empty(order.size, np.int64)
    lasting[order] = following - time[order]
    return lasting


def when_text(run: Run, at_h: float, lang: Lang) -> str:
    """Say when, from the start and by the clock."""
    clock = moment(run.scenario.start, at_h * HOUR, lang)
    return f"{duration(at_h * HOUR, lang)} ({clock})" if clock else duration(at_h * HOUR, lang)


def told_chain(run: Run, label: str, lang: Lang) -> dict[str, Any]:
    """Give one chain of causes, the event first."""
    instance = run.network.index[label]
    steps = why(run, instance, lang)[::-1]
    return {"name": instance_name(run, instance, lang), "steps": steps}


def assumption_rows(run: Run, frame: pd.DataFrame, lang: Lang) -> list[dict[str, str]]:
    """Give assumptions as people read them."""
    rows = []
    for record in frame.to_dict("records"):
        process = run.model.processes[str(record["process"])]
        need = process.needs[str(record["need"])]
        suppliers = [run.model.processes[s].name[lang] for s in str(record["suppliers"]).split()]
        rows.append(
            {
                "name": process.name[lang],
                "suppliers": "; ".join(suppliers),
                "use": purpose(str(record["need"]), need, lang),
                "fade": fade_text(need, lang),
                "person_h": large(record["person_h"], lang),
                "confidence": need.confidence or "unknown",
                "confidence_text": word(need.confidence or "confidence_unknown", lang),
                "source": ", ".join(need.source),
            }
        )
    return rows


def sureness(frame: pd.DataFrame, lang: Lang) -> list[tuple[str, str, str]]:
    """Give the share of the person-hours that rests on needs of each confidence, weakest first: (key, label, share)."""
    total = float(frame["person_h"].sum())
    if total == 0:
        return []
    found = []
    for key in ("", "low", "medium", "high"):
        part = float(frame.loc[frame["confidence"] == key, "person_h"].sum())
        if part:
            found.append((key or "unknown", word(key or "confidence_unknown", lang), share(part / total, lang)))
    return found
