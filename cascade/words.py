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
    "rely": ("Afhankelijken", "Consumers"),
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
        "Invloed: hoeveel de persoonsuren zonder dienst, {over}, verschillen tussen de lage en de hoge waarde, al het andere gelijk. Twijfel: van 1 (met bron, hoge betrouwbaarheid) tot 6 (schatting, lage betrouwbaarheid). Op volgorde van invloed × twijfel; die schaal is een eigen keuze.",
        "Influence: by how much the person-hours without service, {over}, differ between the low and the high value, all else equal. Doubt: from 1 (sourced, high confidence) to 6 (an estimate, low confidence). In order of influence × doubt; that scale is our own choice.",
    ),
    "over_all_scenarios": ("over alle scenario's samen", "over all scenarios together"),
    "over_one_scenario": ("in dit ene scenario", "in this one scenario"),
    "evidence_processes": ("Processen met de zwakste onderbouwing", "Processes with the weakest evidence"),
    "evidence_few_processes": (
        "De {n} met het kleinste deel met bron die hier invloed hebben; alle {m} met --all.",
        "The {n} with the smallest sourced share that have influence here; all {m} with --all.",
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
    # structure
    "shape_title": ("Plaats in het web van afhankelijkheden", "Place in the web of dependencies"),
    "shape_note": (
        "Alleen de pijlen tellen: geen reserves, geen tijd, geen alternatieven, geen aantallen mensen. PageRank loopt van afnemer naar leverancier: een leverancier is belangrijk als belangrijke afnemers hem nodig hebben. Andersom zouden de slachtoffers bovenaan staan. Alles na en alles voor: processen stroomafwaarts en stroomopwaarts. Tussen: deel van de kortste paden van anderen dat erlangs loopt. Kern: elk in de kern heeft zoveel buren in de kern. Kring: zoveel processen hebben elkaar over en weer nodig.",
        "Only the arcs count: no reserves, no time, no alternatives, no numbers of people. PageRank runs from consumer to supplier: a supplier is important when important consumers need it. The other way round the victims would come out on top. All after and all before: processes downstream and upstream. Between: share of the shortest paths of others that lead through it. Core: each in the core has so many neighbours in it. Ring: so many processes need one another back and forth.",
    ),
    "shape_measure": ("Maat", "Measure"),
    "shape_effect": ("Gevolg", "Effect"),
    "shape_out_degree": ("Directe afnemers", "Direct consumers"),
    "shape_in_degree": ("Directe leveranciers", "Direct suppliers"),
    "shape_out_reach": ("Alles stroomafwaarts", "All downstream"),
    "shape_in_reach": ("Alles stroomopwaarts", "All upstream"),
    "shape_betweenness": ("Tussenpositie (betweenness)", "Betweenness"),
    "shape_pagerank": ("PageRank naar leveranciers", "PageRank towards suppliers"),
    "shape_core": ("Dichte kern (k-core)", "Dense core (k-core)"),
    "shape_group": ("Kring die elkaar nodig heeft", "Ring of mutual need"),
    "shape_by_loss": ("{name}, naar verlies", "{name}, by loss"),
    "shape_out_degree_head": ("Afnemers", "Consumers"),
    "shape_in_degree_head": ("Leveranciers", "Suppliers"),
    "shape_out_reach_head": ("Alles na", "All after"),
    "shape_in_reach_head": ("Alles voor", "All before"),
    "shape_betweenness_head": ("Tussen", "Between"),
    "shape_pagerank_head": ("PageRank", "PageRank"),
    "shape_core_head": ("Kern", "Core"),
    "shape_group_head": ("Kring", "Ring"),
    "shape_cascade": ("Ketengevolg", "Knock-on effect"),
    "shape_basic": ("Eerste levensbehoeften", "Basic needs"),
    "shape_spearman": ("Spearman", "Spearman"),
    "shape_kendall": ("Kendall", "Kendall"),
    "shape_agreement": (
        "Hoe goed de graaf alleen de gesimuleerde volgorde voorspelt",
        "How well the graph alone foretells the simulated order",
    ),
    "shape_agreement_note": (
        "Rangcorrelatie tussen de maat en het gesimuleerde gevolg: 1 is dezelfde volgorde, 0 geen verband, −1 de omgekeerde. Gelijke waarden tellen als gelijk (Spearman met gemiddelde rang, Kendall tau-b). Naar verlies: elke pijl weegt wat de afnemer op den duur zonder die levering verliest.",
        "Rank correlation between the measure and the simulated effect: 1 is the same order, 0 none at all, −1 the reverse. Equal values count as equal (Spearman by mean rank, Kendall tau-b). By loss: each arc weighs what the consumer loses in the end without that supply.",
    ),
    "shape_missed": ("Wat de graaf alleen verkeerd ziet", "What the graph alone gets wrong"),
    "shape_missed_note": (
        "Rang 1 is de grootste; gelijke waarden delen hun gemiddelde rang. Te hoog: de graaf zet het proces ver boven zijn gesimuleerde plaats. Te laag: de graaf kijkt eroverheen. Een simulatie van één uitval ziet op haar beurt niet wie pas telt als er ook iets anders uitvalt, zoals wie noodstroom op gang houdt.",
        "Rank 1 is the largest; equal values share their mean rank. Too high: the graph puts the process far above its simulated place. Too low: the graph overlooks it. A simulation of one failure, in its turn, does not see what counts only when something else fails too, such as what keeps standby power going.",
    ),
    "shape_overrated": ("te hoog", "too high"),
    "shape_underrated": ("te laag", "too low"),
    "shape_rank_graph": ("Rang in de graaf", "Rank in the graph"),
    "shape_rank_run": ("Rang in de simulatie", "Rank in the simulation"),
    "shape_best": (
        "Van alles wat de graaf alleen zegt, lijkt “{measure}” het meest op het gesimuleerde ketengevolg: rangcorrelatie {r} (1 is dezelfde volgorde).",
        "Of all that the graph alone says, “{measure}” is nearest to the simulated knock-on effect: rank correlation {r} (1 is the same order).",
    ),
    "shape_no_order": (
        "In de simulatie of in de graaf zijn alle processen gelijk; er is geen volgorde om te vergelijken.",
        "In the simulation or in the graph all processes are equal; there is no order to compare.",
    ),
    # ranking of single failures
    "rank_title": ("Wat één uitval doet: {of}, {duration}", "What one failure does: {of}, {duration}"),
    "rank_processes": ("elk proces in het hele land", "every process in the whole country"),
    "rank_copies": ("elk proces in elke regio", "every process in every region"),
    "rank_n_processes": ("{n} processen", "{n} processes"),
    "rank_n_copies": ("{n} regionale en landelijke delen", "{n} regional and national copies"),
    "rank_how": (
        "Elk van de {what} valt uit terwijl er verder niets misgaat ({durations}); telkens is het hele ketengevolg "
        "doorgerekend tot {after} na het einde. Er zijn twee assen: het ketengevolg voor al het andere, en wie een eerste levensbehoefte "
        "mist. Laag 1 is het front: geen andere uitval is op de ene as erger zonder op de andere milder te zijn. "
        "Lagen zijn geen rapportcijfers; wie één getal wil, kiest een lens met gewichten.",
        "Each of the {what} fails while nothing else goes wrong (for {durations}); each time all knock-on effects are "
        "computed until {after} after the end. There are two axes: the knock-on effect on everything else, and who lacks a "
        "basic need. Layer 1 is the front: no other failure is worse on one axis without being milder on the other. "
        "Layers are no marks; whoever wants one number chooses a lens with weights.",
    ),
    "rank_ranking": (
        "Rangorde: eerst de laag, dan het ketengevolg",
        "Ranking: first the layer, then the knock-on effect",
    ),
    "rank_ranking_note": (
        "Ketengevolg: persoonsuren verloren bij alle andere processen; wie twee diensten mist, telt twee keer. Levensbehoefte: "
        "persoonsuren zonder ten minste één eerste levensbehoefte, het eigen uitvallen meegerekend, niemand dubbel. Sect.: "
        "andere sectoren waar een proces meer dan {clear} verliest. Begint: het eerste effect op iets anders.",
        "Knock-on: person-hours lost at all other processes; who lacks two services counts twice. Basic need: "
        "person-hours without at least one basic need, its own failure included, nobody twice. Sect.: other sectors in "
        "which a process loses more than {clear}. Begins: the first effect on something else.",
    ),
    "rank_front": ("Het front: niets is op beide assen erger", "The front: nothing is worse on both axes"),
    "rank_none": ("Geen enkele uitval werkt door.", "No failure has any effect."),
    "rank_front_says": (
        "Op het front, {duration}: {names}.",
        "On the front, {duration}: {names}.",
    ),
    "rank_failure": ("Valt uit", "Fails"),
    "rank_layer": ("Laag", "Layer"),
    "rank_cascade": ("Ketengevolg (p-uur)", "Knock-on (p-h)"),
    "rank_basic": ("Levensbehoefte (p-uur)", "Basic need (p-h)"),
    "rank_peak": ("Mensen (piek)", "People (peak)"),
    "rank_euros": ("Kosten", "Cost"),
    "rank_sectors": ("Sect.", "Sect."),
    "rank_first": ("Begint", "Begins"),
    "rank_duration": ("Duur", "Duration"),
    "rank_copies_title": ("Per regio: welk proces waar", "By region: which process where"),
    "rank_only": (
        "De eerste {n} van {m}; alle met --all.",
        "The first {n} of {m}; all with --all.",
    ),
    "rank_narrowed": (
        "Alleen {what}; rang en laag tellen alle {m} mee.",
        "Only {what}; rank and layer count all {m}.",
    ),
    "rank_vulnerability": (
        "Omgekeerd: wie valt vaak en snel uit door anderen",
        "The other way: who falls often and soon through others",
    ),
    "rank_vulnerability_note": (
        "Uit {n} keer dat iets anders alleen uitvalt ({duration}). Geraakt: ergens meer dan {clear} verlies. Meestal: de helft van die keren zo snel of sneller. Het meest "
        "door: wiens uitval de meeste uren kost, en welk deel van alle uren dat is.",
        "Out of {n} times that something else fails alone ({duration}). Hit: a loss of more than {clear} somewhere. Mostly: half of those times so soon or sooner. Most "
        "through: whose failure costs the most hours, and which part of all hours that is.",
    ),
    "rank_at_most": ("ten hoogste {n}", "at most {n}"),
    "rank_falls": ("Keer geraakt", "Times hit"),
    "rank_soonest": ("Snelst", "Soonest"),
    "rank_median": ("Meestal", "Mostly"),
    "rank_deepest": ("Diepst", "Deepest"),
    "rank_owes_most": ("Het meest door", "Most through"),
    "rank_owes": ("Door wiens uitval elk proces het meest verliest", "To whom each process owes most"),
    "rank_owes_note": (
        "Uren volledige uitval, een gemiddelde over de inwoners, als het genoemde alleen uitvalt ({duration}). Deel: van "
        "alle uren die anderen samen kosten. 10%: hoe lang tot zoveel verloren is.",
        "Hours of total outage, a mean over inhabitants, when the one named fails alone ({duration}). Share: of all "
        "hours that others cost together. 10%: how long until so much is lost.",
    ),
    "rank_lost": ("Verlies", "Lost"),
    "rank_tenth": ("10% na", "10% after"),
    "rank_share": ("Deel", "Share"),
    "rank_lenses": ("Rang onder andere gewichten", "Rank under other weights"),
    "rank_lenses_note": (
        "{weights} Elke maat is {scale}. Laatste kolom: bij welk deel van {n} willekeurige wegingen van {measures} het bij "
        "de eerste {k} hoort (zaad {seed}). Gewichten zijn een keuze, geen uitkomst.",
        "{weights} Each measure is {scale}. Last column: in which share of {n} random weightings of {measures} it is among "
        "the first {k} (seed {seed}). Weights are a choice, not a finding.",
    ),
    "rank_scale_largest": ("een deel van de grootste waarde", "a share of its largest value"),
    "rank_scale_ranks": ("het deel van de andere dat het overtreft", "the share of the others that it surpasses"),
    "rank_robust": ("Blijft top {k}", "Stays top {k}"),
    "rank_score": ("Score", "Score"),
    "rank_stability": ("Hoe vast ligt de volgorde", "How firm is the order"),
    "rank_stability_note": (
        "Tau van Kendall: 1 is dezelfde volgorde, 0 geen verband. Zelfde top: welk deel van de eerste {k} gelijk is. Duur: "
        "volgorde naar ketengevolg.",
        "Kendall's tau: 1 is the same order, 0 no relation. Same top: which part of the first {k} is the same. Duration: "
        "order by knock-on effect.",
    ),
    "rank_kind_lens": ("lens", "lens"),
    "rank_kind_duration": ("duur", "duration"),
    "rank_same_top": ("Zelfde top", "Same top"),
    "rank_kind": ("Wat", "What"),
    "rank_tau": ("Tau", "Tau"),
    "rank_doubt": ("Twijfel: {n} trekkingen van de onzekere getallen", "Doubt: {n} draws of the uncertain numbers"),
    "rank_doubt_note": (
        "Ketengevolg en levensbehoefte: 5 tot 95% van de trekkingen ({duration}, zaad {seed}). Top {k} en rang: naar "
        "ketengevolg. Wie dezelfde groep heeft, is niet met zekerheid te ordenen. Deel gelijk: hoe vaak de rang wordt "
        "gedeeld.",
        "Knock-on effect and basic need: 5 to 95% of the draws ({duration}, seed {seed}). Top {k} and rank: by knock-on effect. Those "
        "with the same group cannot be put in order with certainty. Share tied: how often the rank is shared.",
    ),
    "rank_in_top": ("Kans top {k}", "Chance top {k}"),
    "rank_range": ("Rang", "Rank"),
    "rank_group": ("Groep", "Group"),
    "rank_ties": ("Deel gelijk", "Share tied"),
    "rank_weights": ("Gewichten", "Weights"),
    "rank_lens": ("Lens", "Lens"),
    "rank_measure": ("Maat", "Measure"),
    "rank_weight": ("Gewicht", "Weight"),
    "rank_next_out": (
        "Alle tabellen en beelden: hetzelfde commando met --out MAP",
        "All tables and pictures: the same command with --out FOLDER",
    ),
    "rank_resume": (
        "cascade: onderbroken; {done} van {tasks} klaar en bewaard. Verder waar het ophield: hetzelfde commando met --resume {folder}",
        "cascade: interrupted; {done} of {tasks} done and kept. To go on from there: the same command with --resume {folder}",
    ),
    "rank_lost_work": (
        "cascade: onderbroken; {done} van {tasks} klaar, niets bewaard. Met --resume MAP gaat dezelfde rekening later verder.",
        "cascade: interrupted; {done} of {tasks} done, nothing kept. With --resume FOLDER the same work can go on later.",
    ),
    "rank_not_narrowed": (
        "Deze tabel gaat over alle {m} uitvallen, niet alleen over {what}.",
        "This table is about all {m} failures, not only {what}.",
    ),
    "rank_few_draws": (
        "Met {n} trekkingen is dit grof: een kans kan er {points} procentpunten naast zitten.",
        "With {n} draws this is coarse: a chance can be {points} percentage points off.",
    ),
    "drivers_lost_work": (
        "cascade: onderbroken; van de schifting en de delen van de spreiding is niets bewaard.",
        "cascade: interrupted; of the screening and the shares of the spread nothing was kept.",
    ),
    "lens_both-axes": ("beide assen", "both axes"),
    "lens_basic-needs": ("levensbehoeften", "basic needs"),
    "lens_economy": ("economie", "economy"),
    "lens_defence-support": ("steun aan Defensie", "Defence support"),
    "lens_quick-effect": ("snel effect", "quick effect"),
    "lens_own": ("eigen gewichten", "own weights"),
    "effect_own_hours": ("eigen verlies", "own loss"),
    "effect_cascade_hours": ("ketengevolg", "knock-on effect"),
    "effect_basic_hours": ("persoonsuren zonder levensbehoefte", "person-hours without a basic need"),
    "effect_basic_peak": ("mensen zonder levensbehoefte", "people without a basic need"),
    "effect_basic_beyond": (
        "persoonsuren zonder levensbehoefte na de zelfredzaamheid",
        "person-hours without a basic need beyond self-reliance",
    ),
    "effect_euros": ("kosten", "cost"),
    "effect_sectors": ("sectoren", "sectors"),
    "effect_regions": ("regio's", "regions"),
    "effect_locked": ("komt niet vanzelf terug", "does not come back by itself"),
    "effect_short": ("nog niet terug aan het eind", "not back at the end"),
    "effect_defence_hours": ("verlies van wat Defensie gebruikt", "loss of what Defence relies on"),
    "effect_quick_hours": ("ketengevolg in de eerste 24 uur", "knock-on effect in the first 24 hours"),
    "effect_quick_basic": ("levensbehoefte in de eerste 24 uur", "basic needs in the first 24 hours"),
    # doubt
    "doubt_title": ("Hoe zeker is het: {name}", "How sure is it: {name}"),
    "doubt_drawn": (
        "Alle {numbers} onzekere getallen samen {samples} keer opnieuw getrokken ({kind}, zaad {seed}), en elke keer de hele doorwerking gerekend.",
        "All {numbers} uncertain numbers were drawn anew together {samples} times ({kind}, seed {seed}), and each time the whole cascade was computed.",
    ),
    "design_lhs": ("Latijnse hyperkubus", "Latin hypercube"),
    "design_sobol": ("Sobol-reeks", "Sobol sequence"),
    "design_random": ("los van elkaar", "one by one"),
    "doubt_spread": (
        "In negen van de tien trekkingen gaan {low} tot {high} persoonsuren verloren; met alle getallen op hun gewone waarde {at_modes}.",
        "In nine draws out of ten, {low} to {high} person-hours are lost; with all numbers as usual {at_modes}.",
    ),
    "doubt_total": ("In totaal", "In total"),
    "doubt_totals": ("Totalen", "Totals"),
    "doubt_totals_note": (
        "Gewoon: alle getallen op hun meest waarschijnlijke waarde. 5% en 95%: zo groot of kleiner in zoveel van de trekkingen. Gewoon hoeft niet in het midden te liggen: een tegenvaller weegt vaak zwaarder dan een meevaller.",
        "Usual: all numbers at their most likely value. 5% and 95%: so large or smaller in so many of the draws. Usual need not lie in the middle: bad luck often weighs more than good luck.",
    ),
    "doubt_at_modes": ("Gewoon", "Usual"),
    "doubt_low": ("5%", "5%"),
    "doubt_median": ("Midden", "Middle"),
    "doubt_high": ("95%", "95%"),
    "doubt_processes": ("Persoonsuren verlies per proces", "Person-hours lost by process"),
    "doubt_processes_note": (
        "Op volgorde van gemiddelde rang. Rang: in negen van de tien trekkingen. Onbeslist: met hoeveel andere de volgorde niet vaststaat, omdat geen van beide in 95% van de trekkingen de ander voorgaat. Gelijke waarden delen een rang.",
        "In order of mean rank. Rank: in nine draws out of ten. Undecided: with how many others the order is not sure, since neither is ahead of the other in 95% of the draws. Equal values share a rank.",
    ),
    "doubt_reach": ("Rang", "Rank"),
    "doubt_in_top": ("Kans top {k}", "Chance top {k}"),
    "doubt_rivals": ("Onbeslist", "Undecided"),
    "doubt_ranks": ("Kans op elke rang", "Chance of each rank"),
    "doubt_ranks_note": (
        "Gelijke waarden delen hun rangen eerlijk, alsof er wordt geloot.",
        "Equal values share their ranks evenly, as if lots were drawn.",
    ),
    "doubt_later": ("later", "later"),
    "doubt_pairs": ("Wie gaat voor wie: niet zeker", "Which comes first: not sure"),
    "doubt_pairs_note": (
        "Voor: deel van de trekkingen waarin het eerste meer verliest dan het tweede; gelijk telt half.",
        "Ahead: share of the draws in which the first loses more than the second; equal counts half.",
    ),
    "doubt_other": ("tegenover", "against"),
    "doubt_passes": ("Voor", "Ahead"),
    "drivers_of_one": ("Wat bepaalt hoe erg dit is: {a}, {duration}", "What decides how bad this is: {a}, {duration}"),
    "drivers_of_two": (
        "Wat bepaalt welke erger is: {a} of {b}, {duration}",
        "What decides which is worse: {a} or {b}, {duration}",
    ),
    "drivers_none": (
        "Geen van de {m} onzekere getallen verandert de uitkomst ({measure}).",
        "None of the {m} uncertain numbers changes the result ({measure}).",
    ),
    "drivers_says": (
        "De uitkomst waar het om gaat: {measure}. Van {m} onzekere getallen zijn er {n} verder bekeken; samen zijn ze goed voor {covered} van alle verschuivingen in de schifting.",
        "The result in question: {measure}. Of {m} uncertain numbers {n} were looked at further; together they make {covered} of all shifts in the screening.",
    ),
    "drivers_variance": (
        "Alleen met die getallen getrokken is de variantie {share} van die met alle getallen; bij weinig trekkingen kan dat boven 100% uitkomen.",
        "With only those numbers drawn, the variance is {share} of that with all numbers; out of few draws that can come out above 100%.",
    ),
    "drivers_title": ("Welke getallen de spreiding maken", "Which numbers make the spread"),
    "drivers_note": (
        "Deel van de variantie door het getal zelf (eerste orde), en samen met andere (totaal), met intervallen van 90%; alle overige getallen op hun gewone waarde. Een schatting kan net onder 0 uitkomen. Is het totaal groter dan de eerste orde, dan telt het getal vooral in samenhang met andere.",
        "Share of the variance from the number itself (first order), and together with others (total), with 90% intervals; all other numbers as usual. An estimate can come out a little below 0. A total larger than the first order means that the number matters mostly together with others.",
    ),
    "drivers_first": ("Zelf", "By itself"),
    "drivers_total": ("Met andere", "With others"),
    "screening_title": ("Schifting: wat elk getal doet", "Screening: what each number does"),
    "screening_note": (
        "Verschuift: zoveel {unit} verandert de uitkomst ({measure}) gemiddeld als het getal de helft van zijn trekkingen opschuift, met alle andere ergens in hun bereik. +: hoger geeft meer; −: hoger geeft minder; ±: nu eens dit, dan weer dat.",
        "Moves: by so many {unit} does the result ({measure}) change on average when the number moves across half of its draws, with all others somewhere in their range. +: higher gives more; −: higher gives less; ±: now one, now the other.",
    ),
    "unit_person_hours": ("persoonsuren", "person-hours"),
    "unit_euros": ("euro", "euros"),
    "unit_people": ("mensen", "people"),
    "unit_hours": ("uur", "hours"),
    "unit_count": ("stuks", "units"),
    "screening_moves": ("Verschuift", "Moves"),
    "screening_way": ("Kant", "Way"),
    "number_of_event": ("“{name}”: {what}", "“{name}”: {what}"),
    "event_at": ("begin", "start"),
    "event_level": ("wat er nog werkt", "what still works"),
    "event_levels": ("verloop van wat er nog werkt", "course of what still works"),
    "event_for": ("duur", "duration"),
    "event_until": ("einde", "end"),
    "event_work": ("tijd om te herstellen", "time to repair"),
    "field_cost_per_day": ("kosten per dag", "cost per day"),
    "field_prevents": ("deel dat bewaking voorkomt", "share that guards prevent"),
    "field_repair": ("factor op de hersteltijd", "factor on the time to repair"),
    "effect_person_h": ("persoonsuren zonder dienst", "person-hours without a service"),
    "effect_processes_hit": ("processen geraakt", "processes hit"),
    "effect_first_s": ("tot het eerste gevolg", "until the first effect"),
    "effect_half_s": ("tot de helft van de doorwerking", "until half of the cascade"),
    # dependency both ways
    "depends_on": (
        "Waarvan het afhangt, op volgorde van tijd tot gevolg",
        "On whom it depends, by time to effect",
    ),
    "depends_on_note": (
        "Elke leverancier is in het model een keer alleen uitgevallen, overal en {d} lang; wat pas later knelt, is niet te zien. Verliest: in het zwaarst getroffen deel. Zonder gevolg staan er alleen rechtstreekse en buitenlandse leveranciers: hun uitval telt pas als er ook iets anders uitvalt, of later. [buitenland]: staat geheel of deels voor iets over de grens.",
        "Each supplier failed once in the model, alone, everywhere and for {d}; what only bites later does not show. Loses: in the part hit worst. Without effect only direct and foreign suppliers are listed: their failure counts only when something else fails too, or later. [abroad]: stands wholly or in part for something across the border.",
    ),
    "dependents_title": (
        "Wie ervan afhangt, op volgorde van tijd tot gevolg",
        "Who depends on it, by time to effect",
    ),
    "dependents_note": (
        "Het proces is in het model alleen uitgevallen, {where} en {d} lang, met alle reserves en alternatieven. Verliest: in het zwaarst getroffen deel. Via: de weg waarlangs het gevolg als eerste komt.",
        "The process failed alone in the model, {where} and for {d}, with all reserves and stand-ins. Loses: in the part hit worst. By way of: the way by which the effect comes first.",
    ),
    "depends_on_none": ("Het hangt van niets af.", "It depends on nothing."),
    "dependents_none": ("Niets valt mee uit.", "Nothing falls with it."),
    "over10_head": (">10% weg na", ">10% lost after"),
    "over50_head": (">50% weg na", ">50% lost after"),
    "by_way_of": ("Via", "By way of"),
    "directly": ("rechtstreeks", "directly"),
    "from_abroad": ("{way} [buitenland]", "{way} [abroad]"),
    "only_refills": ("{way} (vult alleen de reserve aan)", "{way} (only refills the reserve)"),
    "reach_smaller": (
        "{n} andere verliezen hoogstens 10%; zie --format csv.",
        "{n} others lose at most 10%; see --format csv.",
    ),
    "reach_smaller_on": (
        "{n} andere kosten het hoogstens 10%; zie --format csv.",
        "{n} others cost it at most 10%; see --format csv.",
    ),
    "next_effects": (
        "Op volgorde van tijd tot gevolg:  cascade show {process} --effects",
        "By time to effect:  cascade show {process} --effects",
    ),
    # Wwke
    "wwke_scorecard": ("Scorekaart artikel 7, lid 1 (CER, Wwke)", "Scorecard of article 7(1) (CER, Wwke)"),
    "wwke_scorecards": ("Scorekaarten artikel 7, lid 1 (CER, Wwke)", "Scorecards of article 7(1) (CER, Wwke)"),
    "wwke_page": ("Wwke: {name}", "Wwke: {name}"),
    "wwke_note": (
        "Het proces valt in het model {d} overal uit, en alleen. Geraakt: verliest ergens meer dan 10%. Tijden tellen vanaf het begin van de uitval. Een open veld is iets wat dit model niet kan weten. Van welke omvang af een verstorend effect aanzienlijk is, staat niet vast; de kaart kent geen grens en geen eindcijfer.",
        "In the model the process is out everywhere for {d}, and alone. Hit: loses more than 10% somewhere. Times count from the start of the outage. An open field is what this model cannot know. From what size a disruptive effect is significant is not settled; the card has no limit and no final mark.",
    ),
    "figure": ("Gegeven", "Figure"),
    "value_head": ("Waarde", "Value"),
    "basis_head": ("Herkomst", "From"),
    "basis_computed": ("berekend", "computed"),
    "basis_model": ("model", "model"),
    "basis_open": ("open", "open"),
    "and_n_more": (" en nog {n}", " and {n} more"),
    "or": ("of", "or"),
    "wwke_a": ("gebruikers", "users"),
    "wwke_b": ("afhankelijkheid van andere sectoren", "dependence of other sectors"),
    "wwke_c": ("gevolgen in mate en duur", "impact in degree and duration"),
    "wwke_d": ("marktaandeel", "market share"),
    "wwke_e": ("gebied", "area"),
    "wwke_f": ("belang, gezien de alternatieven", "importance, given the alternatives"),
    "wwke_historical": ("historisch", "historical"),
    "wwke_users": ("Mensen die ervan afhangen", "People who rely on it"),
    "wwke_users_peak": (
        "Meeste mensen tegelijk zonder dit of iets dat erop rust",
        "Most people at once without it or what rests on it",
    ),
    "wwke_sectors": ("Andere sectoren geraakt", "Other sectors hit"),
    "wwke_annex_items": ("Andere (sub)sectoren van de CER-bijlage geraakt", "Other CER annex (sub)sectors hit"),
    "wwke_dependents": ("Andere processen geraakt", "Other processes hit"),
    "wwke_soonest": ("Eerste ander proces geraakt na", "First other process hit after"),
    "wwke_back": ("Alles hersteld na", "Everything restored after"),
    "wwke_not_back": ("niet binnen de periode", "not in this period"),
    "wwke_cost": ("Economie: kosten", "Economy: cost"),
    "wwke_care": ("Volksgezondheid: persoonsuren zonder zorg", "Public health: person-hours without care"),
    "wwke_safety": ("Openbare veiligheid: hulpdiensten geraakt", "Public safety: emergency services hit"),
    "wwke_environment": ("Milieu", "Environment"),
    "wwke_market_share": ("Marktaandeel", "Market share"),
    "wwke_regions": ("Regio's waarin het werkt", "Regions in which it works"),
    "wwke_regions_felt": ("Regio's waar iets anders geraakt is", "Regions where something else is hit"),
    "wwke_isolated": ("Waarvan met geïsoleerd gebied", "Of which with an isolated area"),
    "wwke_cross_border": ("Over de grens", "Across the border"),
    "wwke_needs": ("Behoeften van anderen die het noemen", "Needs of others that name it"),
    "wwke_needs_with_stand_in": ("Waarvan met een alternatief", "Of which with a stand-in"),
    "wwke_averted": (
        "Deel van het ketengevolg (in persoonsuren) dat alternatieven voorkomen",
        "Share of the knock-on effect (in person-hours) that stand-ins avert",
    ),
    "wwke_outside_alternatives": ("Alternatieven buiten het model", "Alternatives outside the model"),
    "wwke_nctv_category": ("Categorie NCTV", "NCTV category"),
    "wwke_category_note": (
        "oude indeling in A en B, van vóór de Wwke",
        "older grouping in A and B, from before the Wwke",
    ),
    "wwke_fill_in": ("zelf in te vullen", "to be filled in"),
    "wwke_abroad": (
        "zelf in te vullen; staat deels voor iets in het buitenland",
        "to be filled in; stands in part for something abroad",
    ),
    "wwke_users_head": ("a: mensen", "a: people"),
    "wwke_sectors_head": ("b: sectoren", "b: sectors"),
    "wwke_soonest_head": ("b: eerste na", "b: first after"),
    "wwke_basic_head": ("c: basis-uren", "c: basic hours"),
    "wwke_cost_head": ("c: kosten", "c: cost"),
    "wwke_regions_head": ("e: regio's", "e: regions"),
    "wwke_averted_head": ("f: voorkomen", "f: averted"),
    "wwke_category_head": ("oud A/B", "old A/B"),
    "wwke_heads": (
        "a: mensen die ervan afhangen. b: andere sectoren geraakt, en na hoe lang het eerste andere proces. c: persoonsuren zonder een eerste levensbehoefte, en kosten. d (marktaandeel) is open waar het model het niet noemt. e: regio's waar iets anders geraakt is. f: deel van het ketengevolg (in persoonsuren) dat alternatieven voorkomen. Oud: categorie NCTV van vóór de Wwke.",
        "a: people who rely on it. b: other sectors hit, and after how long the first other process. c: person-hours without a basic need, and cost. d (market share) is open where the model does not name it. e: regions where something else is hit. f: share of the knock-on effect (in person-hours) that stand-ins avert. Old: NCTV category, from before the Wwke.",
    ),
    "notification": ("Moet dit gemeld worden? (meldplicht Wwke)", "Does this have to be notified? (Wwke)"),
    "notification_own": (
        "Moet deze uitval gemeld worden? (meldplicht Wwke)",
        "Does this outage have to be notified? (Wwke)",
    ),
    "notification_placeholder": (
        "Plaatsvervangers: de Nederlandse drempelwaarden staan in ministeriële regelingen en zijn hier niet bekend; deze grenzen komen uit andere regelingen.",
        "Placeholders: the Dutch thresholds are set by ministerial regulation and are not known here; these limits come from other regimes.",
    ),
    "notification_note": (
        "Tijden tellen vanaf het begin. Eerste melding uiterlijk 24 uur nadat de grens is gepasseerd, verslag een maand daarna; wie eerder weet dat het aanzienlijk kan worden, meldt eerder.",
        "Times count from the start. First notice at most 24 hours after the limit is passed, report a month after that; whoever knows sooner that it may become significant, notifies sooner.",
    ),
    "notification_uncovered": (
        "Geen drempel in het model gaat over dit proces.",
        "No threshold of the model is about this process.",
    ),
    "notification_none": ("Geen enkele grens wordt gepasseerd.", "No limit is passed."),
    "notification_few": (
        "De eerste {n} van {m} processen; alle met --all.",
        "The first {n} of {m} processes; all with --all.",
    ),
    "notification_unknown": (
        "Niet te beoordelen, omdat het model geen aantal gebruikers geeft: {n} processen die wel iets verliezen.",
        "Not to be judged, because the model gives no number of users: {n} processes that do lose something.",
    ),
    "threshold": ("Drempel", "Threshold"),
    "limit": ("Grens", "Limit"),
    "passes_after": ("Passeert na", "Passes after"),
    "notice_by": ("Melden binnen", "Notify within"),
    "report_by": ("Verslag binnen", "Report within"),
    "verdict_head": ("Uitkomst", "Outcome"),
    "verdict_passes": ("passeert", "passes"),
    "verdict_below": ("blijft eronder", "stays below"),
    "verdict_unknown": ("niet te beoordelen", "cannot be judged"),
    "one_person": ("{n} persoon", "{n} person"),
    "n_people": ("{n} mensen", "{n} people"),
    "n_user_hours": ("{n} gebruikersuren", "{n} user-hours"),
    # smallest sets of failures
    "cut_title": ("Kleinste combinaties van uitval", "Smallest sets of failures"),
    "cut_question": (
        "Wat moet er tegelijk uitvallen om {target} binnen {within} onder {level} te brengen?",
        "What has to fail at once to bring {target} below {level} within {within}?",
    ),
    "cut_question_for": (
        "Wat moet er tegelijk {lasting} lang uitvallen om {target} binnen {within} onder {level} te brengen?",
        "What has to fail at once, for {lasting}, to bring {target} below {level} within {within}?",
    ),
    "cut_tree_title": ("Foutenboom {name}", "Fault tree {name}"),
    "cut_basic_need": ("een eerste levensbehoefte in {region}", "a basic need in {region}"),
    "cut_one_failure": ("{n} van één uitval", "{n} of one failure"),
    "cut_of_size": ("{n} van {size} tegelijk", "{n} of {size} at once"),
    "cut_found": (
        "Er zijn {n} kleinste combinaties: {sizes}. Laat er één onderdeel uit weg, en het doel blijft op niveau.",
        "There are {n} smallest sets: {sizes}. Leave any one failure out of a set, and the target holds.",
    ),
    "cut_one": (
        "Er is {n} kleinste combinatie: {sizes}. Laat er één onderdeel uit weg, en het doel blijft op niveau.",
        "There is {n} smallest set: {sizes}. Leave any one failure out of it, and the target holds.",
    ),
    "cut_none": (
        "Geen enkele onderzochte combinatie haalt het doel zover omlaag.",
        "No set that was searched brings the target down that far.",
    ),
    "cut_already": (
        "Het doel staat ook zonder uitval al onder dit niveau.",
        "The target is below this level even without any failure.",
    ),
    "cut_complete": (
        "Dit is volledig voor ten hoogste {size} tegelijk uit {n} mogelijke uitvallen: {possible} combinaties. Daarvoor hoefden er {runs} te worden doorgerekend; voor alle andere volgt het antwoord daaruit, want meer uitval helpt nooit.",
        "This is complete for at most {size} at once out of {n} possible failures: {possible} sets. To that end {runs} had to be simulated; for all others the answer follows from those, since more failures never help.",
    ),
    "cut_exact": (
        "Dit is volledig, voor elk aantal tegelijk uit {n} mogelijke uitvallen: er zijn geen klokken in het spel, dus is exact gerekend met een foutenboom.",
        "This is complete, for any number at once out of {n} possible failures: no clocks play a part, so it was worked out exactly as a fault tree.",
    ),
    "cut_exact_to": (
        "Dit is volledig voor ten hoogste {size} tegelijk uit {n} mogelijke uitvallen: er zijn geen klokken in het spel, dus is exact gerekend met een foutenboom.",
        "This is complete for at most {size} at once out of {n} possible failures: no clocks play a part, so it was worked out exactly as a fault tree.",
    ),
    "cut_incomplete": (
        "Niet volledig: na {runs} doorgerekende combinaties was de grens bereikt (--limit). Wel volledig is het voor ten hoogste {size} tegelijk.",
        "Not complete: after {runs} simulated sets the limit was reached (--limit). It is complete for at most {size} at once.",
    ),
    "cut_partly": (
        "Van {size} tegelijk zijn alleen de combinaties volledig waarin een van deze zit: {names}. Andere zijn niet of maar voor een deel onderzocht.",
        "Of {size} at once only the sets with one of these are complete: {names}. Others have not been searched, or only in part.",
    ),
    "cut_not_begun": (
        "Van {size} tegelijk is geen enkele groep combinaties volledig onderzocht, en van meer tegelijk niets.",
        "Of {size} at once no group of sets has been searched in full, and of more at once nothing.",
    ),
    "cut_sets": ("Wat samen moet uitvallen", "What has to fail together"),
    "cut_size": ("Aantal", "Size"),
    "cut_together": ("Uitval van", "Failure of"),
    "cut_falls": ("Doel valt na", "Target falls after"),
    "cut_probability": ("Kans", "Probability"),
    "cut_importance": ("Waar het meeste van afhangt", "What most depends on"),
    "cut_failure": ("Uitval van", "Failure of"),
    "cut_in_sets": ("Combinaties", "Sets"),
    "cut_share": ("Deel", "Share"),
    "cut_smallest": ("Kleinste", "Smallest"),
    "cut_birnbaum": ("Birnbaum", "Birnbaum"),
    "cut_fussell_vesely": ("Fussell-Vesely", "Fussell-Vesely"),
    "cut_raw": ("RAW", "RAW"),
    "cut_rrw": ("RRW", "RRW"),
    "cut_order_note": (
        "Bovenaan staat wie in de kleinste combinatie zit, daarna wie in de meeste.",
        "On top is what is in the smallest set, then what is in most sets.",
    ),
    "cut_measures_note": (
        "P is de kans op de topgebeurtenis. Birnbaum: P als dit zeker uitvalt min P als het zeker werkt. Fussell-Vesely: deel van P dat verdwijnt als dit nooit uitvalt. RAW: zoveel keer P als dit zeker uitvalt. RRW: P gedeeld door wat overblijft als dit nooit uitvalt.",
        "P is the probability of the top event. Birnbaum: P if this surely fails minus P if it surely works. Fussell-Vesely: share of P that is gone if this never fails. RAW: so many times P if this surely fails. RRW: P divided by what is left if this never fails.",
    ),
    "cut_searched": ("Wat is onderzocht", "What was searched"),
    "cut_method": ("Manier", "Method"),
    "cut_by_tree": ("exact, als foutenboom zonder klokken", "exact, as a fault tree without clocks"),
    "cut_by_simulation": ("volledige simulatie van gekozen combinaties", "full simulation of chosen sets"),
    "cut_candidates": ("Mogelijke uitvallen", "Possible failures"),
    "cut_no_path": ("Weggelaten: geen pad naar het doel", "Left out: no path to the target"),
    "cut_itself": ("Weggelaten: het doel zelf", "Left out: the target itself"),
    "cut_indicator": ("Weggelaten: meet alleen andere", "Left out: only measures others"),
    "cut_possible": ("Combinaties die daarmee kunnen", "Sets that these can make"),
    "cut_simulated": ("Doorgerekend", "Simulated"),
    "cut_spared_safe": (
        "Niet nodig: deel van een combinatie die niets doet",
        "Not needed: part of a set that does nothing",
    ),
    "cut_spared_cut": ("Niet nodig: bevat een kleinere", "Not needed: holds a smaller one"),
    "cut_branches": ("Takken van het zoeken", "Branches of the search"),
    "cut_branches_closed": (
        "Daarvan meteen dicht: ook met al het andere erbij gebeurt niets",
        "Of these closed at once: nothing happens even with all else added",
    ),
    "cut_top_probability": ("Kans op de topgebeurtenis", "Probability of the top event"),
    "only_first": ("De eerste {n} van {m}; alles met --all.", "The first {n} of {m}; all with --all."),
    # two failures at once, and the events of a scenario
    "joint_hours": ("persoonsuren zonder een dienst", "person-hours without a service"),
    "joint_cascade_hours": (
        "persoonsuren zonder een dienst die niet zelf is getroffen",
        "person-hours without a service that is not hit itself",
    ),
    "joint_basic_hours": ("persoonsuren zonder een eerste levensbehoefte", "person-hours without a basic need"),
    "joint_basic_peak": (
        "de meeste mensen tegelijk zonder een eerste levensbehoefte",
        "the most people at once without a basic need",
    ),
    "joint_basic_beyond": (
        "persoonsuren zonder een eerste levensbehoefte na de periode van zelfredzaamheid",
        "person-hours without a basic need after the self-reliance period",
    ),
    "joint_euros": ("kosten", "costs"),
    "joint_locked": (
        "processen die aan het eind op elkaar wachten",
        "processes that wait for each other at the end",
    ),
    "joint_unit_hours": ("{n} persoonsuren", "{n} person-hours"),
    "joint_unit_cascade_hours": ("{n} persoonsuren", "{n} person-hours"),
    "joint_unit_basic_hours": ("{n} persoonsuren", "{n} person-hours"),
    "joint_unit_basic_beyond": ("{n} persoonsuren", "{n} person-hours"),
    "joint_unit_basic_peak": ("{n} mensen", "{n} people"),
    "joint_unit_locked": ("{n} geblokkeerd", "{n} locked"),
    "joint_pairs_title": ("Twee uitvallen tegelijk", "Two failures at once"),
    "joint_pairs_how_processes": (
        "Elke twee van {n} processen vallen samen in het hele land uit ({duration}) en worden gevolgd tot {after} na het einde. Vergeleken wordt: {measure}.",
        "Every two of {n} processes fail together in the whole country (for {duration}) and are followed until {after} after the end. What is compared: {measure}.",
    ),
    "joint_pairs_how_copies": (
        "Elke twee van {n} regionale en landelijke delen vallen samen uit ({duration}) en worden gevolgd tot {after} na het einde. Vergeleken wordt: {measure}.",
        "Every two of {n} regional and national copies fail together (for {duration}) and are followed until {after} after the end. What is compared: {measure}.",
    ),
    "joint_worst": (
        "Van {pairs} paren zijn er {worse} samen {least}erger dan de som van elk apart. Het ergst: {first} met {second}, samen {joint}, apart opgeteld {apart}.",
        "Of {pairs} pairs {worse} are {least}worse together than the sum of each alone. The worst: {first} with {second}, together {joint}, apart {apart} in all.",
    ),
    "joint_no_worse": (
        "Van {pairs} paren is er geen samen {least}erger dan de som van elk apart.",
        "Of {pairs} pairs none is {least}worse together than the sum of each alone.",
    ),
    "joint_least": ("ten minste {threshold} ", "at least {threshold} "),
    "joint_worse": ("Samen erger dan apart", "Worse together than apart"),
    "joint_overlapping": ("Samen minder dan de som", "Less together than the sum"),
    "joint_worse_note": (
        "Dat gebeurt als de een de uitwijk of de reserve van de ander is, of die op gang houdt; wie alleen naar losse uitvallen kijkt, ziet het niet. Deel: wat erbij komt, als deel van het geheel van beide samen.",
        "That happens when one is the stand-in or the reserve of the other, or keeps that going; whoever looks at single failures alone does not see it. Part: what comes on top, as a part of all of both together.",
    ),
    "joint_cascade_note": (
        "Wat een van beide zelf stillegt, telt in geen van de drie getallen; apart is daarom soms minder dan in de rangorde.",
        "What either of them stops itself counts in none of the three figures; alone is therefore sometimes less than in the ranking.",
    ),
    "joint_overlapping_note": (
        "Wat door de ene uitval al stil ligt, kan door de andere niet nog eens stilvallen. Deel: wat minder is dan de som, als deel van die som.",
        "What one failure has stopped already, the other cannot stop again. Part: what is less than the sum, as a part of that sum.",
    ),
    "joint_first": ("Valt uit", "Fails"),
    "joint_second": ("Samen met", "Together with"),
    "joint_first_alone": ("Eerste apart", "First alone"),
    "joint_second_alone": ("Tweede apart", "Second alone"),
    "joint_together": ("Samen", "Together"),
    "joint_worse_size": ("Erbij", "On top"),
    "joint_overlapping_size": ("Overlap", "Overlap"),
    "joint_part": ("Deel", "Part"),
    "joint_searched": ("Hoe alle paren zijn nagegaan", "How all pairs were dealt with"),
    "joint_n_pairs": ("Paren", "Pairs"),
    "joint_n_independent": (
        "Overgeslagen: raken elkaar aantoonbaar niet",
        "Skipped: provably do not touch",
    ),
    "joint_n_bounded": (
        "Overgeslagen: blijven aantoonbaar onder de drempel",
        "Skipped: provably stay under the threshold",
    ),
    "joint_n_simulated": ("Doorgerekend", "Simulated"),
    "joint_complete": (
        "Volledig: geen paar dat van de som van zijn delen verschilt, is overgeslagen.",
        "Complete: no pair that differs from the sum of its parts was skipped.",
    ),
    "joint_complete_from": (
        "Volledig vanaf een verschil van {threshold}: geen paar daarboven is overgeslagen.",
        "Complete from a difference of {threshold} on: no pair above it was skipped.",
    ),
    "joint_whole": (
        "Verdeeld over {n} gebeurtenissen: {measure}, in totaal {whole}.",
        "Divided over {n} events: {measure}, {whole} in all.",
    ),
    "joint_no_effect": (
        "Er valt niets te verdelen over {n} gebeurtenissen: het gevolg ({measure}) is 0.",
        "There is nothing to divide over {n} events: the effect ({measure}) is 0.",
    ),
    "joint_most": ("Het grootste deel komt van “{event}”: {share}.", "Most comes from “{event}”: {share}."),
    "joint_exact": (
        "De delen zijn exact: alle {runs} combinaties van gebeurtenissen zijn doorgerekend.",
        "The parts are exact: all {runs} sets of events were simulated.",
    ),
    "joint_drawn": (
        "De delen zijn geschat uit {orders} getrokken volgordes ({runs} simulaties); het ruimste 95%-interval is ± {off} van het geheel.",
        "The parts are estimated from {orders} drawn orders ({runs} simulations); the widest 95% interval is ± {off} of the whole.",
    ),
    "joint_no_indicators": (
        "Processen die alleen andere weerspiegelen, tellen niet mee; in cascade run en cascade doubt wel.",
        "Processes that only mirror others do not count; in cascade run and cascade doubt they do.",
    ),
    "joint_parts": ("Wat elke gebeurtenis bijdroeg", "What each event contributed"),
    "joint_parts_note": (
        "Bijdrage: wat een gebeurtenis gemiddeld toevoegt aan de andere, over alle volgordes (Shapley-waarde); samen zijn de bijdragen het geheel. Alleen: het scenario met alleen deze gebeurtenis. Als laatste: hoeveel het geheel kleiner is zonder deze gebeurtenis.",
        "Contribution: what an event adds to the others on average, over all orders (Shapley value); together the contributions are the whole. Alone: the scenario with only this event. As last: how much smaller the whole is without this event.",
    ),
    "joint_drawn_note": (
        "Marge: half 95%-interval, als deel van het geheel. Elk interval geldt op zichzelf.",
        "Margin: half of the 95% interval, as a part of the whole. Each interval holds by itself.",
    ),
    "joint_event_part": ("Bijdrage", "Contribution"),
    "joint_share": ("Deel", "Share"),
    "joint_interval": ("Marge", "Margin"),
    "joint_alone": ("Alleen", "Alone"),
    "joint_last": ("Als laatste", "As last"),
    "joint_interactions": (
        "Welke gebeurtenissen elkaar versterken of overlappen",
        "Which events amplify each other, or overlap",
    ),
    "joint_interactions_note": (
        "Wat twee gebeurtenissen samen meer of minder doen dan de som van beide, gemiddeld over alle combinaties van de andere (Shapley-interactie).",
        "What two events do together beyond or below the sum of both, on average over all sets of the others (Shapley interaction).",
    ),
    "joint_and": ("en", "and"),
    "joint_kind": ("Samen", "Together"),
    "joint_amplify": ("erger", "worse"),
    "joint_overlap": ("overlap", "overlap"),
    "joint_by": ("Verschil", "Difference"),
    "joint_total_whole": ("Geheel", "Whole"),
    "joint_total_runs": ("Simulaties", "Simulations"),
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
