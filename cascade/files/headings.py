"""What the sheets of a model are called, which columns they have, and by which words people name them.

Data for reading and writing alike: one list says how a column is headed in Dutch and English, by which other words it
is recognised, and how its cells are read (:mod:`cascade.files.cells`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cascade.model import Lang, Words

Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column: the field it holds, how its cells are read, and its heading."""

    key: str
    codec: str
    """Name of a way to read and write cells."""
    heading: Words
    also: tuple[str, ...] = ()
    """Other words for it, in both languages."""
    path: Path_ = ()
    """Where the value stands in the thing that the row is about; empty where the row itself needs it."""
    help: Words | None = None
    """What to write in it."""
    shown: bool = False
    """Whether it stands in the template for people who start."""
    width: int = 18


@dataclass(frozen=True)
class Sheet:
    """One sheet: what its rows are."""

    key: str
    name: Words
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()
    shown: bool = False

    def column(self, key: str) -> Column:
        """Return the column with this key."""
        return next(column for column in self.columns if column.key == key)


def _c(
    key: str, codec: str, nl: str, en: str, also: str = "", path: str = "", help: tuple[str, str] | None = None,
    *, shown: bool = False, width: int = 18,
) -> Column:  # fmt: skip
    where = tuple((path or key).split("/")) if path != "-" else ()
    told = None if help is None else Words(nl=help[0], en=help[1])
    return Column(key, codec, Words(nl=nl, en=en), tuple(also.split("|")) if also else (), where, told, shown, width)


def _text(key: str, nl: str, en: str, also: str = "", path: str = "", *, width: int = 24) -> list[Column]:
    """Return the columns of a text in two languages: one for both, and one for each."""
    at = path or key
    return [
        _c(f"{key}_nl", "text", f"{nl} (Nederlands)", f"{en} (Dutch)", f"{key}_nl|{nl} nl|{en} nl", f"{at}/nl", width=width),
        _c(f"{key}_en", "text", f"{nl} (Engels)", f"{en} (English)", f"{key}_en|{nl} en|{en} en", f"{at}/en", width=width),
        _c(key, "text", nl, en, also, at, width=width),
    ]  # fmt: skip


def _shown(columns: list[Column], *keys: str) -> tuple[Column, ...]:
    """Put columns into the template, with those before all others."""
    from dataclasses import replace

    return tuple(replace(column, shown=True) if column.key in keys else column for column in columns)


SOURCE_HELP: Final = (
    "Wie dit zegt: de sleutel uit blad Bronnen; meer met ; ertussen. Meer woorden die daar niet staan, worden een bron met die titel.",
    "Who says so: the key in sheet Sources; several with ; between. Several words that are not in there become a source of that title.",
)
SURE_HELP: Final = (
    "Hoe zeker dit is: hoog, midden of laag. Laag is ook een antwoord.",
    "How sure this is: high, medium or low. Low is an answer too.",
)
DURATION_HELP: Final = (
    "Een tijd met eenheid: 4 uur, 2 dagen, 0,5 uur, 30 min. Onzeker: laag / meest waarschijnlijk / hoog, dus 2 uur / 4 uur / 8 uur.",
    "A time with its unit: 4 h, 2 days, 0.5 h, 30 min. Uncertain: low / most likely / high, so 2 h / 4 h / 8 h.",
)
_MORE: Final = _c(
    "more", "yaml", "Overig (YAML)", "More (YAML)", "more|overig|yaml|rest", "-",
    ("Wat in geen kolom past, als in het YAML-bestand.", "What fits no column, as in the YAML file."), width=40,
)  # fmt: skip
_MARKING: Final = _c("marking", "text", "Markering", "Marking", "rubricering|classification|tlp", width=14)


def _evidence(*, shown: bool = False) -> list[Column]:
    return [
        _c("source", "sources", "Bron", "Source", "bronnen|sources|wie zegt dat|who says so|herkomst|reference|referentie",
           help=SOURCE_HELP, shown=shown, width=16),
        _c("confidence", "confidence", "Zekerheid", "Confidence", "betrouwbaarheid|hoe zeker|certainty|vertrouwen",
           help=SURE_HELP, shown=shown, width=12),
        _c("facts", "names", "Feiten", "Facts", "facts|rijen van het onderzoek", width=12),
        *(_shown(_text("note", "Opmerking", "Note", "opmerkingen|notes|remark|remarks|toelichting|comment|comments"),
                 *(["note"] if shown else []))),
    ]  # fmt: skip


