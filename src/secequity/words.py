"""Every word a study file or a table may hold where only some words are allowed."""

from __future__ import annotations

from typing import Literal

Body = Literal["police", "serenazgo", "community", "private"]
Kind = Literal["posts", "jurisdictions", "routes", "tracks", "counts", "surface"]
Supplier = Literal["state", "municipality", "market", "residents"]
Zone = Literal["centre", "periphery"]
Cluster = Literal["HH", "LL", "HL", "LH", "ns", "isolate", "missing"]
Contiguity = Literal["queen", "rook"]
DecayFamily = Literal["binary", "gaussian", "exponential", "linear"]
Reach = Literal["within", "catchment", "jurisdiction"]
Activity = Literal["night_patrol", "faena", "dues", "meeting", "presence", "complaint", "petition", "walk"]
ActivityKind = Literal["embodied", "documentary"]
Support = Literal["radios", "whistles", "vehicle", "visit", "equipment", "training", "other"]
SurveyKind = Literal["walk", "respondents", "summary"]
Personal = Literal["name", "phone", "email", "identity", "birth", "account", "plate", "home", "point", "nested"]
ParticipationForm = Literal["log", "summary", "stations"]
NormKind = Literal["norm", "observed", "proposal"]
MeasureKind = Literal["coverage", "hours", "smoothed", "covariate"]
EngineName = Literal["auto", "local", "sedonadb", "dask"]
Alternative = Literal["two-sided", "greater", "less"]
RegressionModel = Literal["ols", "lag", "error", "regimes"]
RegressionErrors = Literal["classical", "white"]
Smoothing = Literal["raw", "empirical_bayes", "spatial_empirical_bayes"]
Hypothesis = Literal["coverage_gap", "labour_transfer", "earned_right", "exclusion_map"]
Verdict = Literal["supported", "not supported", "opposite", "cannot tell"]
Reliability = Literal["reliable", "few_people", "few_events", "nobody", "missing", "suppressed", "uncovered"]

SUPPLIER_OF: dict[Body, Supplier] = {
    "police": "state",
    "serenazgo": "municipality",
    "private": "market",
    "community": "residents",
}
OFFICIAL: tuple[Body, ...] = ("police", "serenazgo")
