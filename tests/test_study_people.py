"""What a study says of rates, inequality and groups of people, against its own data and the plain functions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import secequity as se
from secequity import analysis, equity, ledger, rates, segregation
from secequity.analysis import groups, shares
from secequity.checks import Findings
from secequity.errors import ConfigError
from secequity.results import MORE
from secequity.texts import LANGUAGES
from secequity.words import Reliability

HUAMANGA = Path(__file__).parents[1] / "data" / "huamanga"
LEAD = "police_per_1000"


def given_of(study: Any) -> analysis.Given:
    """What the tables of a study are made from."""
    table = ledger.from_layers(study.layers, participation=study.participation)
    measures = analysis.measures_of(study.city, study.layers, table, shifts=study.config.shifts)
    found = Findings()
    return analysis.Given(
        config=study.config,
        city=study.city,
        zones=study.zones,
        layers=study.layers,
        participation=study.participation,
        ledger=table,
        measures=tuple(analysis.told(measures)),
        graph=analysis.graph_of(study.city.frame, study.config, found=found),
        rank=study.rank,
        found=found,
        step=lambda _: None,
    )


@pytest.fixture(scope="module")
def given() -> analysis.Given:
    return given_of(se.read_study(HUAMANGA / "study.toml"))


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """The embedded city with its study file changed."""

    def change(*pairs: tuple[str, str]) -> Path:
        folder = tmp_path / "city"
        shutil.copytree(HUAMANGA, folder)
        written = (folder / "study.toml").read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in written
            written = written.replace(old, new, 1)
        (folder / "study.toml").write_text(written, encoding="utf-8")
        return folder / "study.toml"

    return change


def test_denominators_are_the_zones_totals_over_their_totals(given: analysis.Given) -> None:
    table = shares.denominators_of(given).set_index(["measure", "denominator"])
    assert tuple(table.reset_index().columns) == MORE["denominators"]
    police = next(one for one in given.layers if one.name == "police").amount
    streets = next(one for one in given.layers if one.name == "patrol_routes").more["street_km"]
    for denominator, below in (("population", given.people / 1000), ("patrol_routes_street_km", streets)):
        row = table.loc[(LEAD, denominator)]
        for zone in ("centre", "periphery"):
            inside = (given.zones == zone) & (below > 0)
            assert row[zone] == pytest.approx(police[inside].sum() / below[inside].sum())
        assert row["ratio"] == pytest.approx(row["centre"] / row["periphery"])
    assert table.loc[(LEAD, "population"), "same_fifth_share"] == 1
    known = streets > 0
    ranks = [(police[known] / one[known]).round(12).rank() for one in (given.people, streets)]
    found = table.loc[(LEAD, "patrol_routes_street_km"), "rank_correlation"]
    assert found == pytest.approx(ranks[0].corr(ranks[1]), abs=1e-6)


def test_without_denominators_there_is_no_such_table(given: analysis.Given) -> None:
    config = given.config.model_copy(update={"rates": given.config.rates.model_copy(update={"denominators": ()})})
    assert shares.denominators_of(replace(given, config=config)) is None
    config = given.config.model_copy(update={"segregation": type(given.config.segregation)()})
    bare = replace(given, config=config)
    assert groups.segregation_of(bare) is None
    assert groups.group_coverage_of(bare) is None
    assert groups.quotients_of(bare.config, bare.city).columns.empty


def test_intervals_stand_around_the_indices_of_the_contract(given: analysis.Given) -> None:
    found = shares.inequality_intervals_of(given)
    assert tuple(found.columns) == MORE["inequality_intervals"]
    plain = analysis.inequality_of(given.measures, given.zones, given.people, given.rank, found=Findings())
    plain = plain.set_index("measure")
    told = found[found["estimate"].notna()]
    assert set(told["measure"]) >= {LEAD, "own_hours_per_1000"}
    for row in told.itertuples():
        if row.index in plain.columns:
            assert row.estimate == pytest.approx(plain.loc[row.measure, row.index], abs=1e-9)
        assert np.isnan(row.low) or row.low <= row.estimate <= row.high
    assert found.loc[found["estimate"].isna(), "reason"].notna().all()
    assert not found.duplicated(["measure", "index"]).any()


def test_every_rate_has_a_word_for_how_far_it_may_be_relied_on(given: analysis.Given) -> None:
    found = shares.reliability_of(given)
    words = found[f"{LEAD}_reliability"]
    assert (words[given.people < 1000] == "few_people").all()
    assert (words[given.people >= 1000] == "reliable").all()
    guards = found["private_guards_per_1000_reliability"]
    layer = next(one for one in given.layers if one.name == "private_guards")
    assert (guards[layer.status == "missing"] == "missing").all()
    assert (layer.status == "missing").sum() == 4
    assert set(found.to_numpy().ravel()) <= set(Reliability.__args__)
    assert not [name for name in found if name.endswith(("_low", "_high"))]


def test_layers_named_as_events_have_exact_intervals_and_others_none(
    given: analysis.Given,
) -> None:
    asked = given.config.rates.model_copy(update={"events": ("private_guards",)})
    config = given.config.model_copy(update={"rates": asked})
    found = shares.reliability_of(replace(given, config=config))
    layer = next(one for one in given.layers if one.name == "private_guards")
    exact = 1000 * rates.poisson_interval(layer.amount, given.people)
    pd.testing.assert_series_equal(found["private_guards_per_1000_low"], exact["low"], check_names=False)
    assert (found["private_guards_per_1000_reliability"] == "few_events").any()
    assert [name for name in found if name.endswith("_low")] == ["private_guards_per_1000_low"]


def test_withheld_hours_are_said_to_be_withheld(given: analysis.Given) -> None:
    own = next(one for one in given.measures if one.name == "own_hours_per_1000")
    hidden = own.values.index[:2]
    status = given.participation.status.copy()
    status[hidden] = "suppressed"
    measures = (replace(own, values=own.values.mask(own.values.index.isin(hidden))),)
    participation = replace(given.participation, status=status)
    found = shares.reliability_of(replace(given, measures=measures, participation=participation))
    assert (found.loc[hidden, "own_hours_per_1000_reliability"] == "suppressed").all()
    assert (found["own_hours_per_1000_reliability"] == "suppressed").sum() == 2


def test_the_table_of_segregation_is_what_the_functions_say(given: analysis.Given) -> None:
    found = groups.segregation_of(given)
    assert tuple(found.columns) == MORE["segregation"]
    census = pd.read_csv(HUAMANGA / "censo.csv", dtype={"codigo": str}).set_index("codigo")
    speakers = (census["pct_quechua"] * census["poblacion"] / 100).rename("quechua")
    table = found.set_index(["group", "index"])
    for index in ("dissimilarity", "isolation", "exposure", "information_theory"):
        wanted = getattr(segregation, index)(speakers, census["poblacion"])
        row = table.loc[("quechua", index)]
        assert row["value"] == pytest.approx(wanted)
        assert row["low"] <= row["value"] <= row["high"]
        assert 0 < row["p_value"] <= 1
        assert row["permutations"] == 999
    again = groups.segregation_of(given)
    pd.testing.assert_frame_equal(again, found, check_exact=True)
    quotients = groups.quotients_of(given.config, given.city)
    wanted = segregation.location_quotient(speakers, census["poblacion"])
    assert quotients["quechua_location_quotient"].to_dict() == pytest.approx(wanted.to_dict())


def test_what_groups_have_around_them_is_what_the_city_was_built_with(given: analysis.Given) -> None:
    found = groups.group_coverage_of(given)
    assert tuple(found.columns) == MORE["group_coverage"]
    table = found.set_index(["group", "measure"])
    row = table.loc[("quechua", LEAD)]
    share = given.city.covariates["quechua"] / 100
    rate = next(one for one in given.measures if one.name == LEAD).values
    assert row["of_group"] == pytest.approx(np.average(rate, weights=share * given.people))
    assert row["of_others"] == pytest.approx(np.average(rate, weights=(1 - share) * given.people))
    assert row["ratio"] == pytest.approx(row["of_group"] / row["of_others"])
    assert row["high"] < 0


def test_a_group_without_data_somewhere_is_told_there_and_left_out(given: analysis.Given) -> None:
    covariates = given.city.covariates.copy()
    gone = covariates.index[:3]
    covariates.loc[gone, "quechua"] = np.nan
    less = replace(given, city=replace(given.city, covariates=covariates), found=Findings())
    table = groups.segregation_of(less).set_index(["group", "index"])
    assert table.loc[("quechua", "dissimilarity"), "n"] == 147
    assert table.loc[("recent_migrants", "dissimilarity"), "n"] == 150
    assert [(one.code, one.which) for one in less.found.notices] == [("segregation_missing", tuple(gone))]
    assert groups.quotients_of(less.config, less.city).loc[gone, "quechua_location_quotient"].isna().all()


def test_a_group_that_is_nobody_cannot_be_told_and_the_study_goes_on(given: analysis.Given) -> None:
    covariates = given.city.covariates.assign(quechua=0.0)
    less = replace(given, city=replace(given.city, covariates=covariates), found=Findings())
    table = groups.segregation_of(less)
    assert table.loc[table["group"] == "quechua", "reason"].tolist() == ["untold"] * 5
    assert table.loc[table["group"] == "quechua", "value"].isna().all()
    assert "recent_migrants" in set(table["group"])
    assert [one.code for one in less.found.notices] == ["measure_untold"]
    assert all(less.found.notices[0].say(language) for language in LANGUAGES)
    assert set(groups.group_coverage_of(less)["group"]) == {"recent_migrants"}


def test_counts_of_people_are_taken_as_they_are(given: analysis.Given) -> None:
    people = (given.city.covariates["quechua"] * given.people / 100).rename("quechua")
    covariates = given.city.covariates.assign(quechua=people)
    section = given.config.segregation.model_copy(update={"unit": "people"})
    config = given.config.model_copy(update={"segregation": section})
    pd.testing.assert_series_equal(
        groups.people_of(config, replace(given.city, covariates=covariates), "quechua"),
        groups.people_of(given.config, given.city, "quechua"),
    )


def test_every_wrong_name_is_told_at_once_in_both_languages(changed: Callable[..., Path]) -> None:
    path = changed(
        (
            'denominators = ["patrol_routes_street_km"]',
            'denominators = ["povertyy"]\nevents = ["polize", "police_reach"]',
        ),
        ('quechua = "quechua", recent_migrants = "recent_migrants" }', 'q = "quecha", m = "recent_migrants" }'),
    )
    with pytest.raises(ConfigError) as caught:
        se.read_study(path)
    told = {one.code: one for one in caught.value.problems}
    assert {
        "rates_denominator_unknown",
        "rates_events_unknown",
        "rates_events_not_whole",
        "segregation_group_unknown",
    } <= told.keys()
    assert "poverty?" in told["rates_denominator_unknown"].say()
    assert "police?" in told["rates_events_unknown"].say("es")
    assert "quechua?" in told["segregation_group_unknown"].say()
    for one in told.values():
        assert all(one.say(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("unit", "factor", "code"), [("percent", 2.0, "segregation_percent"), ("people", 1000.0, "segregation_people")]
)
def test_columns_that_cannot_be_what_the_section_says_are_refused(
    given: analysis.Given, unit: str, factor: float, code: str
) -> None:
    covariates = given.city.covariates.assign(quechua=factor * given.city.covariates["quechua"])
    section = given.config.segregation.model_copy(update={"unit": unit})
    found = Findings()
    config = given.config.model_copy(update={"segregation": section})
    groups.check_groups(config, replace(given.city, covariates=covariates), found=found)
    assert [one.code for one in found.errors] == [code]
    assert all(found.errors[0].say(language) for language in LANGUAGES)


def test_a_negative_denominator_is_refused(given: analysis.Given) -> None:
    covariates = given.city.covariates.assign(poverty=-1.0)
    asked = given.config.rates.model_copy(update={"denominators": ("poverty",)})
    found = Findings()
    config = given.config.model_copy(update={"rates": asked})
    shares.check_rates(config, replace(given.city, covariates=covariates), given.layers, found=found)
    assert [one.code for one in found.errors] == ["rates_denominator_negative"]
    assert all(found.errors[0].say(language) for language in LANGUAGES)


def test_the_results_hold_the_tables_and_the_columns(demo_results: Any) -> None:
    assert {"denominators", "inequality_intervals", "segregation", "group_coverage"} <= demo_results.more.keys()
    frame = demo_results.neighbourhoods
    assert f"{LEAD}_reliability" in frame
    assert {"quechua_location_quotient", "recent_migrants_location_quotient"} <= set(frame.columns)
    gini = demo_results.more["inequality_intervals"].set_index(["measure", "index"]).loc[(LEAD, "gini"), "estimate"]
    assert gini == pytest.approx(equity.gini(frame[LEAD], weights=frame["population"]))