PROCESSES: Final = Sheet(
    "processes",
    Words(nl="Processen", en="Processes"),
    (
        _c("id", "id", "Id", "Id", "code|sleutel|key", "-",
           ("Korte naam zonder spaties, bijvoorbeeld pompen-noord. Leeg: gemaakt uit de naam.",
            "A short name without blanks, for example pumps-north. Empty: made from the name."), shown=True, width=24),
        *_shown(_text("name", "Naam", "Name", "proces|process|naam proces|process name|dienst|service", width=30), "name"),
        _c("sector", "id", "Sector", "Sector", "branche|sectorcode", "-",
           ("Id van de sector; leeg: eigen gegevens.", "Id of the sector; empty: own data."), shown=True, width=14),
        _c("per", "per", "In elke regio", "In every region", "per regio|per region|per|regionaal|regional", "per",
           ("ja: één in elke regio. nee: één voor alle regio's samen.", "yes: one in every region. no: one for all regions together."),
           shown=True, width=12),
        _c("people", "share3", "Mensen (deel)", "People (share)", "deel van de mensen|share of people|mensen|people|inwoners die ervan afhangen",
           help=("Welk deel van de inwoners ervan afhangt: 95 %.", "Which share of the inhabitants relies on it: 95 %."),
           shown=True, width=12),
        _c("basic_need", "bool", "Eerste levensbehoefte", "Basic need", "basisbehoefte|levensbehoefte|basic",
           help=("ja of nee", "yes or no"), shown=True, width=14),
        _c("cost_per_day", "money3", "Kosten per dag", "Cost per day", "schade per dag|damage per day|dagkosten",
           help=("Schade van een dag volledige uitval, landelijk: 2 MEUR.", "Loss of a day of total outage, nationally: 2 MEUR.")),
        _c("restart", "duration3", "Opstarttijd", "Restart", "herstart|opstarten na|restart time|hersteltijd|recovery time|start-up time",
           help=("Hoe lang het duurt voor het weer werkt als alles er weer is: 30 min.",
                 "How long it takes to work again once everything is back: 30 min."), shown=True, width=14),
        _c("stops_below", "share", "Stopt onder", "Stops below", "minimum|stopt bij minder dan",
           help=("Onder dit niveau stopt het helemaal: 20 %.", "Below this level it stops altogether: 20 %."), width=12),
        _c("operator", "text", "Beheerder", "Operator", "eigenaar|owner|organisatie|organisation|aanbieder"),
        _c("authority", "text", "Ministerie", "Authority", "departement|ministry|bevoegd gezag", width=12),
        _c("market_share", "share", "Marktaandeel", "Market share", width=12),
        _c("location", "pair", "Plek", "Location", "locatie|coordinaten|coordinates"),
        _c("tags", "names", "Labels", "Tags", "kenmerken", width=14),
        _c("lists", "lists", "Lijsten", "Lists", "lijst|list",
           help=("Plaats in de lijst van een ander, - als het er niet in staat: cer: 6; nctv: -",
                 "Its place in the list of someone else, - where it is in none: cer: 6; nctv: -"), shown=True, width=16),
        _c("passes_on_manipulation", "bool", "Geeft misleiding door", "Passes on manipulation", "geeft foute gegevens door", width=14),
        _c("assets", "text", "Tabel met onderdelen", "Table of assets", "assets|onderdelen|objectentabel|csv", width=20),
        _MARKING,
        *_evidence(shown=True),
        _MORE,
    ),
    ("proces", "process", "diensten", "services"),
    shown=True,
)  # fmt: skip

