"""Why a process failed in a run: link by link back to the event, each with its reserve, stand-ins and evidence."""

from dataclasses import dataclass
from typing import Any, Final

from cascade.model import Event, Evidence, Lang, Model, Need
from cascade.simulation.events import targets
from cascade.simulation.network import RULES
from cascade.simulation.run import Change, Run
from cascade.telling.columns import Column, Table, event_name, instance_name, name_of
from cascade.telling.dossier import purpose
from cascade.units import FULL, HOUR
from cascade.words import clipped, duration, moment, share, word

SHOWN_COURSE: Final = 8
"""Changes shown of one instance; of more the first and the last."""


@dataclass(frozen=True)
class Step:
    """One link of a chain of causes: what people read (a head and lines), and the same as data."""

    head: str
    lines: list[tuple[str, str]]
    """A label and what it says."""
    data: dict[str, Any]


def why(run: Run, instance: int, lang: Lang, at: int | None = None) -> list[Step]:
    """Follow a process's state back to the event, link by link, each with its reserve, stand-ins and evidence."""
    links = run.chain(instance, at)
    steps = [_step(run, link, lang) for link in links]
    if links and links[-1].supplier >= 0:
        last, supplier = links[-1], links[-1].supplier
        if any(link.instance == supplier for link in links):
            name = instance_name(run, supplier, lang)
            steps[-1].lines.append(("", word("loop", lang, name=name)))
            steps[-1].data["loop"] = run.network.labels[supplier]
        else:
            steps += _wrong_steps(run, supplier, last.time, lang)
    return steps


def _wrong_steps(run: Run, instance: int, time: int, lang: Lang) -> list[Step]:
    """Follow a wrong signal from where it was believed or refused back to the event that falsifies it."""
    steps = []
    for j in _wrong_path(run, instance, time):
        head = word("wrong_head", lang, name=instance_name(run, j, lang))
        data: dict[str, Any] = {
            "instance": run.network.labels[j],
            "because": "wrong",
            "level": _level(run, j, time) / FULL,
        }
        lines: list[tuple[str, str]] = []
        n = _falsified_by(run, j, time)
        if n is None:
            lines.append((word("because_label", lang), word("passes_on", lang)))
        else:
            event = run.scenario.events[n]
            name = event_name(run.model, event, lang)
            lines.append((word("because_label", lang), f"{word('event_n', lang, n=n + 1)}: {name}"))
            lines.append((word("evidence_label", lang), _cited(run.model, event, lang)))
            data.update(event=n + 1, event_name=name, since_h=event.at.mode / HOUR)
        steps.append(Step(head, lines, data))
    return steps


def _wrong_path(run: Run, instance: int, time: int) -> list[int]:
    """Return the shortest way from an instance over processes that pass a wrong signal on to one that is falsified."""
    a = run.network.arrays
    came: dict[int, int] = {instance: -1}
    todo = [instance]
    for j in todo:
        if _falsified_by(run, j, time) is not None:
            path = [j]
            while came[path[-1]] >= 0:
                path.append(came[path[-1]])
            return path[::-1]
        if not a.passes_on[j]:
            continue
        for need in range(a.need_start[j], a.need_start[j + 1]):
            for members in _members(run, need).values():
                for i, _ in members:
                    if i not in came:
                        came[i] = j
                        todo.append(i)
    return []


def _falsified_by(run: Run, instance: int, time: int) -> int | None:
    """Return the first event that makes an instance's output wrong at a moment."""
    imposed = run.imposed
    rows = ((imposed.instance == instance) & (imposed.time <= time)).nonzero()[0]
    if not len(rows) or not imposed.wrong[rows[-1]]:
        return None
    for n, event in enumerate(run.scenario.events):
        if event.manipulated and event.at.mode <= time and instance in targets(event, run.network):
            return n
    return None


