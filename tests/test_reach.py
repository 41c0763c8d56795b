"""Dependency both ways by time to effect, on chains whose moments can be worked out by hand."""

import json
from typing import Any

import pandas as pd
import pytest
from builders import model
from click.testing import CliRunner

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.files.reading import find_model
from cascade.model import Assets, Model, Scenario
from cascade.results.reach import dependents, falls, seconds, suppliers
from cascade.simulation.run import simulate
from cascade.units import DAY, HOUR


def chain() -> Model:
    """Power -> pump (2 h, then all) -> water (at once 30%, after 6 h 80%) -> kitchen; a spare feeds the clinic."""
    return model(
        {
            "abroad": {"sector": "energy", "tags": ["foreign"]},
            "power": {"sector": "energy", "needs": {"import": {"from": "abroad", "endures": "1h", "loses": "40%"}}},
            "pump": {"sector": "water", "needs": {"power": {"from": "power", "endures": "2h", "source": "own"}}},
            "water": {
                "sector": "water",
                "per": "region",
                "people": "50%",
                "needs": {"pump": {"from": "pump", "fades": {"0h": "30%", "6h": "80%"}}},
            },
            "kitchen": {"sector": "food", "needs": {"water": {"from": "water", "response": {"70%": "95%"}}}},
            "clinic": {
                "needs": {
                    "water": {"any_of": ["water@all", "tanker"], "endures": "1h"},
                    "power": {"from": "power", "endures": "8h"},
                    "light": {"from": "lamp", "endures": "8h", "sustained_by": "diesel"},
                }
            },
            "tanker": {},
            "diesel": {},
            "lamp": {},
            "mirror": {"tags": ["indicator"], "needs": {"water": {"from": "water"}}},
            "bystander": {},
        },
        {"R1": 1_000, "R2": 3_000},
    )


def row(frame: pd.DataFrame, process: str) -> dict[str, Any]:
    found = frame[frame["process"] == process]
    assert len(found) == 1, frame["process"].tolist()
    return {str(k): None if v != v else v for k, v in found.to_dict("records")[0].items()}


# ------------------------------------------------------------------ who depends on me


def test_who_falls_when_by_whose_lack_and_how_deep() -> None:
    found = dependents(chain(), "power", "3d")
    # the pump holds out 2 h; water loses 30% at once then, 80% at 2 + 6 h; the clinic's own 8 h come first
    assert found["process"].tolist() == ["pump", "water", "kitchen", "clinic"]
    pump, water, clinic = row(found, "pump"), row(found, "water"), row(found, "clinic")
    assert (pump["first_h"], pump["over10_h"], pump["over50_h"], pump["lost"]) == (2, 2, 2, 1)
    assert (water["first_h"], water["over10_h"], water["over50_h"], water["lost"]) == (2, 2, 8, 0.8)
    assert (water["people"], water["peak_people"], water["regions"]) == (2_000, 1_600, 2)
    assert (water["direct"], water["through"], water["chain"]) == (False, "pump", "power > pump > water")
    assert (clinic["over10_h"], clinic["direct"], clinic["need"]) == (8, True, "power")
    # 95% of 70% supply; at 20% supply two sevenths of 95% remain
    kitchen = row(found, "kitchen")
    assert (kitchen["first_h"], kitchen["over10_h"], kitchen["over50_h"]) == (2, 8, 8)
    assert kitchen["chain"] == "power > pump > water > kitchen"


def test_what_ends_in_time_never_shows() -> None:
    assert dependents(chain(), "power", "1h")["process"].tolist() == []
    assert dependents(chain(), "power", "2h")["process"].tolist() == []
    assert dependents(chain(), "power", 2 * HOUR + 1)["process"].tolist() == ["pump", "water", "kitchen"]


def test_one_region_alone() -> None:
    found = dependents(chain(), "water", "3d", "R1")
    # a quarter of the country is dry: 75% supply, so the kitchen keeps 95% + (75 - 70)/30 of 5%
    assert row(found, "kitchen")["lost"] == pytest.approx(0.05 * 25 / 30, abs=1e-4)
    assert row(found, "kitchen")["over10_h"] is None
    with pytest.raises(UsageError, match="power is a national process: leave the region out"):
        dependents(chain(), "power", "3d", "R1")
    with pytest.raises(UsageError, match="no region 'R9' in the model"):
        dependents(chain(), "water", "3d", "R9")


def test_a_loss_of_exactly_a_tenth_or_a_half_is_not_more() -> None:
    world = model({"a": {}, "b": {"needs": {"a": {"from": "a", "fades": {"0h": "10%", "1h": "50%", "2h": "51%"}}}}})
    b = row(dependents(world, "a"), "b")
    assert (b["first_h"], b["over10_h"], b["over50_h"]) == (0, 1, 2)


