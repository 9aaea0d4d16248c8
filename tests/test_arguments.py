"""Every public function answers an argument of the wrong kind with one message that names it, and changes nothing."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy import sparse

import secequity as se
from secequity.checks import require_arguments
from secequity.coverage.layers import Layer
from secequity.errors import AlignmentError, LayerError
from secequity.participation import Participation
from secequity.texts import LANGUAGES

IDS = [f"n{at:02d}" for at in range(12)]
DRAWN = np.random.default_rng(1)
CRS = "EPSG:32718"


def amounts(low: float, high: float, name: str) -> pd.Series:
    return pd.Series(DRAWN.uniform(low, high, 12), index=IDS, name=name)


def squares(ids: list[str] = IDS) -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(100 * (at % 4), 100 * (at // 4), 100 * (at % 4) + 100, 100 * (at // 4) + 100) for at in range(12)
    ]
    return gpd.GeoDataFrame({"population": 1000.0}, geometry=shapes[: len(ids)], index=ids, crs=CRS)


def lines() -> gpd.GeoDataFrame:
    shapes = [shapely.LineString([(0, 50), (390, 50)]), shapely.LineString([(0, 150), (390, 150)])]
    return gpd.GeoDataFrame(geometry=shapes, index=["R1", "R2"], crs=CRS)


def posts() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(50, 50), shapely.Point(250, 150)], index=["p", "q"], crs=CRS)


def fixes() -> gpd.GeoDataFrame:
    times = pd.to_datetime(["2023-05-08 13:58", "2023-05-08 14:00", "2023-05-08 14:04"])
    places = gpd.points_from_xy([10, 150, 250], [50, 50, 50], crs=CRS)
    return gpd.GeoDataFrame({"unit": "S1", "time": times}, geometry=places)


def raster() -> rasterio.DatasetReader:
    """Twelve cells, one over each neighbourhood, in memory."""
    transform = rasterio.Affine(100, 0, 0, 0, -100, 300)
    about = {"driver": "GTiff", "width": 4, "height": 3, "count": 1, "dtype": "float32", "crs": CRS}
    dataset = rasterio.MemoryFile().open(**about, transform=transform)
    dataset.write(np.arange(1, 13, dtype="float32").reshape(3, 4), 1)
    return dataset


def register() -> pd.DataFrame:
    """Twelve periods of activities in every neighbourhood, some of which received support."""
    rows = [(one, when) for one in IDS for when in range(12)]
    kinds = ["faena", "walk", "petition", "dues"]
    return pd.DataFrame(
        {
            "id": [one for one, _ in rows],
            "period": [when for _, when in rows],
            "activity": [kinds[(at + when) % 4] for at, (_, when) in enumerate(rows)],
            "people": 9.0,
            "hours": 2.0,
            "times": 1.0,
            "amount": 5.0,
            "support": pd.array([at % 3 == 0 for at in range(len(rows))], "boolean"),
            "imputed": False,
        }
    )


ZONES = pd.Series(["centre"] * 4 + ["periphery"] * 8, index=IDS, name="zone")
DISTRICTS = pd.Series(["d1"] * 6 + ["d2"] * 6, index=IDS, name="district")
PEOPLE = pd.Series(DRAWN.integers(500, 900, 12).astype(float), index=IDS, name="population")
CRIMES = pd.Series(DRAWN.integers(3, 40, 12).astype(float), index=IDS, name="crimes")
RATE = amounts(1, 5, "rate")
GRAPH = se.weights.contiguity(squares())
COSTS = pd.DataFrame({"from_id": ["p"] * 12, "to_id": IDS, "cost": np.arange(12.0)})
NO_POINTS = gpd.GeoDataFrame({"name": [], "amount": [], "neighbourhood": []}, geometry=[], crs=CRS)
LAYER = Layer(
    name="police",
    body="police",
    unit="officers",
    amount=CRIMES,
    status=pd.Series("ok", index=IDS),
    points=NO_POINTS,
    hours_per_week=48.0,
)
GIVEN = Participation(hours_per_week=amounts(1, 9, "hours"), status=pd.Series("ok", index=IDS), records=register())
SMALL = {"replicates": 199, "permutations": 99, "rng": 1}

BY_NAME: dict[str, Any] = {
    "values": RATE, "x": RATE, "y": amounts(1, 5, "other"), "graph": GRAPH, "events": CRIMES, "population": PEOPLE,
    "amount": CRIMES, "amounts": CRIMES, "labels": ZONES, "zones": ZONES, "weights": PEOPLE, "people": PEOPLE,
    "neighbourhoods": squares(), "facilities": posts(), "supply": pd.Series({"p": 4.0}), "demand": PEOPLE,
    "costs": COSTS, "decay": lambda cost: cost <= 5, "fixes": fixes(), "hours": amounts(9, 40, "hours"),
    "street_km": amounts(1, 3, "km"), "km": amounts(1, 3, "km"), "routes": lines(), "streets": lines(),
    "times_per_week": 7, "crew": 2, "minutes": 60.0, "cutoff_m": 300.0, "cutoff": 300.0, "sigma": 90.0, "beta": 0.1,
    "rank": amounts(0, 1, "poverty"), "income": amounts(1, 9, "income"), "burden": RATE, "index": 0.2, "line": 2.0,
    "groups": DISTRICTS, "distance_m": amounts(0, 900, "metres"), "alpha": 0.05, "point": shapely.Point(150, 150),
    "needs": pd.DataFrame({"crime": CRIMES / PEOPLE, "poverty": amounts(0, 1, "poverty")}), "records": register(),
    "own_hours": GIVEN.hours_per_week, "all_hours": 3 * GIVEN.hours_per_week, "coverage": RATE,
    "exclusion": amounts(0, 1, "exclusion"), "data": pd.DataFrame({"rate": RATE}), "layers": [LAYER], "k": 5,
    "participation": GIVEN, "area_km2": amounts(1, 2, "area"), "ids": pd.Index(IDS), "suppliers": ["state"],
    "shifts": ["night"], "log": register(), "weeks": 4.0, "wordings": pd.Series(["faena", "ronda nocturna"]),
    "denominators": pd.DataFrame({"population": PEOPLE, "adults": PEOPLE / 2}), "group": CRIMES, "adults": PEOPLE,
    "cascos": {"official": ZONES}, "activities": pd.Series(["faena", "petition"]), "crimes": CRIMES,
    "rates": [0.1, 0.2], "share": amounts(0, 1, "share"), "shares": amounts(0, 1, "share"), "n": PEOPLE,
    "fear": pd.DataFrame({"value": amounts(0, 1, "fear")}), "fear_cut": 0.5, "coverage_cut": 3.0,
    "places": pd.Series(IDS * 20), "answers": pd.Series(DRAWN.integers(0, 2, 240).astype(float)),
    "sources": gpd.GeoDataFrame({"police": [8.0]}, geometry=[shapely.box(0, 0, 400, 300)], crs=CRS),
    "columns": "police", "raster": raster(), "spec": "queen", "radius_m": 150.0, "per_km2": 5000.0,
    "casco": gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 400, 100)], crs=CRS), "centre_ids": IDS[:4],
    "centre": ["centre"], "column": ZONES, "snap_m": 0.5, "language": "en",
}  # fmt: skip
"""An argument that every function that knows the name takes, unless `OTHERWISE` says something else."""

LEDGER = pd.DataFrame({"id": IDS, "supplier": "state", "layer": "cars", "hours_per_week": 7.0, "shift": "night"})
BALANCE = pd.DataFrame({"residents": 30.0, "official": 90.0, "market": 0.0}, index=IDS)
PAID = pd.DataFrame({"residents": 8.0, "money": 1.0, "adults": 5.0, "income": amounts(1, 9, "income")}, index=IDS)

OTHERWISE: dict[str, dict[str, Any]] = {
    "aggregation.levels": {"groups": {"district": DISTRICTS}},
    "autocorrelation.robustness": {"weights": ["queen", "knn:3"]},
    "burden.burden": {"hours": BALANCE},
    "burden.payers": {"given": PAID},
    "costs.from_table": {"table": COSTS, "unit": "min", "facilities": posts().iloc[:1]},
    "coverage.within": {"supply": pd.Series({"p": 4.0, "q": 2.0})},
    "coverage.routes": {"minutes": 60.0},
    "coverage.tracks": {"tz": "America/Lima"},
    "gaps.compare_each": {"values": [RATE]},
    "gaps.gradient_each": {"values": [RATE]},
    "gaps.deciding_p": {"tests": se.gaps.compare_zones(RATE, ZONES, weights=PEOPLE, graph=GRAPH, **SMALL).tests},
    "inference.bootstrap": {"function": lambda data: data["rate"].mean()},
    "inference.bootstrap_each": {"function": lambda data: [data["rate"].mean()], "names": ["mean"]},
    "inference.jackknife": {"function": lambda data: data["rate"].mean()},
    "inference.permutation_test": {"function": lambda data, labels: data["rate"][labels == "centre"].mean()},
    "inference.spatial_randomization": {
        "function": lambda data, labels: data["rate"][labels == "centre"].mean(),
        "labels": ZONES,
    },
    "ledger.hours_of": {"ledger": LEDGER},
    "ledger.shifts_of": {"ledger": LEDGER},
    "participation.people_behind": {"group": register()["activity"]},
    "profiles.composition_test": {"permutations": 99, "rng": 1},
    "regression.fit": {"x": pd.DataFrame({"poverty": amounts(0, 1, "poverty")})},
    "segregation.information_theory": {"group": CRIMES, "population": PEOPLE},
    "segregation.reallocation_tests": {"indices": ["dissimilarity"]},
    "segregation.spatial_information_theory": {"group": CRIMES, "population": PEOPLE},
    "specifications.curve": {"denominators": {"population": PEOPLE}, "smoothing": ["raw"]},
    "surveys.marks": {"places": pd.Series(IDS), "people": pd.Series(9.0, index=range(12))},
    "transfer.apportion": {"population": PEOPLE},
}

ELSEWHERE = {"costs.walking", "costs.walking_minutes", "participation.vocabulary"}
"""One reads a file of heights, one takes whatever numpy takes, one takes nothing."""

WRONG: dict[str, list[Any]] = {
    "series": [[1.0, 2.0], np.ones(12), pd.DataFrame({"a": RATE}), "rate", 3, None],
    "numbers": [pd.Series(["many"] * 12, index=IDS)],
    "frame": [[1.0, 2.0], np.ones((12, 2)), RATE, "table", None],
    "series or frame": [[1.0, 2.0], np.ones(12), "rate", None],
    "layer": [[1.0], pd.DataFrame({"a": RATE}), RATE, "layer.geojson", None],
    "graph": [sparse.csr_array(np.ones((12, 12))), "queen", {}, None],
    "number": ["0.9", None, [0.9], pd.Series([0.9])],
    "whole": [1.5, "99", None],
    "flag": ["yes", 3],
    "rng": ["a", -1, 1.5],
    "text": [3, None],
    "collection": [3, "word"],
    "mapping": [["a"], 3, RATE],
    "function": ["mean", 3],
    "index": [IDS, "n00", None],
    "point": [(1.0, 2.0), "0 0", None],
    "word": ["nonsense", 3],
}


def functions() -> Iterator[Any]:
    """Every public function of the rooms a user may enter, by `room.name`."""
    for room in (name for name in se.__all__ if inspect.ismodule(getattr(se, name))):
        module = importlib.import_module(f"secequity.{room}")
        for name in getattr(module, "__all__", dir(module)):
            function = getattr(module, name)
            if not inspect.isfunction(function) or name.startswith("_"):
                continue
            own = function.__module__.startswith(f"secequity.{room}")
            if own and "found" not in inspect.signature(function).parameters:
                yield pytest.param(f"{room}.{name}", function, id=f"{room}.{name}")


EVERY = list(functions())
TESTED = [one for one in EVERY if one.id not in ELSEWHERE]


def right(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    """Arguments that the function takes: all that it needs, and few draws."""
    given = OTHERWISE.get(name, {})
    taken: dict[str, Any] = {}
    for one in inspect.signature(function).parameters.values():
        if one.name in given:
            taken[one.name] = given[one.name]
        elif one.default is inspect.Parameter.empty:
            taken[one.name] = BY_NAME[one.name]
        elif one.name in SMALL:
            taken[one.name] = SMALL[one.name]
    return taken


KINDS = [
    (r"^pd\.Series \| pd\.DataFrame", "series or frame"),
    (r"float \| pd\.Series|^Given|pd\.Series \| Raster", ""),
    (r"^(pd\.Series)", "series"),
    (r"^gpd\.GeoDataFrame \| Iterable", ""),
    (r"^gpd\.GeoDataFrame", "layer"),
    (r"^pd\.DataFrame", "frame"),
    (r"^Graph", "graph"),
    (r"^(Rng|Seed|int \| np\.random)", "rng"),
    (r"^float \| Sequence|^str \| (Sequence|Path)|^Reference \|", ""),
    (r"^float", "number"),
    (r"^int", "whole"),
    (r"^bool", "flag"),
    (r"^str", "text"),
    (r"^pd\.Index", "index"),
    (r"^shapely\.Point", "point"),
    (r"^Mapping", "mapping"),
    (r"^(Sequence|Collection|Iterable|list|tuple)", "collection"),
    (r"^Callable", "function"),
    (r"^(FloatArray|Told|DecayFunction|Participation|Raster)", ""),
    (r".", "word"),
]


def wrong(annotation: str) -> Iterator[Any]:
    """Values that an argument so annotated does not take."""
    kind = next(kind for pattern, kind in KINDS if re.search(pattern, annotation))
    for value in WRONG.get(kind, ()):
        if value is not None or "None" not in annotation:
            yield value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, pd.Series | pd.DataFrame | pd.Index):
        return bool(one.equals(other))
    return True


def refusal(function: Callable[..., Any], taken: dict[str, Any]) -> str:
    """What the function says instead of an answer."""
    with pytest.raises(se.SecEquityError) as caught:
        function(**taken)
    for one in caught.value.problems:
        for language in LANGUAGES:
            assert one.what(language) and one.remedy(language)
    return str(caught.value)


def test_every_function_is_asked() -> None:
    assert {one.id for one in EVERY} > ELSEWHERE
    assert len(TESTED) > 100


@pytest.mark.parametrize(("name", "function"), TESTED)
def test_right_arguments_are_taken_and_not_changed(name: str, function: Callable[..., Any]) -> None:
    taken = right(name, function)
    before = {one: deepcopy(value) for one, value in taken.items() if isinstance(value, pd.Series | pd.DataFrame)}
    function(**taken)
    assert all(same(taken[one], value) for one, value in before.items())


@pytest.mark.parametrize(("name", "function"), TESTED)
def test_an_argument_of_another_kind_is_named(name: str, function: Callable[..., Any]) -> None:
    taken = right(name, function)
    for one in inspect.signature(function).parameters.values():
        for value in wrong(str(one.annotation)):
            said = refusal(function, taken | {one.name: value})
            assert one.name in said or str(value) in said, f"{one.name} = {value!r}: {said}"


SPOILED: dict[str, Callable[[pd.Series], pd.Series]] = {
    "text": lambda values: values.astype(object).where(values.index != values.index[0], "many"),
    "complex": lambda values: values.astype(complex) if values.dtype == float else values.astype(object),
    "repeated": lambda values: pd.concat([values, values.iloc[:1]]),
    "strange": lambda values: values.rename(index={values.index[-1]: "zz"}),
    "empty": lambda values: values.iloc[:0],
}
"""A Series whose kind is right and whose content is not."""

MUST = {"text", "complex", "repeated"}
"""What no function takes where it expects numbers."""


@pytest.mark.parametrize(("name", "function"), TESTED)
def test_a_spoiled_series_is_answered_or_refused(name: str, function: Callable[..., Any]) -> None:
    taken = right(name, function)
    for (one, value), spoil in product(taken.items(), SPOILED):
        if isinstance(value, pd.Series):
            spoiled = SPOILED[spoil](value)
            kept = spoiled.copy()
            try:
                function(**taken | {one: spoiled})
            except se.SecEquityError as refused:
                assert refused.problems
            else:
                assert not (spoil in MUST and value.dtype == float), f"{one} ({spoil}): taken as if right"
            assert spoiled.equals(kept)


def test_all_wrong_arguments_are_told_at_once() -> None:
    said = refusal(se.gaps.compare_zones, {"values": [1.0], "zones": None, "weights": PEOPLE, "rng": -1})
    assert [f"“{name}”" in said for name in ("values", "zones", "weights", "rng")] == [True, True, False, True]


def test_text_among_numbers_is_told_with_its_ids() -> None:
    mixed = pd.Series([1, "many", None], index=["a", "b", "c"], dtype=object)
    with pytest.raises(LayerError, match=r"people.* · b · ") as caught:
        require_arguments(people=("numbers", mixed))
    assert [one.which for one in caught.value.problems] == [("b",)]


def test_numbers_of_any_kind_are_numbers() -> None:
    for kind in ("int64", "Int64", "float32", "Float64", "bool", "boolean", "object"):
        require_arguments(people=("numbers", pd.Series([1, 0], index=["a", "b"]).astype(kind)))
    require_arguments(
        k=("whole", np.int64(5)), level=("number", np.float32(0.9)), rng=("rng", np.random.default_rng(1))
    )
    require_arguments(rng=("rng", [1, 2]), weights=("numbers or none", None))


def test_repeated_ids_alone_do_not_align() -> None:
    with pytest.raises(AlignmentError, match=r"zones.* · n00 · "):
        require_arguments(zones=("by id", pd.concat([ZONES, ZONES.iloc[:1]])))


HOURS = amounts(9, 40, "hours")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"hours": -HOURS}, "argument_negative"),
        ({"people": 0 * PEOPLE}, "argument_nobody"),
        ({"zones": ZONES.iloc[:1]}, "ids_unknown"),
        ({"zones": ZONES.replace("centre", "Centro")}, "argument_zones"),
    ],
)
def test_a_claim_names_the_right_cause(given: dict[str, pd.Series], code: str) -> None:
    with pytest.raises(se.SecEquityError) as caught:
        se.hypotheses.coverage_gap(**{"hours": HOURS, "zones": ZONES, "people": PEOPLE, "rng": 1} | given)
    assert {one.code for one in caught.value.problems} == {code}


def test_a_line_in_other_words_is_refused() -> None:
    taken = {"cascos": {"s": ZONES.replace("centre", "Centro")}, "denominators": {"population": PEOPLE}}
    assert "cascos[s]" in refusal(se.specifications.curve, taken | {"amount": CRIMES})