DEPENDENCIES: Final = Sheet(
    "dependencies",
    Words(nl="Afhankelijkheden", en="Dependencies"),
    (
        _c("process", "process", "Proces", "Process",
           "afnemer|consument|consumer|customer|wie|who|wie heeft het nodig|who needs it|dienst|service|activiteit|activity|proces id|process id", "-",
           ("Wat dit nodig heeft: id of naam.", "What needs it: id or name."), shown=True, width=28),
        _c("need", "id", "Behoefte", "Need",
           "nodig|wat|what|wat is nodig|what is needed|what do you need|wat heb je nodig|middel|resource|input|afhankelijkheid|dependency|need id", "-",
           ("Wat het nodig heeft, in één woord: stroom. Leeg: naar de leverancier genoemd.",
            "What it needs, in one word: power. Empty: named after the supplier."), shown=True, width=18),
        _c("from", "suppliers", "Van", "From",
           "leverancier|leveranciers|supplier|suppliers|van wie|from whom|geleverd door|supplied by|provider|levert|who supplies|wie levert|hangt af van|depends on", "-",
           ("Wie het levert: id of naam van een proces; meer met ; ertussen. Met @ een plek: ziekenhuis@neighbours. Tussen haakjes wat het kan of het aandeel: (60%).",
            "Who supplies it: id or name of a process; several with ; between. With @ a place: hospital@neighbours. Between brackets what it can give, or its share: (60%)."),
           shown=True, width=28),
        _c("rule", "rule", "Regel", "Rule", "hoe|combinatie|combination|hoeveel nodig|and or|en of", "-",
           ("Bij meer leveranciers: alle (standaard), een ervan, minstens 2, of aandelen.",
            "With several suppliers: all (as a rule), any of, at least 2, or shares."), shown=True, width=12),
        _c("endures", "duration3", "Houdt vol", "Endures",
           "overbrugging|overbruggingstijd|uithoudtijd|uithoudingsvermogen|hoe lang zonder|how long without|how long can you do without|autonomie|autonomy|buffer|holdover|"
           "endurance|maximale uitval|max uitval|max outage|maximum outage|noodvoorziening|reserve|autonomietijd|volhoudtijd",
           help=("Hoe lang het zonder kan; leeg: niet. " + DURATION_HELP[0], "How long it can do without; empty: not at all. " + DURATION_HELP[1]), shown=True, width=18),
        _c("loses", "share3", "Verliest", "Loses",
           "verlies|loss|gevolg|impact|effect|wat valt weg|verlies daarna|loss then|what is lost|what do you lose then|uitval daarna|verlies van functie|loss of function",
           help=("Welk deel er dan wegvalt: 80 %. Leeg: alles.", "Which share is lost then: 80 %. Empty: all."), shown=True, width=16),
        _c("fades", "steps", "Verloop", "Fades", "verloop van verlies|stappen|steps|course|trapsgewijs",
           help=("In plaats van Houdt vol en Verliest, in stappen: 0 uur: 5 %; 72 uur: 90 %.",
                 "Instead of Endures and Loses, in steps: 0 h: 5 %; 72 h: 90 %."), shown=True, width=24),
        _c("spread", "factor3", "Spreiding", "Spread", "spreiding op de tijden", width=14),
        _c("sustained_by", "placed", "Vol te houden met", "Sustained by", "verlengd door|extended by|aangevuld door|refilled by|brandstof van",
           help=("Proces waarmee het langer duurt: brandstof voor het aggregaat.", "Process that makes it last: fuel for the generator."),
           shown=True, width=24),
        _c("recharge", "duration3", "Weer op peil na", "Recharge", "hersteltijd buffer|recharge time|oplaadtijd|aanvullen duurt",
           help=("Hoe lang het duurt voor de voorraad weer vol is.", "How long it takes until the reserve is full again."), shown=True, width=14),
        _c("response", "levels", "Bij minder levering", "Response", "respons|bij gedeeltelijke levering|partial supply"),
        _c("wrong_level", "share3", "Niveau bij foute gegevens", "Level if manipulated", "misleid niveau|level if misled", "if_manipulated/level", width=14),
        _c("wrong_noticed", "duration3", "Gemerkt na", "Noticed after", "fout gemerkt na", "if_manipulated/noticed_after", width=14),
        _c("kind", "kind", "Soort", "Kind", "type|soort afhankelijkheid|kind of dependency|rinaldi",
           help=("fysiek, cyber, geografisch of logisch", "physical, cyber, geographic or logical"), shown=True, width=12),
        *_text("use", "Waarvoor", "Use", "gebruik|doel|purpose|used for|what for"),
        _c("by_table", "text", "Tabel van koppelingen", "Table of links", "koppeltabel|links table"),
        _c("by_nearest", "int", "Dichtstbijzijnde", "Nearest", "aantal dichtstbijzijnde|by nearest", width=12),
        _c("by_area", "bool", "Per verzorgingsgebied", "By serving area", "verzorgingsgebied|serving area|by area", width=12),
        _MARKING,
        *_evidence(shown=True),
        _MORE,
    ),
    ("afhankelijkheid", "dependency", "behoeften", "needs", "leveranciers", "suppliers", "deps"),
    shown=True,
)  # fmt: skip

