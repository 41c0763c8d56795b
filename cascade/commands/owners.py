"""The commands for models of several owners: parse, call, print, like those of ``cli``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cascade.model import Model, Scenario
    from cascade.results.equality import Difference, Outage
    from cascade.results.interface import Proof
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

INTERFACE_TABLES = ("outputs", "needs", "proof")
JOIN_TABLES = ("owners", "renamed", "compared")
NOT_EQUAL = 4
"""Exit code where equality was demanded, or a proof does not agree."""
PROOF, PAGE = "proof.json", "proof.md"
MOST_PROOF = 100_000_000
"""Bytes; a larger proof is not read."""


@click.command(cls=Described, short_help="Publish what a model does outwards, without what is inside, with a proof.")
@click.argument("folder", metavar="[MODEL]", required=False)
@click.option("--outputs", metavar="IDS", help="What is published; by default what nothing inside needs.")
@click.option("--external", "externals", metavar="IDS", help="What others define, beside what is tagged external.")
@click.option("--outages", multiple=True, metavar="FILE", help="Prove it with these scenarios; may be repeated.")
@click.option("--demand-equal", is_flag=True, help="Write nothing, and end with 4, unless all is equal.")
@click.option("--verify", metavar="FOLDER", help="Compute the proof in this folder anew, and end with 4 if it differs.")
@answers(out="Folder for the interface model and its proof.", model=False, tables=INTERFACE_TABLES)
def interface(talk: Talk, folder: str | None, verify: str | None, **asked: Any) -> None:
    r"""Reduce a MODEL to what others may know of it: its outputs, and what these need of others and for how long.

    What lies between is folded where that is exact, and else measured by simulation. Both models are then played side by
    side: they are equal for the outages listed, or it is said by how much they are not. IDS are separated by commas.

    \b
    Examples:
      cascade interface my-model --outputs water-supply --external electricity-distribution --out published
      cascade interface my-model --outages storm.yaml --demand-equal --out published
      cascade interface my-model --verify published
    """
    talk.ready(folder=not talk.one_file)
    if verify is not None:
        if any(asked.values()):
            raise UsageError(
                "--verify takes outputs, externals and outages from the proof; leave the other options out"
            )
        _verify(talk, talk.load(folder), verify)
        return
    _publish(talk, talk.load(folder), **asked)


def _publish(
    talk: Talk, model: Model, outputs: str | None, externals: str | None, outages: tuple[str, ...], demand_equal: bool
) -> None:
    from cascade.results.interface import interface_of
    from cascade.telling.interface import interface_tables, summary

    scenarios = _scenarios(talk, model, outages) if outages else None
    talk.announce_compiling()
    found = interface_of(model, _ids(outputs), _ids(externals), scenarios, talk.marking or "", progress=talk.progress())
    mark = talk.mark(model, *(scenarios or {}).values())
    write = talk.out is not None and not talk.one_file and (found.proof.equal or not demand_equal)
    shown = talk if talk.one_file else replace(talk, out=None)
    tables = interface_tables(found.model, found.proof, talk.lang)
    _tell(shown, found.model, found.proof, tables, summary(found.proof, talk.lang), mark)
    if write:
        _write_interface(talk, found.model, found.proof, mark)
    if demand_equal and not found.proof.equal:
        talk.say("owners_not_written")
        click.get_current_context().exit(NOT_EQUAL)


def _tell(talk: Talk, model: Model, proof: Proof, tables: list[Table], said: list[str], mark: str, **more: Any) -> None:
    head: dict[str, Any] = {"equal": proof.equal, "folded": proof.folded, "outages": len(proof.outages), **more}

    def draw(screen: Screen) -> None:
        screen.title(model.info.title[screen.lang], mark)
        for line in said:
            screen.say(line)
        for table in tables:
            screen.table(table)

    talk.answer({**head, "marking": mark}, tables, draw)


def _write_interface(talk: Talk, model: Model, proof: Proof, mark: str) -> None:
    from cascade.files.reading import resolved
    from cascade.results.interface import proof_text
    from cascade.telling.interface import proof_page
    from cascade.telling.writing import provenance

    files = {name: text.encode() for name, text in resolved(model).items()}
    files[PROOF] = proof_text(proof, mark).encode()
    files[PAGE] = proof_page(model, proof, talk.lang, mark).encode()
    # the files of the whole model are not named: what they are called may say what is inside
    options = {"outputs": list(proof.outputs), "externals": list(proof.externals)}
    _write(talk, files, mark, provenance(model, talk.lang, mark, [], options))


def _write(talk: Talk, files: Mapping[str, bytes], mark: str, manifest: Mapping[str, Any]) -> None:
    """Write a model folder; one that holds parts of another model is refused, since they would be read with it."""
    from cascade.telling.writing import write_folder

    folder = Path(talk.out or "")
    known = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    left = sorted(name for name in known if name not in files and Path(name).suffix.lower() in (".yaml", ".yml"))
    if left:
        raise UsageError(f"{folder / left[0]} is no part of this model but would be read with it; name another folder")
    written = write_folder(folder, files, mark, {**manifest, **talk.notice().data})
    talk.say("written", n=len(written), folder=folder)


def _verify(talk: Talk, model: Model, folder: str) -> None:
    from cascade.model import higher_marking
    from cascade.results.interface import verified
    from cascade.telling.interface import changes, interface_tables, summary
    from cascade.words import word

    published = talk.load(folder)
    old = _read_proof(Path(folder), published)
    if old is None:
        raise UsageError(f"{folder}: there is no {PROOF}; name a folder that cascade interface has written")
    talk.announce_compiling()
    new = verified(published, old, model, progress=talk.progress())
    differ = changes(old, new)
    what = ", ".join(word(key, talk.lang) for key in differ)
    said = word("owners_refuted", talk.lang, what=what) if differ else word("owners_confirmed", talk.lang)
    mark = higher_marking(talk.mark(model), published.info.marking)
    lines = [said, *summary(new, talk.lang)]
    tables = interface_tables(published, new, talk.lang)
    _tell(talk, published, new, tables, lines, mark, agrees=not differ)
    if differ:
        click.get_current_context().exit(NOT_EQUAL)


def _read_proof(folder: Path, model: Model) -> Proof | None:
    """Read the proof beside an interface model; None if there is none."""
    from cascade.results.interface import proof_of

    path = folder / PROOF
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > MOST_PROOF:
            raise UsageError(f"{path}: larger than any proof; it is not read")
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: cannot be read as JSON: {error}") from None
    return proof_of(data if isinstance(data, dict) else {}, model)


def _scenarios(talk: Talk, model: Model, names: tuple[str, ...]) -> dict[str, Scenario]:
    return {Path(name).stem: talk.scenario(name, model).scenario for name in names}


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


@click.command(cls=Described, short_help="Join the models of several owners into one.")
@click.argument("folders", metavar="MODEL MODEL ...", nargs=-1, required=True)
@click.option(
    "--compare", metavar="FOLDER", help="Play outages on this model too, and say where the joined one differs."
)
@click.option(
    "--outages",
    multiple=True,
    metavar="FILE",
    help="With --compare: these scenarios; by default each process alone for 24h and 72h.",
)
@answers(out="Folder for the joined model.", model=False, tables=JOIN_TABLES)
def join(talk: Talk, folders: tuple[str, ...], compare: str | None, outages: tuple[str, ...]) -> None:
    r"""Join two or more MODEL folders: what is external in one is filled in by the one that defines it.

    Contradictions are not solved but named, with both places and a remedy. Sources with one key and other content get
    another key.

    \b
    Examples:
      cascade join mine theirs --out together
      cascade join mine theirs-published --compare mine-and-theirs
      cascade join a b c --format json
    """
    from cascade.files.joining import join as joining
    from cascade.telling.interface import compared, joined_tables, loops

    talk.ready(folder=not talk.one_file)
    if outages and compare is None:
        raise UsageError("--outages says what to compare with; name a model with --compare")
    _check_folders(folders, talk.out)
    models = [talk.load(folder) for folder in folders]
    found = joining(models)
    proofs = {
        m.root: proof for m, folder in zip(models, folders, strict=True) if (proof := _read_proof(Path(folder), m))
    }
    tables = joined_tables(found, models, proofs, talk.lang)
    others: list[Scenario] = []
    if compare is not None:
        differences, others = _compared(talk, found.model, talk.load(compare), outages)
        tables.append(compared(differences, found.model, compare, talk.lang))
    mark = talk.mark(found.model, *others)
    said = loops(found, models, proofs, talk.lang)

    def draw(screen: Screen) -> None:
        screen.title(found.model.info.title[screen.lang], mark)
        for line in said:
            screen.say(line)
        for table in tables:
            if table.rows or table.note:
                screen.table(table)

    shown = talk if talk.one_file else replace(talk, out=None)
    shown.answer({"title": found.model.info.title[talk.lang], "marking": mark}, tables, draw)
    if talk.out is not None and not talk.one_file:
        _write_joined(talk, found.model, mark, folders)


def _check_folders(folders: tuple[str, ...], out: str | None) -> None:
    """Refuse a model that is named twice, or is the target as well, before anything is computed."""
    seen: dict[Path, str] = {}
    for folder in folders:
        where = Path(folder).resolve()
        if where in seen:
            raise UsageError(f"{folder} is the same folder as {seen[where]}; name each owner's model once")
        seen[where] = folder
    if out is not None and Path(out).resolve() in seen:
        raise UsageError(f"--out: {out} is one of the models to join; name a new folder")


def _compared(talk: Talk, one: Model, other: Model, names: tuple[str, ...]) -> tuple[list[Difference], list[Scenario]]:
    """Play outages on two models and compare whatever both define."""
    from cascade.files.joining import is_stub
    from cascade.results.equality import differences, own_outages

    both = [
        p
        for p, process in one.processes.items()
        if p in other.processes and not is_stub(process) and not is_stub(other.processes[p])
    ]
    scenarios = _scenarios(talk, one, names)
    talk.announce_compiling()
    outages: list[Outage] = own_outages(scenarios, both) if names else _each_alone(one, both)
    return differences(other, one, outages, both, talk.progress()), list(scenarios.values())


def _each_alone(model: Model, processes: list[str]) -> list[Outage]:
    from cascade.results.equality import outage
    from cascade.units import HOUR

    return [outage(model, (p,), "", 0, lasting * HOUR) for p in processes for lasting in (24, 72)]


def _write_joined(talk: Talk, model: Model, mark: str, folders: tuple[str, ...]) -> None:
    from cascade.files.reading import load, resolved
    from cascade.telling.writing import provenance

    files = {name: text.encode() for name, text in resolved(model).items()}
    options = {"models": [Path(folder).resolve().name for folder in folders]}
    _write(talk, files, mark, provenance(model, talk.lang, mark, [], options))
    load(talk.out or "")  # what was written can be read; hazards look for their scenarios beside it


COMMANDS: tuple[click.Command, ...] = (interface, join)
"""What ``cli`` adds to its own."""
