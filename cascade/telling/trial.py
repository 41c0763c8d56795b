"""Past incidents beside their runs as short tables: scores, what is missed and why, false alarms, what lies outside."""

import re
from typing import Any, Final

from cascade.model import Lang
from cascade.results.hindcast import Hindcast, Verdict
from cascade.results.judging import ALARM_WEIGHT, IN_TIME, RICH, Line, Score, cause_of, moment_of, score, worst_copy
from cascade.telling.causes import Step, why
from cascade.telling.columns import Column, Table, instance_name, name_of, where_text
from cascade.units import FULL, Uncertain
from cascade.words import clipped, duration, number, share, word

MAIN_MISSES: Final = 25
MAIN_ALARMS: Final = 15
FEW: Final = 3
"""Of so many incidents every line is shown without asking."""


_KINDS: Final = {"onset": "kind_onset", "degree": "kind_degree", "end": "kind_end", "quiet": "kind_quiet"}
_MISSES: Final = {
    "onset": "miss_onset",
    "degree": "miss_degree",
    "end": "miss_end",
    "quiet": "miss_quiet",
    "alarm": "miss_alarm",
}
_STATUSES: Final = {"given": "given", "left-out": "left_out", "out-of-scope": "out_of_scope"}


def _kind(kind: str, lang: Lang) -> str:
    return word(_KINDS[kind], lang) if kind in _KINDS else "-"


