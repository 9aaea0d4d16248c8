"""The three real cities through the command line: the figures that others computed by hand come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from city import command

pytestmark = pytest.mark.real

STUDIES = Path(__file__).parents[1] / "data" / "studies"


class Done:
    """The files of one real study."""

    def __init__(self, name: str, folder: Path) -> None:
        self.said = command("run", STUDIES / f"{name}.toml", "--out", folder / "out", "--language", "es")
        assert self.said.exit_code == 0, self.said.output
        self.out = folder / "out"
        self.places = gpd.read_parquet(self.out / "neighbourhoods.parquet")
        self.summary: dict[str, Any] = json.loads((self.out / "summary.json").read_text(encoding="utf-8"))

    def row(self, table: str, measure: str) -> pd.Series:
        rows = pd.read_csv(self.out / "tables" / f"{table}.csv").set_index("measure")
        row: pd.Series = rows.loc[measure]
        return row


@pytest.fixture(scope="module")
def ayacucho(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return Done("ayacucho", tmp_path_factory.mktemp("ayacucho"))


@pytest.fixture(scope="module")
def lima(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return Done("lima", tmp_path_factory.mktemp("lima"))


@pytest.fixture(scope="module")
def buenos_aires(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return Done("buenos_aires", tmp_path_factory.mktemp("buenos_aires"))


def test_ayacucho(ayacucho: Done) -> None:
    gap = ayacucho.row("gaps", "police_per_1000")
    assert gap["centre"] == pytest.approx(1.358, abs=5e-4)
    assert gap["periphery"] == pytest.approx(0.918, abs=5e-4)
    assert gap["ratio"] == pytest.approx(1.48, abs=5e-3)
    patrol = ayacucho.row("gaps", "patrol_per_1000")
    assert patrol["centre"] == pytest.approx(0.895, abs=5e-4)
    assert patrol["periphery"] == pytest.approx(0.258, abs=5e-4)
    assert len(ayacucho.places) == 5
    assert (gap["n_centre"], gap["n_periphery"]) == (1, 4)


def test_ayacucho_says_what_it_leaves_out(ayacucho: Done) -> None:
    """Four stations of the province stand outside the five districts."""
    (said,) = [one["text"] for one in ayacucho.summary["warnings"]
               if one["code"] == "posts_outside" and one["values"]["layer"] == "police"]  # fmt: skip
    for name in ("ACOS VINCHOS", "OCROS", "QUINUA", "VINCHOS"):
        assert name in said


def test_lima(lima: Done) -> None:
    places = lima.places
    assert len(places) == 50
    assert places["population"].sum() == 9_569_468
    assert places["police_amount"].sum() == 12_380
    rate = places["police_per_1000"]
    assert (rate * places["population"]).sum() / places["population"].sum() == pytest.approx(1.294, abs=5e-4)
    assert rate.min() == pytest.approx(0.558, abs=5e-4)
    assert places["name"][rate.idxmin()] == "SAN MARTIN DE PORRES"


def test_lima_in_space_and_among_people(lima: Done) -> None:
    """By the stations' coordinates 0.173 (by the district they declare 0.174)."""
    assert lima.row("autocorrelation", "police_per_1000")["value"] == pytest.approx(0.173, abs=5e-4)
    assert lima.row("autocorrelation", "poverty")["value"] == pytest.approx(0.567, abs=5e-4)
    assert lima.row("inequality", "police_per_1000")["gini"] == pytest.approx(0.282, abs=5e-4)


def test_lima_by_the_declared_district(lima: Done, data_folder: Path, tmp_path: Path) -> None:
    """The same study without coordinates: the station of Miraflores counts where it says it is."""
    text = (STUDIES / "lima.toml").read_text(encoding="utf-8")
    head, *layers = text.split("[[layers]]")
    kept = [line for line in layers[0].splitlines() if not line.startswith(("x =", "y =", "crs ="))]
    tail = layers[1][layers[1].index("[equity]") :]
    (tmp_path / "study.toml").write_text(f"{head}[[layers]]\n" + "\n".join(kept) + f"\n{tail}", encoding="utf-8")
    done = command("run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    rows = pd.read_csv(tmp_path / "out" / "tables" / "autocorrelation.csv").set_index("measure")
    assert rows.loc["police_per_1000", "value"] == pytest.approx(0.174, abs=5e-4)
    declared = gpd.read_parquet(tmp_path / "out" / "neighbourhoods.parquet")["police_amount"]
    assert declared.sum() == 12_380
    assert (declared != lima.places["police_amount"]).sum() == 2


def test_lima_names_the_station_that_lies_elsewhere(lima: Done) -> None:
    (said,) = [one for one in lima.summary["warnings"] if one["code"] == "posts_declared_elsewhere"]
    assert said["which"] == ["#61 COMISARIA SAN ANTONIO MIRAFLORES: 150122 → 150141"]
    assert "SAN ANTONIO MIRAFLORES: 150122 → 150141" in (lima.out / "report.html").read_text(encoding="utf-8")


def test_lima_shows_small_places_smoothed_beside_raw(lima: Done) -> None:
    """Santa María del Mar: 30 police for 999 people; La Punta 24.5 per 1,000; both shrink towards the city."""
    raw, smooth = lima.places["police_per_1000"], lima.places["police_per_1000_eb"]
    assert raw["150138"] == pytest.approx(30_000 / 999)
    assert raw["070105"] == pytest.approx(24.5, abs=0.05)
    assert (smooth[["150138", "070105"]] < raw[["150138", "070105"]]).all()
    assert (smooth[["150138", "070105"]] > 1.294).all()


def test_lima_leaves_callao_without_a_zone(lima: Done) -> None:
    none = lima.places["zone"].isna()
    assert none.sum() == 7
    assert set(lima.places.index[none]) == {f"07010{at}" for at in range(1, 8)}


def test_buenos_aires(buenos_aires: Done) -> None:
    assert len(buenos_aires.places) == 48
    assert buenos_aires.places["population"].sum() == 2_890_151
    assert buenos_aires.places["stations_amount"].sum() == 49
    assert set(buenos_aires.places["zone"]) == {"centre", "periphery"}