ASSETS: Final = Sheet(
    "assets",
    Words(nl="Onderdelen", en="Assets"),
    (
        _c("process", "process", "Proces", "Process", "proces id|process id|dienst|service", "-",
           ("Het proces dat uit deze onderdelen bestaat: id of naam.", "The process that consists of these assets: id or name."), shown=True, width=24),
        _c("id", "id", "Id", "Id", "code|nummer|number|kenmerk", "-",
           ("Korte naam zonder spaties. Leeg: gemaakt uit de naam.", "A short name without blanks. Empty: made from the name."), shown=True, width=16),
        _c("name", "text", "Naam", "Name", "onderdeel|asset|object|locatie|location|naam object", "-", shown=True, width=28),
        _c("region", "region", "Regio", "Region", "veiligheidsregio|safety region|regiocode|region code", "-",
           ("Code of naam van de regio.", "Code or name of the region."), shown=True, width=14),
        _c("lat", "degrees", "Breedte", "Lat", "latitude|noorderbreedte|breedtegraad|y", "-",
           ("Graden, bijvoorbeeld 52,1.", "Degrees, for example 52.1."), shown=True, width=10),
        _c("lon", "degrees", "Lengte", "Lon", "longitude|oosterlengte|lengtegraad|lng|long|x", "-",
           ("Graden, bijvoorbeeld 5,1.", "Degrees, for example 5.1."), shown=True, width=10),
        _c("capacity", "amount", "Capaciteit", "Capacity", "omvang|size|aandeel|share|vermogen|hoeveelheid", "-",
           ("Hoe groot het is naast de andere; alleen de verhouding telt.", "How large it is beside the others; only the proportion counts."),
           shown=True, width=12),
        _c("people", "whole", "Mensen", "People", "inwoners|klanten|customers|aansluitingen|connections|aantal mensen", "-",
           ("Hoeveel mensen ervan afhangen.", "How many people rely on it."), shown=True, width=12),
        _c("area", "text", "Verzorgingsgebied", "Area", "gebied|serving area|service area|voorzieningsgebied|deelgebied", "-",
           ("Wie hetzelfde gebied heeft, hoort bij elkaar.", "Those with the same area belong together."), shown=True, width=18),
    ),
    ("objecten", "installaties", "locaties", "sites", "objects", "facilities", "asset", "onderdeel"),
    shown=True,
)  # fmt: skip

LINKS: Final = Sheet(
    "links",
    Words(nl="Koppelingen", en="Links"),
    (
        _c("process", "process", "Proces", "Process", "", "-", width=24),
        _c("need", "id", "Behoefte", "Need", "", "-"),
        _c("consumer", "label", "Afnemer", "Consumer", "", "-", width=24),
        _c("supplier", "id", "Leverancier", "Supplier", "", "-", width=24),
        _c("share", "amount", "Aandeel", "Share", "gewicht|weight", "-", width=12),
    ),
    ("koppeling", "link"),
)  # fmt: skip

SOURCES: Final = Sheet(
    "sources",
    Words(nl="Bronnen", en="Sources"),
    (
        _c("id", "id", "Sleutel", "Key", "id|code|afkorting|abbreviation|bron", "-",
           ("Kort woord waarmee u de bron noemt.", "The short word that you name the source by."), shown=True, width=14),
        _c("title", "text", "Titel", "Title", "naam|name|omschrijving", shown=True, width=50),
        _c("publisher", "text", "Uitgever", "Publisher", "auteur|author|organisatie", shown=True, width=24),
        _c("date", "date", "Datum", "Date", "jaar|year", shown=True, width=12),
        _c("url", "text", "Adres", "Url", "link|website|webadres", shown=True, width=30),
        _c("note", "text", "Opmerking", "Note", "toelichting|remark", shown=True, width=30),
        _MORE,
    ),
    ("bron", "source", "referenties", "references"),
    shown=True,
)  # fmt: skip

