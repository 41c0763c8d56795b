"""An interface model: what an owner of processes publishes instead of how they work inside.

It has the outputs of the owner, the externals that these need in the end, and nothing in between. First everything is folded
that can be folded exactly (:mod:`cascade.results.folding`). What is left is measured: the whole is simulated with each
external out for good, whole and in part, and the courses of the output become the endurance of its needs; two or three
externals that together do more than each alone become a need for any of them. In the end both models are played side by
side (:mod:`cascade.results.equality`): the answer is that they are equal for so many outages, or by how much they are not.
"""

import functools
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from cascade.errors import UsageError, did_you_mean
from cascade.files.cutting import again
from cascade.files.joining import digest_of, is_stub, part, stub, suppliers_of
from cascade.model import (
    OTHERS,
    Model,
    ModelInfo,
    Need,
    Process,
    Region,
    Scenario,
    Sector,
    Source,
    higher_marking,
)
from cascade.results.equality import Difference, Outage, Progress, differences, own_outages, standard_outages
from cascade.results.folding import Processes, folded, upstream
from cascade.results.measuring import measured

How = Literal["folded", "measured"]
KEY: Final = "interface"
"""The one source of an interface model."""
PROOF: Final = "proof.json"
LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Proof:
    """What was held against each other, and what came of it."""

    title: str
    outputs: tuple[str, ...]
    externals: tuple[str, ...]
    how: dict[str, How]
    """By output: folded is equal by construction, measured is as good as the outages show."""
    manipulation_left_out: tuple[str, ...]
    """Outputs of which the whole model says more about wrong supplies than the interface."""
    whole: str
    """SHA-256 of the whole model, all defaults written out."""
    interface: str
    """SHA-256 of the interface model, all defaults written out."""
    standard: bool
    """Whether the outages are those of the standard list."""
    outages: tuple[Outage, ...]
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether all outputs went through equal courses in all outages."""
        return all(one.equal == one.outages for one in self.differences)

    @property
    def folded(self) -> bool:
        """Whether every output is equal by construction."""
        return all(way == "folded" for way in self.how.values())

    def to_data(self) -> dict[str, Any]:
        """Return it as plain data; :func:`proof_of` reads it back."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        scenarios = [o.scenario.model_dump(mode="json", by_alias=True, exclude_none=True) for o in self.outages]
        return {
            **found,
            "equal": self.equal,
            "outages": [outage.name for outage in self.outages],
            "scenarios": [] if self.standard else scenarios,
            "differences": [asdict(one) for one in self.differences],
        }


@dataclass(frozen=True, eq=False)
class Interface:
    """An interface model with its proof."""

    model: Model
    proof: Proof


