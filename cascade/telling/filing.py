"""The dossier of one process as a paper to be filled in: what the model says, part by part, and boxes for the rest."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from cascade.model import Lang, Model
from cascade.results.filing import LETTERS, Claim, Felt, Filing, applicable, blanks, claims
from cascade.results.reach import LONGEST
from cascade.telling import digest, dossier
from cascade.telling.causes import why
from cascade.telling.columns import Column, Table, as_records, instance_name, name_of
from cascade.telling.duties import criteria_part, duties_part, hazards_part, measures_part
from cascade.telling.paper import Blank, Paper, Part, Picture, Sheet, blank
from cascade.telling.reliance import counted, dependence_part, later, register_part, where_text
from cascade.telling.safeguards import safeguards_part
from cascade.telling.screen import Screen
from cascade.units import HOUR
from cascade.words import annex, duration, number, share, word

ANV_OPEN: Final = ("11", "12", "13", "14", "21", "22", "32", "41", "52", "53", "6")
"""Criteria of the national risk analysis that ask for a judgement."""
CHAIN: Final = "chain-worst"
"""Name of the picture of the worst scenario's chain."""
ON_SCREEN: Final = 8
"""Rows of a table that the short version shows."""


def paper(found: Filing, lang: Lang, mark: str, program: str, notes: Iterable[str] = ()) -> Paper:
    """Lay out a dossier.

    Parameters
    ----------
    found : Filing
    lang : str
    mark : str
        The mark on every page.
    program : str
        Name and version of the program.
    notes : iterable of str
        What has to be said of marks: that something was left out, that the whole may deserve a higher one.
    """
    name = found.model.processes[found.process].name[lang]
    if found.region is not None:
        name = f"{name}, {found.model.regions[found.region].name}"
    parts = [
        _general(found, lang, program, mark),
        dependence_part(found, lang),
        register_part(found, lang),
        _scenarios(found, lang),
        criteria_part(found, lang),
        measures_part(found, lang),
        hazards_part(found, lang),
        safeguards_part(found, lang),
        _evidence(found, lang),
    ]
    parts.append(duties_part(found, {part.key: n for n, part in enumerate(parts, 1)}, lang))
    parts.append(_made(lang))
    title, told = word("filing_title", lang, name=name), tuple(note for note in notes if note)
    made = Paper(title, word("filing_subtitle", lang), (), tuple(parts), lang, mark, told)
    return replace(made, lines=(word("filing_purpose", lang, n=len(made.blanks)),))


# ------------------------------------------------------------------ general