REGIONS: Final = Sheet(
    "regions",
    Words(nl="Regio's", en="Regions"),
    (
        _c("code", "id", "Code", "Code", "id|regiocode|region code", "-", ("Korte code: VR13.", "A short code: VR13."), shown=True, width=10),
        _c("name", "text", "Naam", "Name", "regio|region|veiligheidsregio", shown=True, width=28),
        _c("population", "int", "Inwoners", "Population", "bevolking|inhabitants|aantal inwoners|mensen|people", shown=True, width=12),
        _c("neighbours", "regions", "Buren", "Neighbours", "buurregio's|neighbors|grenst aan",
           help=("Codes van de regio's die eraan grenzen, met ; ertussen.", "Codes of the regions that border on it, with ; between."),
           shown=True, width=24),
        _c("tile", "pair", "Vak op de kaart", "Tile", "tegel", width=12),
        _c("isolated", "bool", "Geïsoleerd", "Isolated", "eiland|island", width=12),
        *_evidence(shown=True),
        _MORE,
    ),
    ("regio", "region", "gebieden", "veiligheidsregio's"),
    shown=True,
)  # fmt: skip

SECTORS: Final = Sheet(
    "sectors",
    Words(nl="Sectoren", en="Sectors"),
    (
        _c("id", "id", "Id", "Id", "sector|code", "-", width=16),
        *_text("name", "Naam", "Name", "naam sector"),
        _c("authority", "text", "Ministerie", "Authority", "departement|ministry", width=12),
        _MARKING,
        *_evidence(),
        _MORE,
    ),
    ("sector",),
)

MODEL: Final = Sheet(
    "model",
    Words(nl="Model", en="Model"),
    (
        *_shown(_text("title", "Titel", "Title", "naam|name", width=40), "title"),
        _c("version", "text", "Versie", "Version", shown=True, width=10),
        _c("marking", "text", "Markering", "Marking", "rubricering|classification|tlp",
           help=("Met wie dit gedeeld mag worden, bijvoorbeeld TLP:AMBER.", "With whom this may be shared, for example TLP:AMBER."),
           shown=True, width=14),
        *_text("about", "Waarover", "About", "omschrijving|description", width=50),
        _c("self_reliance", "duration", "Zelfredzaamheid", "Self-reliance", width=14),
        *_evidence(),
        _MORE,
    ),
    shown=True,
)  # fmt: skip

PARAMETERS: Final = Sheet(
    "parameters",
    Words(nl="Parameters", en="Parameters"),
    (
        _c("id", "id", "Id", "Id", "", "-"),
        *_text("title", "Titel", "Title", width=40),
        _c("criterion", "text", "Criterium", "Criterion", width=12),
        _c("measure", "text", "Maat", "Measure", width=14),
        _c("processes", "processes", "Processen", "Processes", width=24),
        *_evidence(),
        _MORE,
    ),
)

MEASURES: Final = Sheet(
    "measures",
    Words(nl="Maatregelen", en="Measures"),
    (
        _c("id", "id", "Id", "Id", "", "-", width=22),
        *_text("name", "Naam", "Name", "maatregel|measure", width=30),
        _c("lever", "lever", "Hefboom", "Lever", width=14),
        _c("article_13", "text", "Artikel 13", "Article 13", width=10),
        _c(
            "processes",
            "processes",
            "Bij processen",
            "At processes",
            "processen|processes",
            "applies_to/processes",
            width=30,
        ),
        _c("need", "text", "Behoefte", "Need", "", "applies_to/need", width=14),
        _c("cost", "money3", "Kosten", "Cost", width=12),
        _c("national_cost", "money3", "Kosten landelijk", "National cost", width=12),
        _c("lead_time", "duration3", "Doorlooptijd", "Lead time", width=14),
        _MARKING,
        *_evidence(),
        _MORE,
    ),
    ("maatregel", "measure"),
)

STOCKS: Final = Sheet(
    "stocks",
    Words(nl="Voorraden", en="Stocks"),
    (
        _c("id", "id", "Id", "Id", "", "-", width=22),
        *_text("name", "Naam", "Name", "voorraad|stock"),
        *_text("holds", "Inhoud", "Holds"),
        _c("kind", "stock_kind", "Soort", "Kind", width=14),
        *_text("holder", "Houder", "Holder"),
        _c("part", "share3", "Deel", "Part", width=14),
        _c("lasts", "duration3", "Reikt", "Lasts", width=14),
        _c("usable_with", "processes", "Bruikbaar met", "Usable with"),
        _c("not_in_model", "processes", "Niet in het model", "Not in model"),
        *_text("released_by", "Vrijgegeven door", "Released by"),
        _MARKING,
        *_evidence(),
        _MORE,
    ),
    ("voorraad", "stock"),
)