def tables(found: Hindcast, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return every table of a hindcast, in the order in which people read them."""
    made = [
        totals(found, lang),
        kinds(found, lang),
        incidents(found, lang),
        processes(found, lang),
        lines(found, lang),
        misses(found, lang, None if whole else MAIN_MISSES),
        alarms(found, lang, None if whole else MAIN_ALARMS),
        out_of_scope(found, lang),
    ]
    return [*made, structural(found, lang)] if found.samples is not None else made


# ------------------------------------------------------------------ scores


def totals(found: Hindcast, lang: Lang) -> Table:
    """Give the score in a few lines: over all, without false alarms, how many lines, and its spread over samples."""
    seen, everything = found.total_without_alarms, found.total
    by_status = {
        s: sum(1 for line in found.all_lines if line.status == s) for s in ("given", "left-out", "out-of-scope")
    }
    missed = seen.lines - seen.met - seen.half
    alarms = everything.lines - seen.lines
    counts = word(
        "hindcast_counts",
        lang,
        lines=seen.lines,
        incidents=len(found.verdicts),
        met=seen.met,
        half=seen.half,
        missed=missed,
    )
    untested = word(
        "hindcast_untested_text",
        lang,
        given=by_status["given"],
        left=by_status["left-out"],
        out=by_status["out-of-scope"],
    )
    rows: list[tuple[str, Any, str, str]] = [
        ("score", seen.share, word("hindcast_score", lang), _share(seen.share, lang)),
        ("score_with_alarms", everything.share, word("hindcast_score_all", lang), _share(everything.share, lang)),
        *_spread(found, lang),
        ("score_unweighted", seen.plain, word("hindcast_plain", lang), _share(seen.plain, lang)),
        ("lines", seen.lines, word("hindcast_lines", lang), counts),
        ("met", seen.met, "", ""),
        ("half", seen.half, "", ""),
        ("missed", missed, "", ""),
        ("alarms", alarms, word("alarms_head", lang), number(alarms, lang)),
        ("given", by_status["given"], word("hindcast_untested", lang), untested),
        ("left_out", by_status["left-out"], "", ""),
        ("out_of_scope", by_status["out-of-scope"], "", ""),
        ("incidents", len(found.verdicts), "", ""),
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    data = [dict(zip(("key", "value", "label", "text"), row, strict=True)) for row in rows]
    return Table("totals", word("totals", lang), columns, data, keyed=True)


def _spread(found: Hindcast, lang: Lang) -> list[tuple[str, Any, str, str]]:
    if found.samples is None:
        return []
    low, middle, high = found.samples.quantiles()
    text = word(
        "hindcast_spread_text",
        lang,
        low=share(low, lang),
        middle=share(middle, lang),
        high=share(high, lang),
        n=found.samples.number,
    )
    return [
        ("samples", found.samples.number, word("hindcast_spread", lang), text),
        ("seed", found.samples.seed, "", ""),
        ("score_p05", low, "", ""),
        ("score_p50", middle, "", ""),
        ("score_p95", high, "", ""),
    ]


def _share(value: float | None, lang: Lang) -> str:
    return "-" if value is None else share(value, lang)


def _figures(of: Score) -> dict[str, Any]:
    return {
        "lines": of.lines,
        "met": of.met,
        "half": of.half,
        "missed": of.lines - of.met - of.half,
        "weight": float(of.weight),
        "score": of.share,
        "unweighted": of.plain,
    }


def _figure_columns(lang: Lang) -> tuple[Column, ...]:
    return (
        Column("lines", word("lines_head", lang), "number"),
        Column("met", word("met_head", lang), "number"),
        Column("half", word("half_head", lang), "number"),
        Column("missed", word("missed_head", lang), "number"),
        Column("weight", "", on="data"),
        Column("score", word("score", lang), "share", empty="-"),
        Column("unweighted", word("score_plain", lang), "share", empty="-"),
    )


def kinds(found: Hindcast, lang: Lang) -> Table:
    """Score each kind of test; false alarms are counted apart."""
    rows = [
        {"kind": kind, "name": _kind(kind, lang), **_figures(of)}
        for kind, of in found.groups("kind").items()
        if kind != "alarm"
    ]
    columns = (Column("kind", "", on="data"), Column("name", word("test", lang)), *_figure_columns(lang))
    return Table("kinds", word("by_kind", lang), columns, rows)


def incidents(found: Hindcast, lang: Lang) -> Table:
    """Score each incident, with its false alarms beside it."""
    rows = []
    for verdict in found.verdicts:
        alarms = [line for line in verdict.lines if line.kind == "alarm"]
        rows.append(
            {
                "incident": verdict.incident,
                "short": short_name(verdict.incident),
                "name": verdict.scenario.name[lang],
                **_figures(score(line for line in verdict.lines if line.kind != "alarm")),
                "alarms": len(alarms),
                "score_with_alarms": score(verdict.lines).share,
            }
        )
    columns = (
        Column("incident", "", on="data"),
        Column("short", "", on="screen"),
        Column("name", word("incident", lang), clip=True),
        *_figure_columns(lang),
        Column("alarms", word("alarms_head", lang), "large"),
        Column("score_with_alarms", "", on="data"),
    )
    return Table("incidents", word("by_incident", lang), columns, rows)


def processes(found: Hindcast, lang: Lang) -> Table:
    """Score each process, most points lost first."""
    model = found.model
    of: dict[str, list[Line]] = {}
    for line in found.all_lines:
        if line.scored:
            of.setdefault(line.process, []).append(line)
    rows = []
    for process, group in of.items():
        alarms = sum(1 for line in group if line.kind == "alarm")
        rows.append(
            {
                "sector": model.sector_of[process],
                "process": process,
                "name": name_of(model, process, lang),
                **_figures(score(line for line in group if line.kind != "alarm")),
                "alarms": alarms,
                "lost": float(score(group).weight - score(group).earned),
            }
        )
    rows.sort(key=lambda row: (-row["lost"], row["process"]))
    columns = (
        Column("sector", "", on="data"),
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        *_figure_columns(lang),
        Column("alarms", word("alarms_head", lang), "large"),
        Column("lost", "", on="data"),
    )
    return Table("processes", word("by_process", lang), columns, rows)


# ------------------------------------------------------------------ lines


def lines(found: Hindcast, lang: Lang) -> Table:
    """List everything that was seen beside what the model says, with points and weight."""
    rows = []
    for verdict in found.verdicts:
        # one place need not be said on every line
        places = len({line.where for line in verdict.lines if line.where}) > 1
        rows += [_row(found, verdict, line, lang, places=places) for line in verdict.lines if line.kind != "alarm"]
    columns = (
        *_incident(lang),
        *_line_columns(lang),
        Column("verdict_text", word("judged", lang), on="screen"),
        Column("points", "", on="data"),
        Column("weight", "", on="data"),
        Column("evidence", word("evidence_key", lang)),
        Column("status", "", on="data"),
        Column("remark", "", on="data"),
        *((Column("met", word("met_share", lang), "share", empty="-"),) if found.samples is not None else ()),
        *((Column("mean_points", "", on="data"),) if found.samples is not None else ()),
    )
    return Table("lines", word("all_lines", lang), columns, rows)


def _incident(lang: Lang) -> tuple[Column, Column]:
    """Name the incident: in full for programs, in short for people."""
    return Column("incident", "", on="data"), Column("short", word("incident", lang), on="screen")


def short_name(incident: str) -> str:
    """Shorten a name to the number it begins with (``i03-amsterdam`` to ``I03``); one without, to what fits."""
    number_, dash, _ = incident.partition("-")
    return number_.upper() if dash and re.fullmatch(r"[a-z]{1,3}\d{1,4}", number_) else clipped(incident, 14)


def _line_columns(lang: Lang) -> tuple[Column, ...]:
    return (
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        Column("where", "", on="data"),
        Column("kind", "", on="data"),
        Column("kind_text", word("test", lang), on="screen"),
        Column("seen_low", "", on="data"),
        Column("seen", "", on="data"),
        Column("seen_high", "", on="data"),
        Column("predicted", "", on="data"),
        Column("seen_text", word("seen", lang), on="screen"),
        Column("predicted_text", word("predicted", lang), on="screen"),
    )


def _row(found: Hindcast, verdict: Verdict, line: Line, lang: Lang, *, places: bool = True) -> dict[str, Any]:
    reason = verdict.reason(line)
    remark = reason[lang].strip() if reason is not None else word(line.remark, lang) if line.remark else ""
    return {
        **found.record(line),
        "short": short_name(line.incident),
        "name": _named(found, verdict, line, lang) if places else _thing(found, verdict, line, lang),
        "kind_text": _kind(line.kind, lang),
        "seen_text": seen_text(line, lang),
        "predicted_text": predicted_text(line, lang),
        "verdict_text": _verdict(line, lang),
        "remark": remark,
    }


def _thing(found: Hindcast, verdict: Verdict, line: Line, lang: Lang) -> str:
    """Name what a line is about: its process; what the model has no process for in the words of the file."""
    what = verdict.scenario.observed[line.number].what if line.number >= 0 else None
    if line.process:
        return name_of(found.model, line.process, lang)
    return what[lang].strip() if what is not None else ""


def _named(found: Hindcast, verdict: Verdict, line: Line, lang: Lang) -> str:
    """Name what a line is about, and where."""
    name = _thing(found, verdict, line, lang)
    return f"{name}, {where_text(found.model, line.where, lang)}" if line.process and line.where else name


def _verdict(line: Line, lang: Lang) -> str:
    if line.points is None:
        return word(_STATUSES[line.status], lang)
    return word("hit" if line.points == 1 else "half_hit" if line.points else "miss", lang)


def _value(line: Line, value: int, lang: Lang) -> str:
    if line.kind in IN_TIME:
        return duration(value, lang) if value else word("at_once", lang)
    return share(value / FULL, lang)


def seen_text(line: Line, lang: Lang) -> str:
    """Write what was seen: the most likely value and the range, or the bound."""
    if line.seen is None:
        return "-"
    if line.kind == "quiet":
        return word("at_most", lang, s=share(line.seen.high / FULL, lang))
    return _range(line, line.seen, lang)


def _range(line: Line, seen: Uncertain, lang: Lang) -> str:
    mode = _value(line, seen.mode, lang)
    return mode if seen.certain else f"{mode} ({_value(line, seen.low, lang)} – {_value(line, seen.high, lang)})"


def predicted_text(line: Line, lang: Lang) -> str:
    """Write what the run says of a line."""
    if not line.kind:
        return "-"
    if line.predicted is not None:
        return _value(line, line.predicted, lang)
    if line.status == "out-of-scope" and not line.copies:
        return "-"
    return word("no_failure" if line.nothing else "not_ended", lang)


# ------------------------------------------------------------------ what is missed, and why


def missed(found: Hindcast) -> list[tuple[Verdict, Line]]:
    """Return the lines without the full point, most points lost first."""
    all_ = [(v, line) for v in found.verdicts for line in v.lines if line.missed and line.kind != "alarm"]
    return sorted(all_, key=lambda pair: -_lost(pair[1]))


def _lost(line: Line) -> float:
    return float(line.weight * (1 - line.points)) if line.points is not None else 0.0


def misses(found: Hindcast, lang: Lang, most: int | None = None) -> Table:
    """List what is missed: one sentence each, what the run says against what was seen, and what binds there."""
    pairs = missed(found)
    rows = [_miss(found, verdict, line, lang) for verdict, line in pairs[:most]]
    columns = (
        *_incident(lang),
        Column("process", "", on="data"),
        Column("name", word("process", lang)),
        Column("where", "", on="data"),
        Column("kind", "", on="data"),
        Column("sentence", word("what", lang)),
        Column("need", "", on="data"),
        Column("supplier", "", on="data"),
        Column("points", "", on="data"),
        Column("lost", "", on="data"),
        Column("evidence", word("evidence_key", lang)),
    )
    note = word("misses_note", lang, n=len(rows), m=len(pairs)) if len(rows) < len(pairs) else ""
    return Table("misses", word("misses", lang), columns, rows, note)


def _miss(found: Hindcast, verdict: Verdict, line: Line, lang: Lang) -> dict[str, Any]:
    cause = cause_of(verdict.run, line)
    network = verdict.run.network
    return {
        **found.record(line),
        "short": short_name(line.incident),
        "name": _named(found, verdict, line, lang),
        "sentence": sentence(verdict, line, lang),
        "because": _because(verdict, line, lang),
        "need": cause.need if cause else "",
        "supplier": network.labels[cause.supplier] if cause and cause.supplier >= 0 else "",
        "lost": _lost(line),
    }


def sentence(verdict: Verdict, line: Line, lang: Lang) -> str:
    """Say in one sentence what the run predicts, what was seen, and what binds the worst copy there."""
    key, said, seen = _MISSES[line.kind], "", ""
    if line.predicted is None:
        key = "miss_onset_never" if line.kind == "onset" else "miss_end_none" if line.nothing else "miss_end_never"
    else:
        said = _value(line, line.predicted, lang)
        said = word("after_d", lang, d=said) if line.kind in IN_TIME and line.predicted else said
    if line.seen is not None:
        seen = share(line.seen.high / FULL, lang) if line.kind == "quiet" else _range(line, line.seen, lang)
        seen = word("after_d", lang, d=seen) if line.kind in IN_TIME and line.seen.mode else seen
    return f"{word(key, lang, p=said, s=seen)}; {_because(verdict, line, lang)}"


def _because(verdict: Verdict, line: Line, lang: Lang) -> str:
    cause = cause_of(verdict.run, line)
    if cause is None or not cause.kind or cause.after == FULL:
        return word("by_nothing", lang)
    if cause.need:
        network = verdict.run.network
        near = network.region(cause.supplier) in ("", network.region(cause.instance))
        # of the same region, or one of the many copies of a supplier: its name says enough
        near = near or not network.region(cause.instance)
        name = name_of(verdict.run.model, network.process(cause.supplier), lang)
        return word("by_lack", lang, name=name if near else instance_name(verdict.run, cause.supplier, lang))
    return word("by_restart", lang) if cause.kind == "restart" else word("by_event", lang, n=cause.event + 1)


def chains(found: Hindcast, lang: Lang, most: int | None = None) -> list[tuple[list[str], list[Step]]]:
    """Give the whole chain of causes behind each miss and false alarm, back to the event; misses of one chain together."""
    told: dict[tuple[Any, ...], tuple[list[str], list[Step]]] = {}
    for verdict, line in [*missed(found)[:most], *_alarm_pairs(found)[:most]]:
        run, copy, at = verdict.run, worst_copy(verdict.run, line), moment_of(line)
        title = f"{verdict.incident}: {_named(found, verdict, line, lang)}: {sentence(verdict, line, lang)}"
        links = run.chain(copy, at) if copy is not None else []
        key = (verdict.incident, line.process, *links)
        if key not in told:
            told[key] = ([], why(run, copy, lang, at) if copy is not None else [])
        told[key][0].append(title)
    return list(told.values())


# ------------------------------------------------------------------ alarms, what is outside, structure


def _alarm_pairs(found: Hindcast) -> list[tuple[Verdict, Line]]:
    pairs = [(v, line) for v in found.verdicts for line in v.lines if line.kind == "alarm"]
    return sorted(pairs, key=lambda pair: -(pair[1].predicted or 0))


def alarms(found: Hindcast, lang: Lang, most: int | None = None) -> Table:
    """List what fails in the run of a rich incident and was reported by nobody, greatest loss first."""
    pairs = _alarm_pairs(found)
    rows = [_miss(found, verdict, line, lang) for verdict, line in pairs[:most]]
    columns = (
        *_incident(lang),
        Column("process", "", on="data"),
        Column("name", word("process", lang)),
        Column("where", "", on="data"),
        Column("predicted", word("lost_head", lang), "share"),
        Column("sentence", "", on="data"),
        Column("because", word("because_of", lang), on="screen"),
        Column("need", "", on="data"),
        Column("supplier", "", on="data"),
        Column("weight", "", on="data"),
    )
    note = word("false_alarms_note", lang, n=RICH, w=number(float(ALARM_WEIGHT), lang, 3))
    if len(rows) < len(pairs):
        note += " " + word("only_largest", lang, n=len(rows), m=len(pairs))
    return Table("alarms", word("false_alarms", lang), columns, rows, note if rows else "")


def out_of_scope(found: Hindcast, lang: Lang) -> Table:
    """List what was seen and lies outside the model, with the reason."""
    rows, told = [], set()
    for verdict in found.verdicts:
        for line in verdict.lines:
            if line.status == "out-of-scope" and (verdict.incident, line.number) not in told:
                told.add((verdict.incident, line.number))
                rows.append(_row(found, verdict, line, lang))
    columns = (
        *_incident(lang),
        Column("process", "", on="data"),
        Column("name", word("what", lang)),
        Column("remark", word("because_of", lang)),
        Column("evidence", "", on="data"),
    )
    return Table("out-of-scope", word("untested", lang), columns, rows)


def structural(found: Hindcast, lang: Lang) -> Table:
    """List the lines that no sample met."""
    wanted = set(map(id, found.structural))
    rows = [
        _row(found, verdict, line, lang) for verdict in found.verdicts for line in verdict.lines if id(line) in wanted
    ]
    for row in rows:
        row["mean_text"] = number(row["mean_points"], lang, 2)
    columns = (
        *_incident(lang),
        *_line_columns(lang),
        Column("met", "", on="data"),
        Column("mean_points", "", on="data"),
        Column("mean_text", word("mean_points", lang), "right", on="screen"),
        Column("weight", "", on="data"),
        Column("evidence", word("evidence_key", lang)),
    )
    return Table("structural", word("structural", lang), columns, rows)


def shown_in_full(found: Hindcast) -> bool:
    """Whether there are so few incidents that people see every line without asking."""
    return len(found.verdicts) <= FEW