def test_assets_of_a_region_are_one_copy_as_large_as_their_capacity() -> None:
    assets = {"sub": Assets(ids=("s1", "s2"), names=("s1", "s2"), regions=("R1", "R1"), capacities=(1, 3))}
    world = model(
        {"grid": {}, "sub": {"assets": "sub.csv", "needs": {"grid": {"from": "grid", "endures": "1h"}}}}, assets=assets
    )
    s = {"name": "s", "horizon": "2d", "events": [
        {"hits": ["sub"], "assets": ["s1"], "level": "0%", "at": "1h"},
        {"hits": ["sub"], "assets": ["s2"], "level": "0%", "at": "5h"},
    ]}  # fmt: skip
    fall = falls(simulate(world, Scenario.model_validate(s)))["sub"]
    # a quarter at 1 h, the rest at 5 h
    assert (fall.first, fall.over10, fall.over50, fall.lost) == (HOUR, HOUR, 5 * HOUR, 10_000)
    # both fail at the same instant: no moment in between counts
    both = falls(simulate(world, Scenario.model_validate(
        {"name": "s", "horizon": "2d", "events": [{"hits": ["grid"], "level": "0%", "at": "1h"}]}
    )))  # fmt: skip
    assert (both["sub"].first, both["sub"].over50, both["sub"].regions) == (2 * HOUR, 2 * HOUR, {0})


# ------------------------------------------------------------------ on whom I depend


def test_by_whose_failure_it_falls_and_after_how_long() -> None:
    found = suppliers(chain(), "clinic", "3d")
    power = row(found, "power")
    assert (power["first_h"], power["over50_h"], power["lost"], power["direct"]) == (8, 8, 1, True)
    assert (power["need"], power["endures_h"], power["stand_ins"]) == ("power", 8, "")
    # abroad takes 40% of the power after 1 h: a deficit of 40%, so 8 h of reserve last 20 h
    far = row(found, "abroad")
    assert (far["first_h"], far["lost"], far["foreign"], far["direct"]) == (21, 0.4, True, False)
    assert (far["chain"], far["links"]) == ("abroad > power > clinic", 2)
    # water has a stand-in, diesel keeps the lamp going: all direct, and alone without effect
    water, diesel = row(found, "water"), row(found, "diesel")
    assert (water["lost"], water["first_h"], water["stand_ins"], water["role"]) == (0, None, "tanker", "supplies")
    assert (diesel["lost"], diesel["role"], diesel["need"]) == (0, "sustains", "light")
    assert found["process"].tolist() == ["power", "abroad", "diesel", "lamp", "tanker", "water"]


def test_what_comes_from_abroad_is_named_even_without_effect() -> None:
    found = suppliers(chain(), "pump", "30m")
    assert row(found, "abroad")["chain"] == "abroad > power > pump"
    assert row(found, "abroad")["lost"] == 0


def test_only_what_lies_upstream_is_simulated() -> None:
    told: list[tuple[int, int]] = []
    suppliers(chain(), "pump", "1d", progress=lambda done, size: told.append((done, size)))
    assert told == [(1, 2), (2, 2)]
    assert suppliers(chain(), "bystander").empty
    assert suppliers(chain(), "bystander").columns.tolist() == suppliers(chain(), "pump").columns.tolist()


def test_both_ways_tell_the_same() -> None:
    world = chain()
    for supplier in world.processes:
        felt = dependents(world, supplier, "14d")
        for process, lost, first in zip(felt["process"], felt["lost"], felt["first_h"], strict=True):
            mine = row(suppliers(world, process, "14d"), supplier)
            assert (mine["lost"], mine["first_h"]) == (lost, first), (supplier, process)


def test_durations_are_text_or_whole_seconds() -> None:
    assert (seconds("14d"), seconds(60)) == (14 * DAY, 60)
    for wrong in ("12", "x", 0, -5, 1.5, True):
        with pytest.raises(UsageError):
            seconds(wrong)  # type: ignore[arg-type]


def test_unknown_processes_are_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no process 'pomp' in the model; did you mean 'pump'"):
        dependents(chain(), "pomp")
    with pytest.raises(UsageError, match="did you mean 'pump'"):
        suppliers(chain(), "pomp")


# ------------------------------------------------------------------ as people and programs meet it


def told(*words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_tables_are_made_only_when_asked_for() -> None:
    plain = json.loads(told("show", "hospital-care", "--format", "json").stdout)
    assert not {"depends-on", "dependents"} & set(plain)
    one = json.loads(told("show", "drinking-water", "--format", "json", "--table", "dependents", "--for", "24h").stdout)
    assert {"marking", "dependents"} == set(one)
    rows = {r["process"]: r for r in one["dependents"]}
    assert rows["hospital-care"]["over50_h"] == 8
    assert rows["hospital-care"]["direct"] is True


@pytest.mark.parametrize(("lang", "heading"), [("nl", "Waarvan het afhangt"), ("en", "On whom it depends")])
def test_people_read_names_and_ways(lang: str, heading: str) -> None:
    text = told("show", "cash-machines", "--effects", "--lang", lang).stdout
    assert heading in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_region_can_be_asked_about() -> None:
    text = told("show", "drinking-water", "--table", "dependents", "--region", "Zeeland", "--format", "csv").stdout
    assert "hospital-care" in text
    assert "leave the region out" in told("show", "payment-core", "--effects", "--region", "Zeeland", code=2).stderr


def test_foreign_suppliers_of_the_shipped_model_are_marked() -> None:
    shipped = cascade.load(find_model(None))
    foreign = {p for p, d in shipped.processes.items() if "foreign" in d.tags}
    assert {"electricity-interconnection", "gas-supply", "subsea-cables", "cloud-services", "gnss-signal"} < foreign
    assert not any(shipped.processes[p].basic_need for p in foreign)