def proof_of(data: Mapping[str, Any], model: Model) -> Proof:
    """Read a proof back; ``model`` is the interface it is about, from which the standard outages follow.

    Raises
    ------
    UsageError
        If the data are no proof.
    """
    try:
        externals = tuple(map(str, data["externals"]))
        if data["standard"]:
            outages = standard_outages(model, externals)
        else:
            outages = [Outage(str(s["name"]["en"]), Scenario.model_validate(_as_text(s))) for s in data["scenarios"]]
        return Proof(
            title=str(data["title"]),
            outputs=tuple(map(str, data["outputs"])),
            externals=externals,
            how=dict(data["how"]),
            manipulation_left_out=tuple(data["manipulation_left_out"]),
            whole=str(data["whole"]),
            interface=str(data["interface"]),
            standard=bool(data["standard"]),
            outages=tuple(outages),
            differences=tuple(Difference(**one) for one in data["differences"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{PROOF} is no proof of an interface model: {type(error).__name__}: {error}") from None


def _as_text(value: Any) -> Any:
    """Return plain data with every number as text, as a file has it."""
    if isinstance(value, dict):
        return {key: _as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


# ------------------------------------------------------------------ what belongs to whom


def boundary(
    model: Model, outputs: Collection[str] = (), externals: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """Return the outputs and the externals that are meant, sorted.

    Externals are the stubs of the model and those named. Outputs are those named, else what nobody inside needs.

    Raises
    ------
    UsageError
        If one is unknown, both at once, or cannot be published; or if there is none.
    """
    for name in sorted({*outputs, *externals}):
        if name not in model.processes:
            raise UsageError(f"no process {name!r} in this model; {did_you_mean(name, model.processes)}")
    outside = {*externals, *(name for name, process in model.processes.items() if is_stub(process))}
    both = sorted(outside.intersection(outputs))
    if both:
        raise UsageError(f"{both[0]!r} is an output and external at once; it can be one of the two")
    inside = [name for name in model.processes if name not in outside]
    needed = {supplier for name in inside for supplier in suppliers_of(model.processes[name])}
    found = sorted(outputs) or [name for name in inside if name not in needed]
    if not found:
        raise UsageError("every process is needed inside, so nothing shows which are outputs; name them with --outputs")
    reached = {p for name in found for p in upstream(model.processes, name, outside)}
    for name in found + sorted(outside & reached):
        if model.processes[name].assets is not None:
            raise UsageError(
                f"{name!r} consists of assets, which an interface would show; publish it per: region instead"
            )
    return found, sorted(outside & reached)


def whole_of(model: Model, outputs: Collection[str], externals: Collection[str]) -> Model:
    """Return all that the outputs rest on, with the externals as stubs: what the interface is held against."""
    own = {p for name in outputs for p in upstream(model.processes, name, externals)}.difference(externals)
    return part(model, own)


def interface_of(
    model: Model,
    outputs: Collection[str] = (),
    externals: Collection[str] = (),
    scenarios: Mapping[str, Scenario] | None = None,
    marking: str = "",
    progress: Progress | None = None,
) -> Interface:
    """Reduce a model to an interface model, and prove how equal the two are.

    Parameters
    ----------
    model : Model
        Of one owner.
    outputs, externals : collection of str, optional
        As for :func:`boundary`.
    scenarios : mapping, optional
        Outages to prove it with, by name; they hit externals and outputs only. By default the standard list of
        :func:`~cascade.results.equality.standard_outages`.
    marking : str, optional
        A higher mark than those of the model and the scenarios.
    progress : callable, optional
        Told how many outages of the proof were played, and of how many.

    Returns
    -------
    Interface

    Raises
    ------
    UsageError
        If something cannot be published, or a scenario hits what is inside.

    Notes
    -----
    The mark is the highest of all there is in the model. Own choice: what is published follows from all of it.
    """
    published, outside = boundary(model, outputs, externals)
    whole = whole_of(model, published, outside)
    outages = standard_outages(whole, outside) if scenarios is None else own_outages(scenarios, {*published, *outside})
    how: dict[str, How] = {}
    found: dict[str, Process] = {}
    for name in published:
        parts, how[name] = _reduced(whole, name, {*published, *outside})
        found |= parts
    marks = [*model.markings, *(mark for s in (scenarios or {}).values() for mark in s.markings), marking]
    made = _published(whole, found, outside, functools.reduce(higher_marking, marks, ""))
    proof = Proof(
        title=model.info.title.en,
        outputs=tuple(published),
        externals=tuple(outside),
        how=how,
        manipulation_left_out=_manipulation_lost(whole, published, outside),
        whole=digest_of(model),
        interface=digest_of(made),
        standard=scenarios is None,
        outages=tuple(outages),
        differences=tuple(differences(whole, made, outages, published, progress)),
    )
    return Interface(made, proof)


def verified(published: Model, proof: Proof, model: Model, progress: Progress | None = None) -> Proof:
    """Prove anew that an interface model belongs to a whole model; equal to the old proof if nothing was changed.

    Both are played again, and an output is called folded only if folding the whole model gives it just as it is published.
    """
    outputs, externals = boundary(model, proof.outputs, proof.externals)
    whole = whole_of(model, outputs, externals)
    how: dict[str, How] = {}
    for name in outputs:
        parts, way = _reduced(whole, name, {*outputs, *externals})
        same = name in published.processes and _shown(parts[name], outputs, whole) == published.processes[name]
        how[name] = way if same else "measured"
    return replace(
        proof,
        title=model.info.title.en,
        outputs=tuple(outputs),
        externals=tuple(externals),
        how=how,
        manipulation_left_out=_manipulation_lost(whole, outputs, externals),
        whole=digest_of(model),
        interface=digest_of(published),
        differences=tuple(differences(whole, published, proof.outages, outputs, progress)),
    )


def proof_text(proof: Proof, marking: str) -> str:
    """Return a proof as JSON."""
    return json.dumps({"marking": marking, **proof.to_data()}, ensure_ascii=False, indent=1) + "\n"


# ------------------------------------------------------------------ one output


def _cone(whole: Model, name: str, edge: Collection[str]) -> Processes:
    """Return an output with all it rests on; what is on the edge has no needs here."""
    kept = set(edge) - {name}
    found = upstream(whole.processes, name, kept)
    return {p: again(one, needs={}) if p in kept else one for p, one in found.items()}


def _reduced(whole: Model, name: str, edge: Collection[str]) -> tuple[Processes, How]:
    """Return an output with needs for nothing but what is on the edge, perhaps with parts of it."""
    cone = _cone(whole, name, edge)
    tabled = any(need.by is not None for process in cone.values() for need in process.needs.values())
    small = cone if tabled else folded(cone, {*edge, name})
    if suppliers_of(small[name]) <= set(edge):
        return {name: small[name]}, "folded"
    return measured(whole, small, name, edge), "measured"


def _manipulation_lost(whole: Model, outputs: Collection[str], externals: Collection[str]) -> tuple[str, ...]:
    """Return the outputs between which and the edge anything treats wrong supplies in a way of its own."""
    edge, found = {*outputs, *externals}, []
    for name in outputs:
        cone = _cone(whole, name, edge)
        inner = [process for p, process in cone.items() if p not in edge]
        told = [*inner, cone[name]] if inner else []
        if any(p.passes_on_manipulation or any(n.if_manipulated for n in p.needs.values()) for p in told):
            found.append(name)
    return tuple(found)


# ------------------------------------------------------------------ what is published

_SHOWN: Final = (
    "name", "per", "people", "basic_need", "cost_per_day", "restart", "stops_below", "market_share", "lists",
    "passes_on_manipulation", "confidence",
)  # fmt: skip
_SHOWN_NEED: Final = (
    "from_", "any_of", "at_least", "shares", "kind", "endures", "loses", "fades", "spread", "sustained_by", "recharge",
    "response", "if_manipulated", "confidence",
)  # fmt: skip


def _published(whole: Model, outputs: Mapping[str, Process], externals: Collection[str], marking: str) -> Model:
    """Return the model that is published: nothing that is not said of an output or an external is in it."""
    processes = {name: _shown(process, outputs, whole) for name, process in outputs.items()}
    served = {p for process in processes.values() for r in process.rations or () for p in r.serves} - {OTHERS}
    outside = sorted((set(externals) | served) - set(processes))
    processes |= {name: again(stub(whole.processes[name]), marking=None, source=(KEY,)) for name in outside}
    processes = dict(sorted(processes.items()))
    sectors: dict[str, dict[str, Process]] = {}
    for name, process in processes.items():
        sectors.setdefault(_sector(whole, name), {})[name] = process
    title = whole.info.title
    return Model(
        info=ModelInfo.model_validate(
            {
                "title": {"nl": f"Koppelmodel van {title.nl}", "en": f"Interface of {title.en}"},
                "version": whole.info.version,
                "marking": marking,
                "self_reliance": whole.info.self_reliance,
                "source": [KEY],
            }
        ),
        regions={code: _shown_region(region) for code, region in whole.regions.items()},
        sources={KEY: Source(title=f"Interface of {title.en}")},
        sectors={
            name: Sector.model_validate(
                {
                    "sector": name,
                    "name": whole.sectors[name].name,
                    "authority": whole.sectors[name].authority,
                    "processes": p,
                }
            )
            for name, p in sorted(sectors.items())
        },
        processes=processes,
        sector_of={name: _sector(whole, name) for name in processes},
    )


def _sector(whole: Model, name: str) -> str:
    """Return the sector of a process, that of a part being the one of its output."""
    return whole.sector_of[name] if name in whole.sector_of else whole.sector_of[name.rpartition(".")[0]]


def _shown_region(region: Region) -> Region:
    kept = ("code", "name", "population", "neighbours", "tile", "isolated")
    return Region.model_validate({k: v for k in kept if (v := getattr(region, k)) is not None})


def _shown(process: Process, outputs: Collection[str], whole: Model) -> Process:
    """Return what may be seen of an output."""
    rations = process.rations
    for ration in rations or ():
        inner = sorted(p for p in ration.serves if p != OTHERS and p not in outputs and not is_stub(whole.processes[p]))
        if inner:
            raise UsageError(
                f"the rations of an output serve {inner[0]!r}, which is inside; make it an output as well, or serve it with the others"
            )
    kept = {name: getattr(process, name) for name in _SHOWN if name in process.model_fields_set}
    needs: dict[str, Need] = {}
    for need in process.needs.values():
        made = _shown_need(need)
        if made not in needs.values():
            needs[_named(made, needs)] = made
    return Process.model_validate(
        {**{k: v for k, v in kept.items() if v is not None}, "rations": rations, "needs": needs, "source": (KEY,)}
    )


def _shown_need(need: Need) -> Need:
    kept = {name: getattr(need, name) for name in _SHOWN_NEED if name in need.model_fields_set}
    return Need.model_validate({**{k: v for k, v in kept.items() if v is not None}, "source": (KEY,)})


def _named(need: Need, taken: Collection[str]) -> str:
    """Call a need by whom it asks."""
    ids = "+".join(dict.fromkeys(supply.process for supply in need.supplies))[:LONGEST_NAME]
    return next(name for name in (ids, *(f"{ids}-{n}" for n in range(2, 1000))) if name not in taken)