HAZARDS: Final = Sheet(
    "hazards",
    Words(nl="Gevaren", en="Hazards"),
    (
        _c("id", "id", "Id", "Id", "", "-", width=22),
        *_text("name", "Naam", "Name", "gevaar|hazard"),
        _c("kind", "text", "Soort", "Kind", width=14),
        _c("scenarios", "names", "Scenario's", "Scenarios", width=30),
        _c("processes", "processes", "Processen", "Processes", width=30),
        _MARKING,
        *_evidence(),
        _MORE,
    ),
    ("gevaar", "hazard", "risico's", "risks"),
)

AUTHORITIES: Final = Sheet(
    "authorities",
    Words(nl="Toezicht", en="Authorities"),
    (
        _c("id", "id", "Id", "Id", "", "-", width=16),
        *_text("name", "Naam", "Name"),
        _c("sectors", "names", "Sectoren", "Sectors"),
        _c("processes", "processes", "Processen", "Processes", width=40),
        _c("ministry", "text", "Ministerie", "Ministry", width=12),
        _c("incident_team", "text", "Incidentteam", "Incident team", width=14),
        _c("supervisor", "text", "Toezichthouder", "Supervisor", width=16),
        *_evidence(),
        _MORE,
    ),
    ("toezichthouders", "supervisors"),
)

SHEETS: Final = (
    PROCESSES, DEPENDENCIES, ASSETS, SOURCES, REGIONS, MODEL, SECTORS, LINKS, MEASURES, STOCKS, HAZARDS, AUTHORITIES, PARAMETERS,
)  # fmt: skip
"""All sheets in the order of the workbook; those an assessor fills come first."""
BY_KEY: Final = {sheet.key: sheet for sheet in SHEETS}
EXPLANATION: Final = Words(nl="Uitleg", en="Explanation")
"""The sheet that explains the others; it is not read."""

_UNIT: Final = re.compile(r"[(\[]\s*(?:in\s+)?([^()\[\]]{1,12})\s*[)\]]\s*$")
UNITS: Final = {
    "%": "%", "procent": "%", "percent": "%", "per cent": "%",
    "s": "s", "sec": "s", "min": "m", "minuten": "m", "minutes": "m", "m": "m",
    "u": "h", "uur": "h", "uren": "h", "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "dag": "d", "dagen": "d", "day": "d", "days": "d", "w": "w", "weken": "w", "weeks": "w",
    "eur": "EUR", "euro": "EUR", "€": "EUR", "keur": "kEUR", "k€": "kEUR", "meur": "MEUR", "mln": "MEUR", "m€": "MEUR",
}  # fmt: skip
"""Units that a heading can name between brackets, for numbers without one."""


def plain(text: object) -> str:
    """Return a heading or a name of a sheet as it is compared: small letters, single blanks, no marks at its end."""
    words = " ".join(str(text or "").replace("_", " ").split()).casefold()
    return words.rstrip(" *:?").replace("’", "'")


def split_unit(heading: str) -> tuple[str, str]:
    """Return a heading without the unit between brackets behind it, and that unit; empty where it names none."""
    match = _UNIT.search(heading)
    unit = UNITS.get(match[1].strip().casefold(), "") if match else ""
    return (heading[: match.start()].strip(), unit) if match and unit else (heading, "")


def words_of(column: Column) -> Iterator[str]:
    """Yield every word by which a column is recognised, as compared."""
    for text in (column.key, column.heading.nl, column.heading.en, *column.also):
        yield plain(text)


def known_headings(sheet: Sheet) -> dict[str, str]:
    """Return every heading that is understood in a sheet, as compared, with the key of its column."""
    found: dict[str, str] = {}
    for only_own in (True, False):  # what a column is called comes before what others say for another
        for column in sheet.columns:
            own = (column.key, column.heading.nl, column.heading.en)
            for text in own if only_own else column.also:
                found.setdefault(plain(text), column.key)
    return found


def known_sheets() -> dict[str, str]:
    """Return every name of a sheet that is understood, as compared, with its key."""
    found: dict[str, str] = {}
    for only_own in (True, False):
        for sheet in SHEETS:
            own = (sheet.key, sheet.name.nl, sheet.name.en)
            for text in own if only_own else sheet.also:
                found.setdefault(plain(text), sheet.key)
    return found


def heading(column: Column, lang: Lang) -> str:
    """Return what stands above a column."""
    return column.heading[lang]