def _step(run: Run, link: Change, lang: Lang) -> Step:
    network = run.network
    when = _when(run, link.time, lang)
    head = f"{instance_name(run, link.instance, lang)}: {word('level_since', lang, level=share(link.after / FULL, lang), d=when)}"
    data: dict[str, Any] = {
        "instance": network.labels[link.instance],
        "since_h": link.time / HOUR,
        "level": link.after / FULL,
        "because": link.kind,
        "need": link.need,
        "supplier": network.labels[link.supplier] if link.supplier >= 0 else "",
    }
    lines: list[tuple[str, str]] = []
    if link.kind == "restart":
        d = duration(int(network.arrays.restart[link.instance]), lang)
        lines.append((word("because_label", lang), word("still_starting", lang, d=d)))
    if link.event >= 0:
        lines += _of_event(run, link, data, lang)
    if link.need:
        lines += _of_need(run, link, data, lang)
    return Step(head, lines, data)


def _when(run: Run, time: int, lang: Lang) -> str:
    clock = moment(run.scenario.start, time, lang)
    return f"{duration(time, lang)} ({clock})" if clock else duration(time, lang)


def _of_event(run: Run, link: Change, data: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    event = run.scenario.events[link.event]
    name = event_name(run.model, event, lang)
    text = f"{word('event_n', lang, n=link.event + 1)}: {name}"
    data.update(event=link.event + 1, event_name=name, confidence=event.confidence, source=" ".join(event.source))
    lines = [(word("because_label", lang), text)]
    if event.source or event.confidence:
        lines.append((word("evidence_label", lang), _cited(run.model, event, lang)))
    return lines


def _of_need(run: Run, link: Change, data: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    network, model = run.network, run.model
    need = model.processes[network.process(link.instance)].needs[link.need]
    number_ = _need_number(run, link.instance, link.need)
    supplier = instance_name(run, link.supplier, lang)
    use = word("lacks_for", lang, use=purpose(link.need, need, lang))
    since = _short_since(run, link.supplier, link.time)
    wrong = bool(_wrong_path(run, link.supplier, link.time))
    how = "lacks"
    if wrong:
        cap = need.if_manipulated.level.mode if need.if_manipulated is not None else -1
        how = "misled_by" if link.after == cap else "refuses"
    lack = (_lack_in_regions(run, link, number_, lang) if how == "lacks" else "") or word(how, lang, name=supplier)
    lines = [(word("because_label", lang), f"{lack}; {use}")]
    data.update(
        supplier_level=_level(run, link.supplier, link.time) / FULL,
        short_since_h=since / HOUR,
        confidence=need.confidence,
        source=" ".join(need.source),
    )
    if not wrong:
        lines.append((word("reserve_label", lang), _reserve(run, link, number_, since, lang)))
    if need.sustained_by is not None:
        level = _mean_level(run, _sustainers(run, number_), link.time)
        name = name_of(model, need.sustained_by.partition("@")[0], lang)
        lines.append((word("refuelling_label", lang), f"{name} ({share(level / FULL, lang)})"))
        data.update(sustained_by=need.sustained_by, sustained_level=level / FULL)
    lines.append((word("stand_in_label", lang), _stand_ins(run, link, number_, need, data, lang)))
    lines.append((word("evidence_label", lang), _cited(model, need, lang)))
    short = _also_short(run, link, lang)
    if short:
        lines.append((word("also_label", lang), short))
    return lines


def _cited(model: Model, thing: Evidence | Event, lang: Lang) -> str:
    titles = [clipped(model.sources[k].title, 60) + f" [{k}]" for k in thing.source if k in model.sources]
    sure = word("confidence_is", lang, c=word(thing.confidence or "confidence_unknown", lang))
    return f"{sure}; {'; '.join(titles) or word('no_source', lang)}"


def _need_number(run: Run, instance: int, need: str) -> int:
    a = run.network.arrays
    numbers = range(a.need_start[instance], a.need_start[instance + 1])
    return next(n for n in numbers if run.network.need_names[n] == need)


def _level(run: Run, instance: int, time: int) -> int:
    """Level of an instance at a moment, 1/10 000."""
    start, _, level = run.stretches(instance)
    return int(level[start.searchsorted(time, "right") - 1])


def _short_since(run: Run, instance: int, time: int) -> int:
    """Return since when an instance has been below full without a break, at a moment; the moment itself if it is not."""
    start, _, level = run.stretches(instance)
    k = int(start.searchsorted(time, "right")) - 1
    since = time
    while k >= 0 and level[k] < FULL:
        since = int(start[k])
        k -= 1
    return since


def _reserve(run: Run, link: Change, need: int, since: int, lang: Lang) -> str:
    """Say how much of its endurance was used; measures in place are in the network's steps."""
    a = run.network.arrays
    first, last = int(a.step_start[need]), int(a.step_start[need + 1])
    steps = list(zip(a.step_time[first:last].tolist(), a.step_level[first:last].tolist(), strict=True))
    passed = [(h, level) for h, level in steps if h <= link.time - since]
    if not any(h for h, _ in steps):
        return word("no_reserve", lang)
    if not passed:
        return word("partly_supplied", lang)
    h, level = passed[-1]
    lost = share(1 - level / FULL, lang)
    text = word("reserve_used", lang, d=duration(link.time - since, lang), h=duration(h, lang), lost=lost)
    if h == 0:
        text = word("reserve_at_once", lang, lost=lost)
    if link.after > level and link.kind == "need":
        text += "; " + word("partly_supplied", lang)
    coming = [(h, level) for h, level in steps if h > link.time - since]
    if coming:
        text += "; " + word(
            "reserve_next", lang, h=duration(coming[0][0], lang), lost=share(1 - coming[0][1] / FULL, lang)
        )
    return text


def _sustainers(run: Run, need: int) -> list[tuple[int, int]]:
    a = run.network.arrays
    first, last = int(a.sustain_start[need]), int(a.sustain_start[need + 1])
    return list(zip(a.sustainer[first:last].tolist(), a.sustain_weight[first:last].tolist(), strict=True))


def _mean_level(run: Run, members: list[tuple[int, int]], time: int) -> int:
    total = sum(w for _, w in members)
    return sum(w * _level(run, j, time) for j, w in members) // total if total else 0


def _members(run: Run, need: int) -> dict[str, list[tuple[int, int]]]:
    """Suppliers of a need by process, in file order: instances and their weights."""
    a, network = run.network.arrays, run.network
    found: dict[str, list[tuple[int, int]]] = {}
    for term in range(a.term_start[need], a.term_start[need + 1]):
        for m in range(a.member_start[term], a.member_start[term + 1]):
            j = int(a.supplier[m])
            found.setdefault(network.process(j), []).append((j, int(a.weight[m])))
    return found


def _lack_in_regions(run: Run, link: Change, need: int, lang: Lang) -> str:
    """Say in how many regions a supplier with a copy in several fell short, and where most; nothing for a single copy."""
    network = run.network
    process = network.process(link.supplier)
    members = [(j, w) for j, w in _members(run, need)[process] if network.region(j)]
    places = {network.region(j) for j, _ in members}
    if len(places) < 2:
        return ""
    lost: dict[str, int] = {}
    for j, w in members:
        missed = w * (FULL - _level(run, j, link.time))
        if missed:
            lost[network.region(j)] = lost.get(network.region(j), 0) + missed
    if not lost:
        return ""
    most, followed = max(sorted(lost), key=lambda r: lost[r]), network.region(link.supplier)
    regions = run.model.regions
    text = word("largest_share", lang, place=regions[most].name)
    if followed != most:
        text += "; " + word("followed_here", lang, place=regions[followed].name)
    key = "lacks_in_all" if len(lost) == len(places) else "lacks_in_some"
    name = name_of(run.model, process, lang)
    blanks = {"name": name, "n": len(places), "most": text}
    return word(key, lang, **blanks) if key == "lacks_in_all" else word(key, lang, k=len(lost), **blanks)


def _stand_ins(run: Run, link: Change, number_: int, need: Need, data: dict[str, Any], lang: Lang) -> str:
    """Name the other suppliers of a need and how much they still delivered at that moment."""
    binding = run.network.process(link.supplier)
    levels = {
        process: _mean_level(run, members, link.time)
        for process, members in _members(run, number_).items()
        if process != binding
    }
    data["others"] = {process: level / FULL for process, level in levels.items()}
    texts = [f"{name_of(run.model, p, lang)} ({share(v / FULL, lang)})" for p, v in levels.items()]
    if run.network.arrays.rule[number_] not in (RULES["any_of"], RULES["at_least"]):
        return word("no_stand_in", lang)
    return "; ".join(texts) or word("no_stand_in", lang)


def _also_short(run: Run, link: Change, lang: Lang) -> str:
    """Name the other needs of a process of which no supplier delivered in full at that moment."""
    a = run.network.arrays
    found: dict[str, int] = {}
    for need in range(a.need_start[link.instance], a.need_start[link.instance + 1]):
        if run.network.need_names[need] == link.need:
            continue
        members = _members(run, need)
        levels = {p: _mean_level(run, m, link.time) for p, m in members.items()}
        one_is_enough = a.rule[need] in (RULES["any_of"], RULES["at_least"])
        pick = max if one_is_enough else min
        process = pick(levels, key=lambda p: levels[p])
        if levels[process] < FULL:
            found[process] = levels[process]
    texts = [f"{name_of(run.model, p, lang)} ({share(v / FULL, lang)})" for p, v in found.items()]
    return "; ".join(texts)


def course(run: Run, instance: int, lang: Lang) -> str:
    """Write how one instance went: ``0 h: 95% → 3 d: 10% → 4 d: 100%``; of many steps the first and the last."""
    parts = [f"{at}: {share(level / FULL, lang)}" for at, level in _printed(run, instance, lang)]
    if len(parts) > SHOWN_COURSE:
        half = SHOWN_COURSE // 2
        parts = [*parts[:half], "…", *parts[-half:]]
    return " → ".join(parts)


def _printed(run: Run, instance: int, lang: Lang) -> list[tuple[str, int]]:
    """Return moments as they are printed and the level from then on; steps under a point do not count."""
    found: list[tuple[str, int]] = []
    changes = run.changes_of(instance)
    for k, c in enumerate(changes):
        before = found[-1][1] if found else FULL
        if abs(c.after - before) < FULL // 100 and k < len(changes) - 1 and c.after < FULL:
            continue
        # minutes matter in the first half day only
        at = duration(c.time if c.time < 12 * HOUR else HOUR * round(c.time / HOUR), lang)
        if found and found[-1][0] == at:
            found.pop()
        if share(c.after / FULL, lang) != share((found[-1][1] if found else FULL) / FULL, lang):
            found.append((at, c.after))
    return found


def course_table(run: Run, instance: int, lang: Lang) -> Table:
    """Give how one instance went: each moment of change and the level from then on."""
    rows = [{"time_h": c.time / HOUR, "level": c.after / FULL} for c in run.changes_of(instance)]
    columns = (Column("time_h", word("after", lang), "hours"), Column("level", word("level", lang), "share"))
    return Table("course", word("course", lang), columns, rows)


def chain_table(steps: list[Step], lang: Lang) -> Table:
    """Give a chain of causes as data: one row a link, with everything that was said of it."""
    keys = (
        "instance", "since_h", "level", "because", "need", "supplier", "supplier_level", "short_since_h",
        "sustained_by", "sustained_level", "others", "event", "event_name", "loop", "confidence", "source",
    )  # fmt: skip
    rows = [{"step": n, **dict.fromkeys(keys), **step.data} for n, step in enumerate(steps, 1)]
    return Table("chain", word("course", lang), tuple(Column(key, key) for key in ("step", *keys)), rows)
