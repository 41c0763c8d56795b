"""What the shipped model holds: processes, regions, scenarios, parameter sets and scales."""

from functools import cache
from pathlib import Path

from cascade import model as nouns
from cascade.files import reading
from cascade.files.parsing import to_yaml
from cascade.model import Model, Words
from made.markdown import code, fenced, plain, table

ROOT = Path(__file__).parents[3]


@cache
def shipped() -> Model:
    """Read the model of the repository."""
    return reading.load(ROOT / "sectors")


def processes() -> str:
    """Return every process by sector, with its id and its name in both languages."""
    model = shipped()
    text = [f"The model holds {len(model.processes)} processes in {len(model.sectors)} sectors.\n"]
    for key, sector in model.sectors.items():
        inside = [p for p, home in model.sector_of.items() if home == key]
        rows = []
        for name in sorted(inside):
            process = model.processes[name]
            rows.append(
                (code(name), plain(process.name.nl), plain(process.name.en), "yes" if process.regional else "no")
            )
        head = ("id", "Nederlands", "English", "one in every region")
        text += [f"## {plain(sector.name.en)} ({plain(sector.name.nl)}): `{key}`\n", table(head, rows)]
    return "\n".join(text)


def regions() -> str:
    """Return the regions with their inhabitants."""
    rows = [(code(r.code), plain(r.name), f"{r.population:,}") for r in shipped().regions.values()]
    return table(("code", "name", "inhabitants"), rows)


def scenarios() -> str:
    """Return the scenarios that come with the model, but for past incidents."""
    model = shipped()
    rows = []
    for name, path in reading.scenario_files(model.root, beside_only=True).items():
        scenario = reading.load_scenario(path, model)
        rows.append((code(name), plain(scenario.name.nl), plain(scenario.name.en)))
    return table(("name", "Nederlands", "English"), rows)


def parameters() -> str:
    """Return every parameter set as it stands in ``model.yaml``, without its sources and notes."""
    text = []
    for name, found in shipped().info.parameters.items():
        values = found.model_dump(exclude_unset=True, exclude={"title", "source", "confidence", "facts", "note"})
        if found.thresholds:
            values["thresholds"] = [
                one.model_dump(exclude_unset=True, exclude={"source", "confidence", "facts", "note"})
                for one in found.thresholds
            ]
        text += [
            f"### `{name}`\n",
            f"{plain(found.title.en)}. Sources: {', '.join(map(code, found.source))}; confidence {found.confidence}.\n",
            *([f"{plain(found.note.en)}\n"] if found.note else []),
            fenced(to_yaml(values), "yaml"),
        ]
    return "\n".join(text)


def _classes(named: dict[str, Words]) -> str:
    return table(("class", "Nederlands", "English"), [(key, plain(n.nl), plain(n.en)) for key, n in named.items()])


def scales() -> str:
    """Return the scales that answers use: classes of impact and likelihood, marks, confidence."""
    sets = shipped().info.parameters
    labels = next(s.labels for s in sets.values() if s.labels)
    likely = next(s.classes for s in sets.values() if s.classes)
    families = [(plain(family), " < ".join(map(code, marks))) for family, marks in nouns.MARKINGS.items()]
    return "\n".join(
        [
            "(scale-impact)=\n### Classes of impact\n",
            _classes(labels),
            "(scale-likelihood)=\n### Classes of likelihood\n",
            _classes({key: one.name for key, one in likely.items()}),
            "(scale-marks)=\n### Marks, each family from low to high\n",
            table(("family", "marks"), families),
        ]
    )