def _general(found: Filing, lang: Lang, program: str, mark: str) -> Part:
    rows = [
        {"key": key, "value": value, "label": label, "text": text}
        for key, value, label, text in _head(found, lang, program, mark)
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    head = Table("general", word("filing_head", lang), columns, rows, keyed=True)
    told = [{"key": key, "value": text, "label": "", "text": text} for key, text in _summary(found, lang)]
    points = Table("summary", word("filing_summary", lang), (*columns[:2], columns[3]), told, keyed=True)
    return Part("general", word("filing_part_general", lang), (Sheet(points), Sheet(head)))


Line = tuple[str, Any, str, str | Blank]


def _head(found: Filing, lang: Lang, program: str, mark: str) -> list[Line]:
    """Give the header page: key, value for programs, label and text."""
    model, process, info = found.model, found.process, found.model.info
    definition, sector = model.processes[process], model.sector_of[process]
    item = definition.lists.get("cer")
    names = sorted(key for key, given in info.parameters.items() if given.measure or given.thresholds)
    day = found.designated.isoformat() if found.designated is not None else None
    role, when = "filing_role_prompt", word("filing_date_prompt", lang)
    return [
        ("entity", None, word("filing_entity", lang), blank("entity", lang)),
        ("process", process, word("process", lang), f"{definition.name[lang]} [{process}]"),
        ("sector", sector, word("sector", lang), model.sectors[sector].name[lang]),
        ("where", found.region or "", word("filing_where", lang), _where(found, lang)),
        ("annex", item, word("filing_annex", lang), annex(item, lang) if item else word("filing_no_annex", lang)),
        *_authorities(found, lang),
        ("model", info.version, word("filing_model", lang), f"{info.title[lang]}, {info.version}"),
        ("parameters", names, word("filing_parameters", lang), ", ".join(names)),
        ("program", program, word("filing_program", lang), program),
        ("lasting_h", found.lasting / HOUR, word("filing_own_for", lang), _lasting(found, lang)),
        ("scenarios", len(found.scenarios), word("filing_played", lang), number(len(found.scenarios), lang)),
        ("marking", mark, word("filing_marking", lang), mark),
        (
            "marking_until",
            None,
            word("filing_marking_until", lang),
            blank("marking-until", lang, "filing_until_prompt"),
        ),
        ("designated", day, word("filing_designated", lang), day or Blank("designated", when, "date")),
        ("method", None, word("filing_method", lang), blank("method", lang)),
        ("reused", None, word("filing_reused", lang), blank("reused", lang)),
        ("made_on", None, word("filing_made_on", lang), Blank("made-on", when, "date")),
        ("author", None, word("filing_author", lang), blank("author-role", lang, role)),
        ("reviewer", None, word("filing_reviewer", lang), blank("reviewer-role", lang, role)),
        ("review_on", None, word("filing_review_on", lang), Blank("review-on", when, "date")),
    ]


def _where(found: Filing, lang: Lang) -> str:
    if found.region is not None:
        return word("filing_only_region", lang, name=found.model.regions[found.region].name)
    model, process = found.model, found.process
    if process in model.assets:
        return word("in_assets", lang, n=len(model.assets[process].ids))
    regional = model.processes[process].regional
    return word("in_regions", lang, n=len(model.regions)) if regional else word("national", lang)


def _lasting(found: Filing, lang: Lang) -> str:
    return word("filing_own_for_text", lang, d=duration(found.lasting, lang), e=duration(LONGEST, lang))


def _authorities(found: Filing, lang: Lang) -> list[Line]:
    """Name the ministry by the model, and by the table of authorities the rest; without an entry there are boxes."""
    model, key = found.model, found.model.supervised_by(found.process)
    ministry = model.authority(found.process)
    lines: list[Line] = [
        ("ministry", ministry or None, word("authority", lang), ministry or blank("ministry", lang)),
    ]
    team, supervisor = word("filing_incident_team", lang), word("filing_supervisor", lang)
    if key is None:
        lines.append(("incident_team", None, team, blank("incident-team", lang)))
        return [*lines, ("supervisor", None, supervisor, blank("supervisor", lang))]
    entry = model.authorities[key]
    if ministry and ministry not in entry.ministry:
        lines.append(("ministry_cbw", entry.ministry, word("filing_ministry_cbw", lang), entry.ministry))
    lines.append(("incident_team", entry.incident_team, team, entry.incident_team or blank("incident-team", lang)))
    text = word("filing_supervisor_text", lang, name=entry.supervisor, sure=dossier.evidence_text(entry, lang))
    if entry.note is not None:
        text += " " + entry.note[lang].strip()
    return [*lines, ("supervisor", entry.supervisor, supervisor, text)]


def _summary(found: Filing, lang: Lang) -> list[tuple[str, str]]:
    """Say in a handful of sentences what stands in the rest."""
    lines = [
        ("needs", _sum_needs(found, lang)),
        ("dependents", _sum_dependents(found, lang)),
        ("worst", _sum_worst(found, lang)),
    ]
    scores = [f"{r['criterion']} {r['score']}" for r in as_records(found.impact.anv) if r["score"] != "-"]
    if scores:
        lines.append(("anv", word("filing_sum_anv", lang, classes=", ".join(scores))))
    thresholds = as_records(found.notifications)
    passes = [row["passes_h"] for row in thresholds if row["verdict"] == "passes"]
    if passes:
        start = min(row["notice_from_h"] for row in thresholds if row["verdict"] == "passes")
        text = word(
            "filing_sum_notify", lang, n=len(thresholds), m=len(passes), when=later(min(passes), lang), start=later(start, lang)
        )  # fmt: skip
    else:
        text = word("filing_sum_notify_none" if thresholds else "notification_uncovered", lang, n=len(thresholds))
    told = claims(found.model, found.process)
    weak = sum(1 for claim in told if claim.weakness)
    return [
        *lines,
        ("notification", text),
        ("measures", _sum_measures(found, lang)),
        ("evidence", word("filing_sum_evidence", lang, n=len(told), m=weak)),
    ]


def _sum_measures(found: Filing, lang: Lang) -> str:
    kept = {m.article_13 for m in applicable(found.model, found.process).values()}
    lacking = [letter for letter in LETTERS if letter not in kept]
    who = counted("measures", len(found.helped), lang)
    if not lacking:
        return word("filing_sum_measures_all", lang, who=who)
    letters = word(f"filing_{'1' if len(lacking) == 1 else 'n'}_letters", lang, letters=", ".join(lacking))
    return word("filing_sum_measures", lang, who=who, letters=letters)


def _sum_needs(found: Filing, lang: Lang) -> str:
    rows = as_records(found.suppliers)
    direct = sum(1 for row in rows if row["direct"])
    felt = [row for row in rows if row["over10_h"] is not None]
    if not felt:
        return word("filing_sum_needs_none", lang, who=counted("suppliers", direct, lang), d=duration(LONGEST, lang))
    name = name_of(found.model, felt[0]["process"], lang)
    return word(
        "filing_sum_needs",
        lang,
        who=counted("suppliers", direct, lang),
        name=name,
        when=later(felt[0]["over10_h"], lang),
    )


def _sum_dependents(found: Filing, lang: Lang) -> str:
    felt = [row for row in as_records(found.dependents) if row["over10_h"] is not None]
    d = duration(found.lasting, lang)
    if not felt:
        return word("filing_sum_dependents_none", lang, d=d)
    who, where = (
        counted("others", len(felt), lang),
        counted("sectors", len({row["sector"] for row in felt}), lang),
    )
    name = name_of(found.model, felt[0]["process"], lang)
    when = later(felt[0]["over10_h"], lang)
    return word("filing_sum_dependents", lang, d=d, who=who, where=where, name=name, when=when)


def _sum_worst(found: Filing, lang: Lang) -> str:
    if not found.reached:
        return word("filing_sum_worst_none", lang, n=len(found.scenarios))
    worst = found.reached[0]
    return word(
        "filing_sum_worst", lang, n=len(found.scenarios), m=len(found.reached), name=worst.scenario.name[lang],
        level=share(worst.lowest, lang),
    )  # fmt: skip


# ------------------------------------------------------------------ scenarios and own failure


def _scenarios(found: Filing, lang: Lang) -> Part:
    sheets = (
        Sheet(_scenario_table(found, lang)),
        Sheet(_own(found, lang)),
        Sheet(digest.anv(found.impact, lang)),
        Sheet(_anv_open(lang)),
    )
    pictures: tuple[Picture, ...] = ()
    worst = chained(found)
    closing: tuple[str, ...] = ()
    if found.reached and worst is not found.reached[0]:
        key = "filing_picture_none" if worst is None else "filing_picture_other"
        closing = (word(key, lang, name=found.reached[0].scenario.name[lang]),)
    if worst is not None:
        steps = [instance_name(worst.run, link.instance, lang) for link in worst.run.chain(worst.instance)][::-1]
        title = f"{word('filing_picture_chain', lang)}: {worst.scenario.name[lang]}"
        pictures = (Picture(CHAIN, title, word("filing_picture_alt", lang, steps=" > ".join(steps))),)
    return Part("scenarios", word("filing_part_scenarios", lang), sheets, pictures=pictures, closing=closing, wide=True)


def chained(found: Filing) -> Felt | None:
    """Return the worst scenario that reaches the process by way of something else: one that strikes it has no chain to draw."""
    return next((one for one in found.reached if len(one.run.chain(one.instance)) > 1), None)


def _scenario_table(found: Filing, lang: Lang) -> Table:
    rows = [_scenario_row(found, one, lang) for one in found.reached]
    columns = (
        Column("scenario", "", on="data"),
        Column("name", word("scenario", lang), on="screen"),
        Column("likelihood", "", on="data"),
        Column("likelihood_text", word("likelihood", lang), on="screen"),
        Column("lowest", word("filing_lowest", lang), "share"),
        Column("first_h", word("filing_begins", lang), "hours"),
        Column("lowest_h", word("filing_lowest_at", lang), "hours"),
        Column("back_h", "", on="data"),
        Column("back_text", word("back", lang), "right", on="screen"),
        Column("lost_h", "", on="data"),
        Column("lost_text", word("filing_lost_h", lang), "right", on="screen"),
        Column("copy", "", on="data"),
        Column("why", word("filing_why", lang), on="screen"),
    )
    note = word("filing_scenarios_note", lang) if rows else ""
    untouched = [one.scenario.name[lang] for one in found.scenarios if not one.reached]
    if untouched:
        note = f"{note} {word('filing_untouched', lang, names='; '.join(untouched))}".strip()
    return Table("scenarios", word("filing_scenarios", lang), columns, rows, note)


def _scenario_row(found: Filing, one: Felt, lang: Lang) -> dict[str, Any]:
    likelihood = one.scenario.likelihood
    prompt = word("filing_likelihood_prompt", lang)
    asked = Blank(f"likelihood-{one.name}", prompt, "choice", ("A", "B", "C", "D", "E"))
    return {
        "scenario": one.name,
        "name": one.scenario.name[lang],
        "likelihood": likelihood,
        "likelihood_text": digest.likelihood(found.model, likelihood, lang) if likelihood else asked,
        "lowest": one.lowest,
        "first_h": one.first_h,
        "lowest_h": one.lowest_h,
        "back_h": one.back_h,
        "back_text": word("not_back", lang) if one.back_h is None else duration(one.back_h * HOUR, lang),
        "lost_h": one.lost_h,
        "lost_text": number(one.lost_h, lang, 1),
        "copy": one.run.network.labels[one.instance],
        "why": because(one, lang),
    }


def because(one: Felt, lang: Lang) -> str:
    """Say in one sentence why a process is at its lowest in a scenario: what it lacks, and where that began."""
    run = one.run
    first = run.chain(one.instance)[0]
    last = why(run, one.instance, lang)[-1].data
    event = last.get("event_name")
    begin = event or instance_name(run, run.network.index[last.get("supplier") or last["instance"]], lang)
    begin = begin.strip().rstrip(".")
    if first.kind == "event":
        return word("filing_why_event", lang, event=begin)
    if not first.need:
        return word("filing_why_starting", lang)
    process = run.network.process(first.instance)
    use = dossier.purpose(first.need, run.model.processes[process].needs[first.need], lang)
    supplier = name_of(run.model, run.network.process(first.supplier), lang)
    key = "filing_why_need" if event else "filing_why_loop"
    return word(key, lang, supplier=supplier, use=use, event=begin)


def _own(found: Filing, lang: Lang) -> Table:
    table = digest.totals(found.own, found.impact, lang)
    note = word("filing_own_note", lang, d=duration(found.lasting, lang), where=where_text(found, lang))
    note = f"{note} {word('filing_own_counts', lang)}"
    rows = [row for row in table.rows if row["key"] != "first_effect_h"]
    return replace(table, title=word("filing_own", lang), rows=rows, note=note)


def _anv_open(lang: Lang) -> Table:
    prompt = word("filing_score_prompt", lang)
    choices = ("A", "B", "C", "D", "E", word("duty_not_applicable", lang))
    rows = [
        {
            "criterion": word(f"filing_anv_{key}", lang),
            "score": Blank(f"anv-{key}", prompt, "choice", choices),
            "basis": Blank(f"anv-{key}-basis", word("basis", lang)),
        }
        for key in ANV_OPEN
    ]
    columns = (
        Column("criterion", word("criterion", lang)),
        Column("score", word("filing_score", lang), on="screen"),
        Column("basis", word("basis", lang), on="screen"),
    )
    return Table("anv-open", word("filing_anv_open", lang), columns, rows, word("filing_anv_open_note", lang))


# ------------------------------------------------------------------ evidence, how it was made


def _evidence(found: Filing, lang: Lang) -> Part:
    model, process = found.model, found.process
    told = claims(model, process)
    rows = [_claim_row(model, process, claim, lang) for claim in told]
    columns = (
        Column("need", "", on="data"),
        Column("name", word("filing_what", lang), on="screen"),
        Column("confidence", "", on="data"),
        Column("sure", word("sure_head", lang), on="screen"),
        Column("source", word("source", lang)),
        Column("weakness", "", on="data"),
        Column("weak_text", word("filing_weak_head", lang), on="screen"),
        Column("note", word("notes", lang), on="screen"),
    )
    table = Table("claims", word("filing_claims", lang), columns, rows, word("filing_claims_note", lang))
    sheets = (Sheet(table), Sheet(_gaps(found, lang)), Sheet(dossier.sources(model, process, lang)))
    return Part(
        "evidence", word("filing_part_evidence", lang), sheets, closing=(word("filing_limits", lang),), wide=True
    )


def _claim_row(model: Model, process: str, claim: Claim, lang: Lang) -> dict[str, Any]:
    thing = claim.evidence
    needs = model.processes[process].needs
    return {
        "need": claim.need,
        "name": dossier.purpose(claim.need, needs[claim.need], lang) if claim.need else word("filing_itself", lang),
        "confidence": thing.confidence,
        "sure": word(thing.confidence or "confidence_unknown", lang),
        "source": ", ".join(thing.source),
        "weakness": claim.weakness,
        "weak_text": word(f"filing_weak_{claim.weakness}", lang) if claim.weakness else "",
        "note": thing.note[lang].strip() if thing.note is not None else "",
    }


def _gaps(found: Filing, lang: Lang) -> Table:
    needs = found.model.processes[found.process].needs
    rows = []
    for need, field in blanks(found.model, found.process):
        use = dossier.purpose(need, needs[need], lang) if need else ""
        label = word(f"filing_gap_{field}", lang, need=use) if need else word(f"filing_gap_{field}", lang)
        rows.append(
            {
                "need": need,
                "field": field,
                "what": label,
                "value": Blank(f"gap-{need or 'process'}-{field}", word("filing_gap_value", lang)),
            }
        )
    columns = (
        *(Column(key, "", on="data") for key in ("need", "field")),
        Column("what", word("filing_what", lang), on="screen"),
        Column("value", word("filing_gap_value", lang), on="screen"),
    )
    note = "" if rows else word("filing_gaps_none", lang)
    return Table("gaps", word("filing_gaps", lang), columns, rows, note)


def _made(lang: Lang) -> Part:
    lines = tuple(word(f"filing_{key}", lang) for key in ("marking_text", "disclosure", "no_date"))
    return Part("made", word("filing_part_made", lang), lines=lines)


# ------------------------------------------------------------------ on a screen


def draw(screen: Screen, made: Paper, onward: str) -> None:
    """Draw the short version: the sentences, the head of the main tables, how much is left open, and what to ask next."""
    lang = screen.lang
    tables = {table.name: table for table in made.tables}
    screen.title(made.title, made.mark)
    for note in made.notices:
        screen.say(note, style="dim italic")
    for row in tables["summary"].rows:
        screen.say(f"• {row['text']}")
    for name in ("incoming", "outgoing-annex", "scenarios", "article-13"):
        screen.table(_shortened(tables[name], lang))
    screen.say()
    numbers = [part for part, _ in made.blanks]
    screen.say(word("filing_open_count", lang, n=len(numbers), m=len(set(numbers))), style="bold")
    screen.say(onward, style="dim")


def _shortened(table: Table, lang: Lang) -> Table:
    """Keep the first rows of a table and the columns that a screen has room for."""
    left_out = {
        "without",
        "abroad",
        "evidence",
        "status",
        "lever_text",
        "likelihood_text",
        "lowest_h",
        "lost_text",
        "sector_text",
    }
    kept = tuple(c for c in table.columns if c.key not in left_out)
    known = [row for row in table.rows if not isinstance(row.get("name"), Blank)]
    more = len(known) - ON_SCREEN
    note = "" if known else table.note
    if more > 0:
        note = word("and_n_more", lang, n=more).strip()
    return replace(table, columns=kept, rows=known[:ON_SCREEN], note=note)
