"""Words and numbers as people read them, in Dutch and English: labels of tables and pictures, units, moments.

Texts of a model (names, notes) come from its files; everything the program itself says stands here.
"""

from datetime import datetime, timedelta
from typing import Final

from cascade.model import Lang
from cascade.units import DAY, HOUR, MINUTE

WORDS: Final[dict[str, tuple[str, str]]] = {
    # things
    "scenario": ("Scenario", "Scenario"),
    "model": ("Model", "Model"),
    "process": ("Proces", "Process"),
    "processes": ("processen", "processes"),
    "sector": ("Sector", "Sector"),
    "sectors": ("sectoren", "sectors"),
    "region": ("Regio", "Region"),
    "regions": ("regio's", "regions"),
    "need": ("Behoefte", "Need"),
    "supplier": ("Leverancier", "Supplier"),
    "event": ("Gebeurtenis", "Event"),
    "measure": ("Maatregel", "Measure"),
    "source": ("Bron", "Source"),
    "marking": ("Markering", "Marking"),
    "authority": ("Ministerie", "Ministry"),
    "national": ("landelijk", "national"),
    "everywhere": ("overal", "everywhere"),
    "n_regions": ("{n} regio's", "{n} regions"),
    "of": ("{a} van {b}", "{a} of {b}"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "none": ("geen", "none"),
    "id": ("Id", "Id"),
    "file": ("Bestand", "File"),
    # quantities
    "level": ("Niveau", "Level"),
    "lowest": ("Laagste niveau", "Lowest level"),
    "people": ("Mensen", "People"),
    "people_relying": ("Mensen die ervan afhangen", "People who rely on it"),
    "peak_people": ("Meeste mensen zonder", "Most people without"),
    "person_h": ("Persoonsuren", "Person-hours"),
    "person_h_beyond": ("waarvan na {h} uur", "of which beyond {h} h"),
    "lost_h": ("Verloren uren", "Lost hours"),
    "cost": ("Kosten", "Cost"),
    "hours": ("uur", "hours"),
    "hours_since_start": ("Uren na het begin", "Hours since the start"),
    "days_since_start": ("Dagen na het begin", "Days since the start"),
    "after": ("Na", "After"),
    "back": ("Hersteld na", "Restored after"),
    "not_back": ("nog niet", "not yet"),
    "difference": ("Verschil", "Difference"),
    "million": ("mln", "M"),
    "billion": ("mld", "bn"),
    # a run
    "horizon": ("Periode", "Period"),
    "likelihood": ("Waarschijnlijkheid", "Likelihood"),
    "start": ("Begin", "Start"),
    "totals": ("Kort samengevat", "In short"),
    "basic_people_peak": (
        "Meeste mensen zonder een eerste levensbehoefte",
        "Most people without a basic need at one moment",
    ),
    "basic_person_h": ("Persoonsuren zonder een eerste levensbehoefte", "Person-hours without a basic need"),
    "basic_person_h_beyond": (
        "  waarvan na {h} uur (zelfredzaamheid)",
        "  of which beyond {h} hours (self-reliance)",
    ),
    "cost_eur": ("Kosten in deze periode", "Cost in this period"),
    "first_effect_h": ("Eerste gevolg buiten wat zelf geraakt is", "First effect beyond what is hit itself"),
    "first_effect_none": ("geen", "none"),
    "cascade_share": (
        "Deel van de persoonsuren door keteneffecten",
        "Share of person-hours due to knock-on effects",
    ),
    "direct_share": (
        "Deel van de persoonsuren dat rechtstreeks komt",
        "Share of person-hours caused directly",
    ),
    "reached": ("Geraakt", "Reached"),
    "reached_text": (
        "{processes} processen, {sectors} sectoren, {regions} regio's",
        "{processes} processes, {sectors} sectors, {regions} regions",
    ),
    "people_of_all": ("{n} ({share} van de inwoners)", "{n} ({share} of all inhabitants)"),
    "no_harm": (
        "Deze gebeurtenissen hebben geen enkel gevolg in het model.",
        "These events have no effect at all in the model.",
    ),
    "anv": ("Klassen van gevolgen (ANV)", "Classes of impact (ANV)"),
    "criterion": ("Criterium", "Criterion"),
    "class": ("Klasse", "Class"),
    "meaning": ("Betekenis", "Meaning"),
    "basis": ("Waarop dat berust", "What that rests on"),
    "anv_people": ("{n} mensen, ten minste {d}", "{n} people for at least {d}"),
    "anv_none": ("onder de laagste grens", "below the lowest limit"),
    "by_sector": ("Per sector", "By sector"),
    "by_region": ("Per regio", "By region"),
    "processes_hit": ("Processen geraakt", "Processes reached"),
    "first_loss": ("Begint na", "Begins after"),
    "effects": (
        "Wat valt wanneer uit: keteneffecten op volgorde van tijd",
        "What fails when: knock-on effects in order of time",
    ),
    "falls_to": ("Eerst", "First"),
    "then_lowest": ("Laagst", "Lowest"),
    "at": ("na", "after"),
    "where": ("Waar", "Where"),
    "because": ("Door gebrek aan", "For lack of"),
    "hit_itself": ("zelf geraakt", "hit itself"),
    "starting_up": ("start nog op", "starting up"),
    "events_note": ("De eerste {n} van {m}; alle met --all.", "The first {n} of {m}; all with --all."),
    "effects_note": (
        "Niveau: deel van de gewone dienst dat nog geleverd wordt, gemiddeld over de inwoners van de geraakte regio's. Alleen de {n} grootste van {m}; alles met --all.",
        "Level: share of the ordinary service that is still delivered, a mean over the inhabitants of the regions hit. Only the {n} largest of {m}; all with --all.",
    ),
    "effects_note_all": (
        "Niveau: deel van de gewone dienst dat nog geleverd wordt, gemiddeld over de inwoners van de geraakte regio's.",
        "Level: share of the ordinary service that is still delivered, a mean over the inhabitants of the regions hit.",
    ),
    "top_processes": ("Meeste hinder voor mensen", "Hardest on people"),
    "top_note": (
        "Persoonsuren: mensen die ervan afhangen × uren zonder. Alleen de {n} grootste van {m}; alles met --all.",
        "Person-hours: people who rely on it × hours without. Only the {n} largest of {m}; all with --all.",
    ),
    "locked": ("Komt niet vanzelf terug", "Does not come back by itself"),
    "locked_text": (
        "Deze processen wachten op elkaar: niets dat nog loopt, brengt ze terug. Iemand moet er één van buitenaf opstarten.",
        "These processes wait for one another: nothing still under way brings them back. One must be started from outside.",
    ),
    "locked_group": ("Wachten op elkaar", "Wait for one another"),
    "locked_held": ("Wachten alleen op hen", "Only wait for them"),
    "recovery": ("Wat is wanneer terug", "What is back when"),
    "jobs": ("Reparaties", "Repairs"),
    "crew": ("Ploeg", "Crew"),
    "waits": ("Wacht", "Waits"),
    "work_begins": ("Werk begint na", "Work begins after"),
    "work_ends": ("Klaar na", "Done after"),
    "strip": (
        "Mensen zonder een eerste levensbehoefte, per regio en moment",
        "People without a basic need, by region and moment",
    ),
    "strip_none": (
        "In geen enkele regio mist iemand een eerste levensbehoefte.",
        "In no region anyone lacks a basic need.",
    ),
    "strip_hardly": (
        "In geen enkele regio mist 0,1% van de inwoners of meer een eerste levensbehoefte.",
        "In no region 0.1% of the inhabitants or more lack a basic need.",
    ),
    "strip_legend": (
        "· geen of onder 0,1%  ░ tot 25%  ▒ tot 50%  ▓ tot 75%  █ meer; per vakje het ergste moment",
        "· none or under 0.1%  ░ up to 25%  ▒ up to 50%  ▓ up to 75%  █ more; the worst moment of each cell",
    ),
    "sector_strip": ("Niveau per sector in de tijd", "Level by sector over time"),
    "sector_strip_legend": (
        "█ alles werkt  ▄ de helft  ▁ vrijwel niets; per vakje het ergste moment",
        "█ all works  ▄ half  ▁ next to nothing; the worst moment of each cell",
    ),
    "and": ("en", "and"),
    "in": ("in", "in"),
    "only_regions": ("Alleen{where}: mensen en kosten van daar", "Only{where}: people and costs there"),
    "levels_over_time": (
        "Verloop per proces: niveau op elk moment",
        "Course by process: level at each moment",
    ),
    "course_note": (
        "Gemiddelde over de inwoners van {where}. Alleen wat 0,1% of meer verliest; alle momenten met --format csv.",
        "Mean over the inhabitants of {where}. Only what loses 0.1% or more; all moments with --format csv.",
    ),
    "whole_country": ("het hele land", "the whole country"),
    "exercise": ("Voor de oefenleider", "For the exercise planner"),
    "next_exercise": (
        "Voor de oefenleider:  cascade run {scenario} --table exercise",
        "For the exercise planner:  cascade run {scenario} --table exercise",
    ),
    "regions_note": (
        "Minder dan 0,1% van de inwoners van een regio geldt als niemand.",
        "Less than 0.1% of a region's inhabitants counts as nobody.",
    ),
    "next_explain": (
        "Waarom valt een proces uit?  cascade explain {scenario} {process}",
        "Why does a process fail?  cascade explain {scenario} {process}",
    ),
    "next_out": (
        "Verslag met beelden en tabellen:  cascade run {scenario} --out map",
        "Report with pictures and tables:  cascade run {scenario} --out folder",
    ),
    "written": ("{n} bestanden geschreven in {folder}", "{n} files written to {folder}"),
    "written_one": ("Geschreven: {file}", "Written: {file}"),
    "open_report": ("Open {file} in een browser.", "Open {file} in a browser."),
    "compiling": (
        "De rekenkern wordt voorbereid; dat duurt ongeveer 20 seconden en gebeurt alleen de eerste keer.",
        "Preparing the engine: about 20 seconds, the first time only.",
    ),
    "marking_kept": (
        "De markering blijft {kept}: de gegevens dragen die al, en die kan niet omlaag.",
        "The marking stays {kept}: the data carries it, and it cannot be lowered.",
    ),
    "csv_one_table": (
        "csv geeft één tabel tegelijk: {name}. Andere met --table: {others}.",
        "csv gives one table at a time: {name}. Others with --table: {others}.",
    ),
    # check
    "check_fine": ("Geen fouten gevonden.", "No faults found."),
    "check_warnings": ("{n} waarschuwingen, geen fouten.", "{n} warnings, no faults."),
    "check_faults": ("{n} fouten.", "{n} faults."),
    "check_one_fault": ("1 fout.", "1 fault."),
    "check_one_warning": ("1 waarschuwing, geen fouten.", "1 warning, no faults."),
    "check_counts": ("Wat er in het model staat", "What the model holds"),
    "check_scenarios": ("Scenario's", "Scenarios"),
    "problems": ("Bevindingen", "Findings"),
    "severity": ("Ernst", "Severity"),
    "fault": ("fout", "fault"),
    "warning": ("waarschuwing", "warning"),
    "subject": ("Onderwerp", "Subject"),
    "count": ("Aantal", "Count"),
    "what": ("Wat", "What"),
    "regional_processes": ("processen per regio", "processes by region"),
    "national_processes": ("landelijke processen", "national processes"),
    "asset_processes": ("processen uit losse objecten", "processes made of single assets"),
    "needs": ("Behoeften", "Needs"),
    "needs_with": ("behoeften, betrouwbaarheid {c}", "needs, confidence {c}"),
    "needs_without_source": ("behoeften zonder bron", "needs without a source"),
    "measures": ("maatregelen", "measures"),
    "sources": ("bronnen", "sources"),
    "inhabitants": ("inwoners", "inhabitants"),
    "instances": ("processen en kopieën samen", "processes and copies together"),
    "events": ("gebeurtenissen", "events"),
    "confidence": ("Betrouwbaarheid", "Confidence"),
    "high": ("hoog", "high"),
    "medium": ("midden", "medium"),
    "low": ("laag", "low"),
    "confidence_unknown": ("onbekend", "unknown"),
    # show
    "needs_of": (
        "Wat het nodig heeft, en wat er gebeurt als dat wegvalt",
        "What it needs, and what happens without",
    ),
    "needed_by": ("Wie het nodig heeft, snelste gevolg eerst", "Who needs it, soonest effect first"),
    "no_needs": ("Het heeft in dit model niets nodig.", "It needs nothing in this model."),
    "no_consumers": ("Niets heeft het nodig in dit model.", "Nothing needs it in this model."),
    "from_whom": ("Van wie", "From whom"),
    "purpose": ("Waarvoor", "What for"),
    "without_it": ("Zonder levering", "Without supply"),
    "evidence": ("Onderbouwing", "Evidence"),
    "notes": ("Toelichting", "Notes"),
    "lists": ("Plaats in lijsten", "Place in lists"),
    "restart": ("Opstarten", "Restart"),
    "restart_after": ("{d} nadat alles er weer is", "{d} after everything is back"),
    "restart_none": ("meteen als alles er weer is", "at once when everything is back"),
    "stops_below": ("Valt stil onder", "Stops below"),
    "rations": ("Verdeelt bij schaarste", "Rations when short"),
    "others": ("overige", "others"),
    "basic_need": ("Eerste levensbehoefte", "Basic need"),
    "cost_per_day": ("Kosten per dag stilstand", "Cost per day of standstill"),
    "kind": ("Soort", "Kind"),
    "physical": ("fysiek", "physical"),
    "cyber": ("digitaal", "cyber"),
    "geographic": ("plaatsgebonden", "geographic"),
    "logical": ("organisatorisch", "logical"),
    "rule_from": ("alle: {names}", "all of: {names}"),
    "rule_any_of": ("één van: {names}", "any of: {names}"),
    "rule_at_least": ("ten minste {n} van: {names}", "at least {n} of: {names}"),
    "rule_shares": ("naar rato: {names}", "in shares: {names}"),
    "gives_most": ("hoogstens {share}", "at most {share}"),
    "loses_at_once": ("meteen {share} weg", "{share} lost at once"),
    "loses_after": ("na {d} {share} weg", "{share} lost after {d}"),
    "kept_up_by": ("langer met {name}", "longer with {name}"),
    "misled_for": (
        "fout signaal: {d} onopgemerkt, dan nog {share}",
        "wrong signal: unnoticed for {d}, {share} left meanwhile",
    ),
    "place_neighbours": ("buurregio's", "neighbouring regions"),
    "place_all": ("alle regio's", "all regions"),
    "bites_after": ("Eerste gevolg na", "First effect after"),
    "in_the_end": ("Uiteindelijk", "In the end"),
    "sure_head": ("Zeker", "Sure"),
    "who": ("Wie", "Who"),
    "stand_in_head": ("Uitwijk", "Stand-ins"),
    "sources_title": ("Bronnen", "Sources"),
    "in_regions": ("in elk van de {n} regio's", "in each of {n} regions"),
    "in_assets": ("{n} losse objecten", "{n} single assets"),
    "list_processes": ("Processen in het model", "Processes in the model"),
    "rely": ("afhankelijken", "consumers"),
    # explain
    "why_title": ("Waarom {name} op {level} staat", "Why {name} is down to {level}"),
    "why_fine": (
        "{name} blijft in dit scenario de hele tijd volledig werken.",
        "{name} keeps working in full all the time in this scenario.",
    ),
    "course": ("Verloop", "Course"),
    "since": ("sinds {d}", "since {d}"),
    "level_since": ("{level} vanaf {d}", "{level} from {d}"),
    "lacks": ("gebrek aan {name}", "lack of {name}"),
    "lacks_in_all": (
        "gebrek aan {name} in alle {n} regio's ({most})",
        "lack of {name} in all {n} regions ({most})",
    ),
    "lacks_in_some": (
        "gebrek aan {name} in {k} van {n} regio's ({most})",
        "lack of {name} in {k} of {n} regions ({most})",
    ),
    "largest_share": ("grootste aandeel: {place}", "largest share: {place}"),
    "followed_here": ("hier gevolgd: {place}", "followed here: {place}"),
    "lacks_for": ("nodig voor: {use}", "needed for: {use}"),
    "misled_by": (
        "misleid door {name}, dat een fout signaal geeft",
        "misled by {name}, which gives a wrong signal",
    ),
    "no_reserve": ("geen reserve: het gevolg is er meteen", "no reserve: it bites at once"),
    "partly_supplied": ("draait op wat er nog binnenkomt", "runs on what still arrives"),
    "stand_ins": ("uitwijk", "stand-ins"),
    "no_stand_in": ("geen uitwijk in het model", "no stand-in in the model"),
    "event_n": ("gebeurtenis {n} van het scenario", "event {n} of the scenario"),
    "still_starting": (
        "levering is terug; het is nog aan het opstarten (duurt {d})",
        "supply is back; still starting up (takes {d})",
    ),
    "loop": (
        "Hier sluit de kring: dit wacht weer op {name}. Ze houden elkaar omlaag.",
        "Here the loop closes: this waits for {name} again. They hold each other down.",
    ),
    "step": ("Stap", "Step"),
    "no_source": ("geen bron", "no source"),
    "refuses": (
        "{name} geeft een fout signaal en wordt niet meer geloofd",
        "{name} gives a wrong signal and is no longer believed",
    ),
    "wrong_head": ("{name}: geeft een fout signaal", "{name}: gives a wrong signal"),
    "passes_on": ("geeft door wat het zelf fout krijgt", "passes on what it gets wrong itself"),
    "because_label": ("door", "because of"),
    "reserve_label": ("reserve", "reserve"),
    "stand_in_label": ("uitwijk", "stand-ins"),
    "refuelling_label": ("bijvullen", "refilling"),
    "evidence_label": ("bewijs", "evidence"),
    "also_label": ("ook tekort aan", "also short"),
    "confidence_is": ("betrouwbaarheid {c}", "confidence {c}"),
    "reserve_used": (
        "tekort duurde {d}; na {h} zonder is {lost} weg",
        "short for {d}; after {h} without, {lost} is lost",
    ),
    "reserve_at_once": ("{lost} is meteen weg", "{lost} is lost at once"),
    "reserve_next": ("na {h} zou {lost} weg zijn", "after {h} it would be {lost}"),
    # compare
    "compare_same": ("Geen verschil.", "No difference."),
    "compare_totals": ("Totalen", "Totals"),
    "compare_processes": (
        "Verschil in persoonsuren, grootste eerst",
        "Difference in person-hours, largest first",
    ),
    "compare_models": ("Wat er in het model anders is", "What differs in the model"),
    "added": ("erbij", "added"),
    "removed": ("weg", "removed"),
    "changed": ("anders", "changed"),
    # list of scenarios
    "at_once": ("meteen", "at once"),
    "after_d": ("na {d}", "after {d}"),
    "events_title": ("Wat er gebeurt", "What happens"),
    "what_happens": ("Gebeurtenis", "Event"),
    "from": ("Van", "From"),
    "until": ("Tot", "Until"),
    "left": ("Blijft over", "What is left"),
    "wrong_signal": ("fout signaal", "wrong signal"),
    "past_end": ("voorbij het eind", "past the end"),
    "inhabitants_head": ("Inwoners", "Inhabitants"),
    "longest": ("Langst", "Longest"),
    "worst_need": ("Vooral zonder", "Mostly without"),
    "sectors_note": (
        "Niveau: gewogen gemiddelde van de processen in de sector. Wie twee dingen mist, telt in de persoonsuren dubbel.",
        "Level: weighted mean of the sector's processes. Who lacks two things counts twice in the person-hours.",
    ),
    "sectors_hit": ("Geraakte sectoren", "Sectors reached"),
    "regions_hit": ("Geraakte regio's", "Regions reached"),
    "cost_difference": ("Verschil kosten", "Cost difference"),
    "only_largest": (
        "Alleen de {n} grootste van {m}; alles met --all.",
        "Only the {n} largest of {m}; all with --all.",
    ),
    "comparison": ("Vergelijking", "Comparison"),
    "change": ("Verandering", "Change"),
    "name": ("Naam", "Name"),
    "why_fine_at": ("{name} werkt na {at} volledig.", "{name} works in full after {at}."),
    "faulty_scenario": ("(fouten; zie cascade check)", "(faulty; see cascade check)"),
    "refills": ("bijvullen: {use}", "refill: {use}"),
    "scenarios_here": ("Scenario's die klaarstaan", "Scenarios at hand"),
    "run_one": ("Voer er één uit:  cascade run {name}", "Run one:  cascade run {name}"),
    # hindcast
    "hindcast_title": (
        "Wat het model zegt naast wat er echt gebeurde",
        "What the model says beside what really happened",
    ),
    "hindcast_score": ("Score, gewogen naar bewijs", "Score, weighted by evidence"),
    "hindcast_score_all": ("  met valse alarmen erbij", "  with false alarms"),
    "hindcast_plain": ("  als alle regels even zwaar tellen", "  if all lines weigh the same"),
    "hindcast_lines": ("Getoetst", "Tested"),
    "hindcast_counts": (
        "{met} goed, {half} half goed, {missed} mis (regels: {lines}, incidenten: {incidents})",
        "{met} right, {half} half right, {missed} missed (lines: {lines}, incidents: {incidents})",
    ),
    "hindcast_untested": ("Niet getoetst", "Not tested"),
    "hindcast_untested_text": (
        "{given} regels over wat zelf geraakt is, {left} waar niets viel te toetsen, {out} buiten wat het model bevat",
        "{given} lines on what was hit itself, {left} with nothing to test, {out} outside what the model holds",
    ),
    "hindcast_spread": ("  en dat bij andere trekkingen", "  and that under other draws"),
    "hindcast_spread_text": (
        "{low} tot {high} (5 tot 95% van {n} trekkingen), midden {middle}",
        "{low} to {high} (5 to 95% of {n} draws), middle {middle}",
    ),
    "by_kind": ("Per soort toets", "By kind of test"),
    "by_incident": ("Per incident", "By incident"),
    "by_process": ("Per proces, meeste verloren punten eerst", "By process, most points lost first"),
    "kind_onset": ("Begin", "Onset"),
    "kind_degree": ("Diepte", "Degree"),
    "kind_end": ("Einde", "End"),
    "kind_quiet": ("Bleef werken", "Kept working"),
    "test": ("Toets", "Test"),
    "lines_head": ("Regels", "Lines"),
    "met_head": ("Goed", "Right"),
    "half_head": ("Half", "Half"),
    "missed_head": ("Mis", "Missed"),
    "score": ("Score", "Score"),
    "score_plain": ("Ongewogen", "Unweighted"),
    "alarms_head": ("Valse alarmen", "False alarms"),
    "incident": ("Incident", "Incident"),
    "seen": ("Gezien", "Seen"),
    "predicted": ("Model", "Model"),
    "points": ("Punten", "Points"),
    "weight": ("Gewicht", "Weight"),
    "evidence_key": ("Bewijs", "Evidence"),
    "judged": ("Oordeel", "Verdict"),
    "hit": ("goed", "right"),
    "half_hit": ("half", "half"),
    "miss": ("mis", "missed"),
    "given": ("gegeven", "given"),
    "left_out": ("vervalt", "left out"),
    "out_of_scope": ("buiten bereik", "out of scope"),
    "all_lines": ("Alle regels", "All lines"),
    "misses": ("Wat het model mist", "What the model misses"),
    "misses_none": ("Het model mist geen enkele regel.", "The model misses no line."),
    "misses_note": (
        "Zwaarste eerst; alleen de eerste {n} van {m}. Alles met --all, en de hele keten van oorzaken met --why.",
        "Heaviest first; only the first {n} of {m}. All with --all, and the whole chain of causes with --why.",
    ),
    "miss_onset": ("begint {p}; gezien {s}", "begins {p}; seen {s}"),
    "miss_onset_never": ("begint niet; gezien {s}", "does not begin; seen {s}"),
    "miss_degree": ("verliest {p}; gezien {s}", "loses {p}; seen {s}"),
    "miss_end": ("grotendeels terug {p}; gezien {s}", "mostly back {p}; seen {s}"),
    "miss_end_never": (
        "niet terug binnen de bekeken periode; gezien {s}",
        "not back within the period looked at; seen {s}",
    ),
    "miss_end_none": ("valt niet uit; gezien: terug {s}", "does not fail; seen: back {s}"),
    "miss_quiet": ("verliest {p}; bleef werken (hoogstens {s} weg)", "loses {p}; kept working (at most {s} lost)"),
    "miss_alarm": ("verliest {p}; niemand meldde het", "loses {p}; nobody reported it"),
    "by_lack": ("door gebrek aan {name}", "for lack of {name}"),
    "by_restart": ("start nog op", "still starting up"),
    "by_event": ("rechtstreeks door gebeurtenis {n}", "directly by event {n}"),
    "by_nothing": ("niets wat het nodig heeft, valt weg", "nothing it needs falls away"),
    "false_alarms": (
        "Valse alarmen: valt uit in het model, door niemand gemeld",
        "False alarms: fails in the model, reported by nobody",
    ),
    "false_alarms_note": (
        "Alleen bij incidenten met {n} waarnemingen of meer. Niet gemeld is zwak bewijs; zo'n regel weegt {w}.",
        "Only for incidents with {n} observations or more. Not reported is weak evidence; such a line weighs {w}.",
    ),
    "untested": ("Buiten bereik", "Out of scope"),
    "because_of": ("Waarom", "Why"),
    "lost_head": ("Verliest", "Loses"),
    "structural": (
        "Ook in geen enkele trekking goed: dit ligt aan de bouw van het model, niet aan een getal",
        "Right in no draw at all: this is the structure of the model, not a number",
    ),
    "met_share": ("Goed in", "Right in"),
    "mean_points": ("Gemiddelde punten", "Mean points"),
    "no_copy_there": ("het proces is er niet in die regio's", "there is no such process in those regions"),
    "given_by_event": ("zelf geraakt door een gebeurtenis", "hit by an event itself"),
    "nothing_lost": (
        "misschien ging er niets verloren, en in het model ook niet",
        "perhaps nothing was lost, nor is it in the model",
    ),
    "at_most": ("hoogstens {s}", "at most {s}"),
    "never": ("nooit", "never"),
    "no_failure": ("valt niet uit", "does not fail"),
    "not_ended": ("nog niet terug", "not back yet"),
    "hindcast_limits": ("Grenzen van deze vergelijking", "Limits of this comparison"),
    "hindcast_limits_text": (
        "Kranten melden eerder wat uitvalt dan wat blijft werken, en hoe diep iets zakte is zelden gemeten. Bij noodweer komt een deel van de gevolgen van het weer zelf en niet uit de keten. Buitenlandse incidenten zijn nagespeeld in Nederlandse regio's van gelijke omvang. Een goede score zegt dat het model deze incidenten navertelt, niet dat het de volgende voorspelt: dezelfde bronnen zijn ook gebruikt om het te maken.",
        "Newspapers report what fails rather than what keeps working, and how far something fell was seldom measured. In storms and floods part of the effects comes from the weather itself, not from the chain. Incidents abroad are replayed in Dutch regions of like size. A good score says that the model retells these incidents, not that it predicts the next: the same sources were used in making it.",
    ),
    "runs_done": ("{done} van {size} gerekend; nog ongeveer {left}", "{done} of {size} done; about {left} left"),
    "n_hindcasts": (
        "Toets het model aan echte incidenten ({n}):  cascade hindcast",
        "Test the model against real incidents ({n}):  cascade hindcast",
    ),
    # what results rest on
    "evidence_title": ("Waar de uitkomsten op rusten", "What the results rest on"),
    "evidence_needs": (
        "Van de {needs} behoeften hebben er {sourced} ({share}) een bron: een document of een echt incident, met ten minste middelmatige betrouwbaarheid. Van een bron afgeleid zijn er {derived}; geschat zonder document {prior}.",
        "Of the {needs} needs, {sourced} ({share}) are sourced: a document or a real incident says so, with at least medium confidence. Derived from a source are {derived}; estimated without a document {prior}.",
    ),
    "evidence_swings": (
        "Van de {numbers} onzekere getallen hebben er {moving} invloed in de {scenarios} scenario's. Van al hun invloed samen hoort {sourced} bij getallen met bron, {derived} bij afgeleide getallen en {prior} bij schattingen zonder document.",
        "Of the {numbers} uncertain numbers, {moving} have influence in the {scenarios} scenarios. Of all their influence together, {sourced} belongs to sourced numbers, {derived} to derived ones and {prior} to estimates without a document.",
    ),
    "evidence_one_scenario": (
        "Van de {numbers} onzekere getallen hebben er {moving} invloed in dit scenario. Van al hun invloed samen hoort {sourced} bij getallen met bron, {derived} bij afgeleide getallen en {prior} bij schattingen zonder document.",
        "Of the {numbers} uncertain numbers, {moving} have influence in this scenario. Of all their influence together, {sourced} belongs to sourced numbers, {derived} to derived ones and {prior} to estimates without a document.",
    ),
    "evidence_numbers": (
        "Eerst uitzoeken: veel invloed, weinig onderbouwing",
        "Look these up first: great influence, weak evidence",
    ),
    "evidence_note": (
        "Invloed: hoeveel de persoonsuren zonder dienst, over alle scenario's samen, verschillen tussen de lage en de hoge waarde, al het andere gelijk. Twijfel: van 1 (met bron, hoge betrouwbaarheid) tot 6 (schatting, lage betrouwbaarheid). Op volgorde van invloed × twijfel; die schaal is een eigen keuze.",
        "Influence: by how much the person-hours without service, over all scenarios together, differ between the low and the high value, all else equal. Doubt: from 1 (sourced, high confidence) to 6 (an estimate, low confidence). In order of influence × doubt; that scale is our own choice.",
    ),
    "evidence_processes": ("Processen met de zwakste onderbouwing", "Processes with the weakest evidence"),
    "evidence_few_processes": (
        "De {n} met het kleinste deel met bron die in deze scenario's invloed hebben; alle {m} met --all.",
        "The {n} with the smallest sourced share that have influence in these scenarios; all {m} with --all.",
    ),
    "evidence_base": ("Persoonsuren met alle getallen op hun gewone waarde", "Person-hours with all numbers as usual"),
    "evidence_runs": ("Runs hiervoor", "Runs for this"),
    "which_number": ("Getal", "Number"),
    "values_head": ("Waarde (laag – hoog)", "Value (low – high)"),
    "rests_on": ("Rust op", "Rests on"),
    "swing": ("Invloed, persoonsuren", "Influence, person-hours"),
    "doubt": ("Twijfel", "Doubt"),
    "sourced": ("met bron", "sourced"),
    "derived": ("afgeleid", "derived"),
    "prior": ("schatting", "estimate"),
    "sourced_head": ("Met bron", "Sourced"),
    "derived_head": ("Afgeleid", "Derived"),
    "prior_head": ("Geschat", "Estimated"),
    "share_sourced": ("Deel met bron", "Share sourced"),
    "process_without": ("{process} zonder {names}", "{process} without {names}"),
    "and_others": ("{name} en {n} andere", "{name} and {n} more"),
    "field_endures": ("hoe lang het doorgaat", "how long it carries on"),
    "field_loses": ("wat het verliest", "what it loses"),
    "field_fades": ("wat het op den duur verliest", "what it loses in the end"),
    "field_spread": ("factor op alle tijden", "factor on all its times"),
    "field_recharge": ("tijd om bij te vullen", "time to refill"),
    "field_level": ("wat blijft bij een fout signaal", "what is left under a wrong signal"),
    "field_noticed_after": ("tijd tot een fout signaal opvalt", "time until a wrong signal is noticed"),
    "field_restart": ("opstarttijd", "time to restart"),
    "field_people": ("deel van de mensen dat ervan afhangt", "share of the people who rely on it"),
    # statistics
    "witness_initiators": ("Waar keteneffecten beginnen", "Where knock-on effects begin"),
    "witness_results": ("Waar keteneffecten terechtkomen", "Where knock-on effects end up"),
    "witness_measures": ("Hoe ver keteneffecten reiken", "How far knock-on effects reach"),
    "witness_share": ("Model", "Model"),
    "witness_share_processes": ("Model, per proces", "Model, by process"),
    "witness_published": ("Geteld", "Counted"),
    "witness_published_cascades": ("Ook gepubliceerd", "Also published"),
    "witness_band": ("Grenzen", "Band"),
    "witness_passes": ("Binnen grenzen", "Within band"),
    "witness_starts": ("Met gevolgen, model", "With effects, model"),
    "witness_starts_published": ("Met gevolgen, geteld", "With effects, counted"),
    "witness_per_cascade": ("Gevolgen per keer", "Results each time"),
    "witness_figure": ("Maat", "Figure"),
    "witness_starts_all": ("Deel van de storingen met gevolgen", "Share of failures with knock-on effects"),
    "witness_results_per_cascade": ("Getroffen sectoren per keer", "Sectors hit each time"),
    "witness_elsewhere_per_cascade": ("  waarvan andere dan de eigen sector", "  of which other than its own sector"),
    "witness_processes_per_cascade": ("Getroffen processen per keer", "Processes hit each time"),
    "witness_again": ("Deel van de gevolgen met weer gevolgen", "Share of results with further results"),
    "witness_again_processes": ("  per proces geteld", "  counted by process"),
    "witness_initiators_note": (
        "Aandeel in de storingen die ook een ander proces treffen. In het model valt elk proces in elke regio een keer uit, en telt zo vaak mee als zijn sector volgens de telling uit zichzelf faalt; gelijk over de processen en naar inwoners over de regio's (eigen keuze). Geteld (eerste storingen) en ook gepubliceerd (afgeronde aandelen in hele ketens): Europese persberichten, {sources}, genoteerd zonder document bij de hand, betrouwbaarheid {confidence}. Grenzen: eigen keuze.",
        "Share of the failures that hit another process too. In the model every process fails once in every region, and counts as often as its sector fails by itself according to the count; evenly over processes and by inhabitants over regions (own choice). Counted (first failures) and also published (rounded shares of whole cascades): European press reports, {sources}, noted without the document at hand, confidence {confidence}. Bands: own choice.",
    ),
    "witness_results_note": (
        "Een gevolg: een ander proces verliest meer dan {loss}, ten minste {lasting}, waar ten minste {people} mensen wonen. Een sector telt per storing één keer; kranten melden huishoudens, zorg en betalen minder vaak dan het model. Geteld: {sources}, betrouwbaarheid {confidence}.",
        "A result: another process loses more than {loss} for at least {lasting} where at least {people} people live. A sector counts once per failure; newspapers report households, care and payments less often than the model does. Counted: {sources}, confidence {confidence}.",
    ),
    "witness_measures_note": (
        "Een gevolg heeft weer gevolgen als het in de keten van oorzaken staat van een gevolg in een andere sector. {n} storingen, elk {horizon} gevolgd; {classes} duren per sector uit een lognormale verdeling (betrouwbaarheid {confidence}). Geen grenzen betekent: niet op getoetst.",
        "A result has further results if it stands in the chain of causes of a result in another sector. {n} failures, each followed for {horizon}; {classes} durations a sector from a lognormal distribution (confidence {confidence}). No band means: not tested.",
    ),
    "witness_unplaced": (
        "Niet meegeteld, omdat hun sector niet vaststaat: {names}.",
        "Left out, because their sector is not settled: {names}.",
    ),
    "witness_absent": (
        "Geteld, maar zonder proces in het model: {names}.",
        "Counted, but without a process in the model: {names}.",
    ),
    "counted_energy": ("Energie", "Energy"),
    "counted_telecom": ("Telecom", "Telecom"),
    "counted_internet": ("Internet", "Internet"),
    "counted_telecom+internet": ("Telecom + internet", "Telecom + internet"),
    "counted_transport": ("Vervoer", "Transport"),
    "counted_water": ("Water", "Water"),
    "counted_financial": ("Geld en betalen", "Financial services"),
    "counted_government": ("Overheid", "Government"),
    "counted_health": ("Gezondheid", "Health"),
    "counted_industry": ("Industrie", "Industry"),
    "counted_food": ("Voedsel", "Food"),
    "counted_other": ("Onderwijs, post", "Education, post"),
}
"""Dutch and English, in that order; ``{}`` marks what is filled in."""

_WEEKDAYS: Final = (
    ("ma", "Mon"),
    ("di", "Tue"),
    ("wo", "Wed"),
    ("do", "Thu"),
    ("vr", "Fri"),
    ("za", "Sat"),
    ("zo", "Sun"),
)
_MONTHS: Final = (
    ("januari", "January"), ("februari", "February"), ("maart", "March"), ("april", "April"),
    ("mei", "May"), ("juni", "June"), ("juli", "July"), ("augustus", "August"),
    ("september", "September"), ("oktober", "October"), ("november", "November"), ("december", "December"),
)  # fmt: skip


def _pick(pair: tuple[str, str], lang: Lang) -> str:
    return pair[0] if lang == "nl" else pair[1]


def word(key: str, lang: Lang, **filled: object) -> str:
    """Return a label or sentence in one language, with its blanks filled."""
    text = _pick(WORDS[key], lang)
    return text.format(**filled) if filled else text


def clipped(text: str, size: int) -> str:
    """Shorten a name to so many characters: first what stands between brackets goes, then the end."""
    if len(text) > size and text.endswith(")") and "(" in text:
        text = text[: text.rindex("(")].rstrip()
    return text if len(text) <= size else text[: size - 1].rstrip(" ,(") + "…"


def number(value: float, lang: Lang, decimals: int = 0) -> str:
    """Write a number with the language's own marks: ``1.234,5`` or ``1,234.5``."""
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "nl" else text


def large(value: float, lang: Lang) -> str:
    """Write a large number in three digits and a word: ``1,23 mld``, ``17.9 M``; small ones in full."""
    for key, size in (("billion", 1e9), ("million", 1e6)):
        if abs(value) >= size * 0.9995:
            parts = value / size
            decimals = 2 if abs(parts) < 9.995 else 1 if abs(parts) < 99.95 else 0
            return f"{number(parts, lang, decimals)} {word(key, lang)}"
    return number(value, lang)


def in_millions(value: float, largest: float, lang: Lang) -> str:
    """Write a number beside others of which the largest is millions or more: all in millions, with equal decimals."""
    decimals = 2 if largest < 9.995e6 else 1 if largest < 99.95e6 else 0
    least = 10.0**-decimals
    text = number(value / 1e6, lang, decimals) if value >= least * 5e5 else f"<{number(least, lang, decimals)}"
    return f"{text} {word('million', lang)}"


def euros(value: float, lang: Lang) -> str:
    """Write an amount of money: ``€ 1,23 mld``."""
    return f"€ {large(value, lang)}"


def share(value: float, lang: Lang) -> str:
    """Write a share (0 to 1) in whole per cent; what is not quite none or all never looks like it."""
    if 0 < value < 0.01:
        return "<1%"
    if 0.99 < value < 1:
        return ">99%"
    return f"{number(100 * value, lang)}%"


def duration(seconds: float, lang: Lang) -> str:
    """Write a length of time in its two largest units: ``45 min``, ``6 u``, ``2 d 12 u``."""
    total = round(seconds)
    if total > 2 * MINUTE:
        total = round(total / MINUTE) * MINUTE
    hour = "u" if lang == "nl" else "h"
    if total < 2 * MINUTE and total % MINUTE:
        return f"{total} s"
    if total < DAY:
        hours, minutes = divmod(total // MINUTE, 60)
        parts = [f"{hours} {hour}" if hours else "", f"{minutes} min" if minutes else ""]
    else:
        days, hours = divmod(round(total / HOUR), 24)
        parts = [f"{days} d", f"{hours} {hour}" if hours else ""]
    return " ".join(part for part in parts if part) or f"0 {hour}"


def moment(start: datetime | None, seconds: float, lang: Lang) -> str:
    """Write a moment of a scenario as a weekday and a clock time; empty where it has no start."""
    if start is None:
        return ""
    at = start + timedelta(seconds=round(seconds))
    return f"{_pick(_WEEKDAYS[at.weekday()], lang)} {at:%H:%M}"


def date(at: datetime, lang: Lang) -> str:
    """Write a date with its time: ``ma 18 januari 2027 17:00``."""
    return f"{_pick(_WEEKDAYS[at.weekday()], lang)} {at.day} {_pick(_MONTHS[at.month - 1], lang)} {at.year} {at:%H:%M}"
