"""Both sides in turn, their numbers compared, and the table in README.md: `python benchmarks/run.py`.

Each side of each row runs in a process of its own, started cold. What has been measured is kept in `results.json`, so
that rows can be run one at a time and the table is made of what is there.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import workloads

HERE = Path(__file__).resolve().parent
RESULTS, README = HERE / "results.json", HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
SIZES = (1_000, 10_000, 100_000)
BUSY = 2.0
LEAST_SECONDS = 0.05
"""A stage that never takes so long has no exponent worth telling."""
Figures = Mapping[str, np.ndarray]
Check = Callable[[Figures, Figures], str]


def same(name: str, *, within: float = 0.0) -> Check:
    """That both sides say the same, to the digit or within a share of the largest."""

    def check(peer: Figures, ours: Figures) -> str:
        one, other = (np.asarray(side[name], dtype=float) for side in (peer, ours))
        if one.shape != other.shape:
            return f"{name}: {one.shape} against {other.shape}"
        known = np.isfinite(one) & np.isfinite(other)
        scale = max(float(np.abs(one[known]).max(initial=0)), 1e-300)
        apart = float(np.abs(one - other)[known].max(initial=0)) / scale
        return "" if apart <= within else f"{name}: apart by {apart:.1e}"

    return check


def total(name: str, *, within: float) -> Check:
    """That the sums of both sides agree within a share."""

    def check(peer: Figures, ours: Figures) -> str:
        one, other = float(np.nansum(peer[name])), float(np.nansum(ours[name]))
        apart = abs(one - other) / max(abs(one), 1e-300)
        return "" if apart <= within else f"{name}: sums apart by {apart:.1e}"

    return check


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison: what each side runs, which files it needs, what must agree, and the ratios to reach."""

    name: str
    says: str
    row: str
    options: Mapping[str, Any] = field(default_factory=dict)
    ours: str = ""
    our_options: Mapping[str, Any] | None = None
    needs: tuple[tuple[str, int], ...] = ()
    checks: tuple[Check, ...] = ()
    faster: float | None = None
    smaller: float | None = None
    lighter: float | None = None
    runs: int = 3
    peer_runs: int | None = None
    alone: bool = False
    against: str = ""
    weight: str = "map_bytes"


def everything(number: int, fixes: int, **targets: Any) -> Row:
    """A whole study through the public functions against the peer script."""
    exact = [same("fixes"), same("staff", within=1e-6), total("people", within=0.01), same("fca", within=1e-9)]
    exact += [
        same(one, within=1e-6) for one in ("gap_staff", "gap_fixes", "moran", "moran_bv", "gini", "theil_between")
    ]
    return Row(
        name=f"everything-{number}-{fixes}",
        says=f"{number:,} neighbourhoods, {fixes:,} fixes, everything",
        row="everything",
        options={"number": number, "fixes": fixes},
        needs=_files(number, fixes),
        checks=(*exact, same("local", within=1e-6)),
        **targets,
    )


def study(number: int, fixes: int, **targets: Any) -> Row:
    """`secequity run`, which computes far more than the peer script, against what that took in the row before."""
    return Row(
        name=f"study-{number}-{fixes}",
        says=f"`secequity run`, {number:,} neighbourhoods, {fixes:,} fixes, every table and page",
        row="everything",
        ours="study",
        options={"number": number, "fixes": fixes},
        needs=_files(number, fixes),
        alone=True,
        **targets,
    )


def _files(number: int, fixes: int) -> tuple[tuple[str, int], ...]:
    areas = workloads.AREAS[number]
    return ("neighbourhoods", number), ("areas", areas), ("fixes", fixes), ("raster", 5000)


def _spatial(name: str, says: str, row: str, number: int, permutations: int, **more: Any) -> Row:
    options = {"number": number, "permutations": permutations}
    needs = (("neighbourhoods", number),)
    return Row(name=name, says=says, row=row, options=options, needs=needs, **more)


M, T = 1_000_000, 100_000
ROWS = (
    Row(name="lima", says="Lima and Callao from a cold start, `secequity run`", row="lima", faster=10,
        checks=tuple(same(one, within=1e-9) for one in ("gap_staff", "moran_staff", "gap_patrol", "moran_patrol"))),
    everything(1_000, M),
    everything(10_000, M, faster=30, smaller=4, lighter=100),
    everything(T, M, faster=50, smaller=8, peer_runs=1),
    study(1_000, M, against=f"everything-1000-{M}"),
    study(10_000, M, against=f"everything-10000-{M}"),
    study(T, M, against=f"everything-{T}-{M}", runs=1),
    study(T, 10 * M, runs=1),
    Row(name="fixes-10M", says="counting 10 M fixes in 10,000 polygons", row="fixes", faster=5, smaller=10,
        options={"number": 10_000, "fixes": 10 * M}, needs=_files(10_000, 10 * M)[::2], checks=(same("fixes"),)),
    Row(name="fixes-10M-sedonadb", says="the same, `--engine sedonadb`", row="fixes",
        options={"number": 10_000, "fixes": 10 * M}, needs=_files(10_000, 10 * M)[::2], checks=(same("fixes"),),
        our_options={"engine": "sedonadb"}),
    Row(name="fixes-10M-dask", says="the same, `--engine dask`, workers started with it", row="fixes",
        options={"number": 10_000, "fixes": 10 * M}, needs=_files(10_000, 10 * M)[::2], checks=(same("fixes"),),
        our_options={"engine": "dask"}),
    Row(name="fixes-100M", says="counting 100 M fixes in 10,000 polygons", row="fixes", alone=True, runs=1,
        options={"number": 10_000, "fixes": 100 * M}, needs=_files(10_000, 100 * M)[::2]),
    Row(name="tracks-1M", says="hours of presence from 1 M fixes", row="tracks", alone=True, runs=1,
        options={"number": 10_000, "fixes": M}, needs=_files(10_000, M)[::2]),
    Row(name="tracks-10M", says="hours of presence from 10 M fixes", row="tracks", alone=True, runs=1,
        options={"number": 10_000, "fixes": 10 * M}, needs=_files(10_000, 10 * M)[::2]),
    Row(name="tracks-100M", says="hours of presence from 100 M fixes", row="tracks", alone=True, runs=1,
        options={"number": 10_000, "fixes": 100 * M}, needs=_files(10_000, 100 * M)[::2]),
    Row(name="contiguity", says="contiguity of 100,000 polygons, as a libpysal `Graph`", row="contiguity", faster=8,
        options={"number": T}, needs=(("neighbourhoods", T),), checks=(same("pairs"),)),
    _spatial("local-moran", "local Moran, 100,000 units, 999 permutations, both warm", "local_moran", T, 999,
             faster=200, checks=(same("local", within=1e-6),)),
    _spatial("local-moran-99999", "the same, ours with 99,999 permutations", "local_moran", T, 999, faster=1,
             our_options={"permutations": 99_999}, checks=(same("local", within=1e-6),)),
    _spatial("local-bivariate", "local bivariate Moran, 100,000 units, 999 permutations", "local_bivariate", T, 999,
             faster=200, checks=(same("local", within=1e-6),)),
    _spatial("gi-star", "Gi*, 100,000 units, 999 permutations", "gi_star", T, 999, faster=200,
             checks=(same("local", within=1e-6),)),
    Row(name="local-moran-unequal", says="local Moran, unequal weights", row="local_moran", faster=8,
        options={"number": T, "permutations": 999, "unequal": 1}, needs=(("neighbourhoods", T),),
        checks=(same("local", within=1e-6),)),
    _spatial("moran", "global Moran, 100,000 units, 9,999 permutations", "moran", T, 9_999, faster=4,
             checks=(same("moran", within=1e-9), same("z", within=1e-6))),
    Row(name="zonal", says="zonal sums of 10,000 polygons on 5,000² cells", row="zonal", faster=8, smaller=4,
        options={"number": 10_000}, needs=(("neighbourhoods", 10_000), ("raster", 5000)),
        checks=(total("people", within=0.01),)),
    Row(name="two-step", says="two-step catchment, 100,000 × 1,000 within 3 km", row="two_step", faster=20, smaller=5,
        options={"number": T}, needs=(("neighbourhoods", T),), checks=(same("fca", within=1e-9),)),
    Row(name="areal", says="areal interpolation, 10,000 from 1,000", row="areal", faster=1, options={"number": 10_000},
        needs=(("neighbourhoods", 10_000), ("areas", 1_000)), checks=(same("staff", within=1e-6),)),
    Row(name="bootstrap", says="bootstrap of the gap, 9,999 replicates, 1,000 neighbourhoods", row="bootstrap",
        faster=20, options={"number": 1_000, "replicates": 9_999}, needs=(("neighbourhoods", 1_000),),
        checks=(same("gap", within=1e-9), same("low", within=0.05), same("high", within=0.05))),
    Row(name="permutation", says="permutation of the gap, 9,999 replicates, 1,000 neighbourhoods", row="shuffled",
        faster=20, options={"number": 1_000, "replicates": 9_999}, needs=(("neighbourhoods", 1_000),),
        checks=(same("gap", within=1e-9),)),
    Row(name="import", says="`import secequity`", row="importing", faster=10),
    Row(name="help", says="`secequity --help`", row="importing", ours="helping", faster=10),
    *(Row(name=f"map-{number}", says=f"map of {number:,} neighbourhoods × 10 measures, against a folium layer each",
          row="maps", options={"number": number, "measures": 10}, needs=(("neighbourhoods", number),), weight="bytes",
          runs=1, alone=number > 10_000) for number in SIZES),
    *(Row(name=f"explore-{number}", says=f"map of {number:,} neighbourhoods, against `GeoDataFrame.explore`",
          row="explore", ours="maps", options={"number": number, "measures": 10},
          needs=(("neighbourhoods", number),), weight="bytes", runs=1) for number in SIZES),
)  # fmt: skip


def run_side(side: str, row: Row, folder: Path, out: Path) -> dict[str, Any]:
    """One side of a row in a process of its own: seconds by stage, wall time, memory, and its figures in `out`."""
    ours = side == "ours"
    name = (row.ours or row.row) if ours else row.row
    options = dict(row.options) | (dict(row.our_options or {}) if ours else {})
    if row.row == "lima":
        options["data"] = os.environ["SECEQUITY_DATA"]
    command = [sys.executable, str(HERE / f"{side}.py"), name, str(folder), str(out)]
    command += [f"{key}={value}" for key, value in options.items()]
    quiet = {"PYTHONWARNINGS": "ignore", "NUMBA_CACHE_DIR": tempfile.mkdtemp()}
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | quiet)
    wall = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{side} {row.name}\n{done.stderr[-3000:]}")
    return {"wall": round(wall, 3), **json.loads(done.stdout.splitlines()[-1])}


def measure(row: Row, folder: Path, *, runs: int) -> dict[str, Any]:
    """Both sides in turn, `runs` times or as often as the row lets the peer, and whether their numbers agree."""
    for kind, number in row.needs:
        workloads.ensure(folder, kind, number)
    if row.ours == "study" or row.row == "everything":
        workloads.write_study(folder, row.options["number"], fixes=row.options["fixes"])
    sides = ("ours",) if row.alone else ("peer", "ours")
    load = os.getloadavg()[0]
    times: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    found: dict[str, dict[str, np.ndarray]] = {}
    for turn in range(runs):
        for side in sides if row.peer_runs is None or turn < row.peer_runs else ("ours",):
            out = folder / f"figures_{side}.npz"
            times[side].append(run_side(side, row, folder, out))
            print(f"{row.name} {side} {turn + 1}/{runs}: {times[side][-1]}", flush=True)
            with np.load(out, allow_pickle=True) as figures:
                found[side] = dict(figures)
    apart = [] if row.alone else [said for check in row.checks if (said := check(found["peer"], found["ours"]))]
    sizes = {side: int(figures[row.weight]) for side, figures in found.items() if row.weight in figures}
    return {
        "times": times,
        "sizes": sizes,
        "apart": apart,
        "load": round(load, 1),
        "when": datetime.now(UTC).date().isoformat(),
    }


def seconds(runs: list[dict[str, Any]]) -> float:
    """The median time of a side: of the work alone, of the command that was run, or of the whole process."""
    return statistics.median(one["seconds"].get("row", one["wall"]) for one in runs)


def worked(runs: list[dict[str, Any]]) -> float:
    """The median processor time of a side."""
    return statistics.median(one["cpu"].get("row", one["worked"]) for one in runs)


def table(results: Mapping[str, Any]) -> Iterator[str]:
    """The rows that have been measured, with the ratios reached and asked for."""
    yield "| work | peer | ours | faster | asked | processor time | memory | asked | page | numbers |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    for row in ROWS:
        if row.name not in results:
            continue
        told = results[row.name]
        if row.against in results:
            other = results[row.against]
            told = told | {
                "times": {"peer": other["times"]["peer"]} | told["times"],
                "sizes": {"peer": other["sizes"]["peer"]} | told["sizes"],
            }
        time_of = {side: seconds(runs) for side, runs in told["times"].items()}
        spent = {side: worked(runs) for side, runs in told["times"].items()}
        peak = {side: statistics.median(one["peak_mb"] for one in runs) for side, runs in told["times"].items()}
        ours, peer = time_of["ours"], time_of.get("peer")
        faster = _times(peer, ours) if peer else "–"
        memory = f"{peak['peer']:,.0f} → {peak['ours']:,.0f} MB" if peer else f"{peak['ours']:,.0f} MB"
        cpu = f"{spent['ours']:.2f} s"
        if peer:
            cpu = f"{spent['peer']:.2f} → {cpu}: {_times(spent['peer'], spent['ours'])}"
        sizes = told["sizes"]
        page = " → ".join(f"{sizes[side] / 1e6:.2f} MB" for side in ("peer", "ours") if side in sizes) or "–"
        agree = "; ".join(told["apart"]) or ("agree" if row.checks and peer else "–")
        asked = f"{row.faster:g} ×" if row.faster else "–"
        less = f"1/{row.smaller:g}" if row.smaller else "–"
        shown = f"{peer:.2f} s" if peer else "–"
        cells = (row.says, shown, f"{ours:.2f} s", faster, asked, cpu, memory, less, page, agree)
        yield f"| {' | '.join(cells)} |"


def _times(peer: float, ours: float) -> str:
    ratio = peer / max(ours, 1e-3)
    return f"{ratio:.1f} ×" if ratio < 1000 else "over 1,000 ×"


def growth(results: Mapping[str, Any]) -> Iterator[str]:
    """Seconds of each stage by size, and the exponent with which it grows."""
    for kind, side, clock, title in (
        ("everything", "ours", "cpu", "Ours, processor seconds by stage"),
        ("everything", "peer", "cpu", "The peer, processor seconds by stage"),
        ("study", "ours", "seconds", "`secequity run`, seconds by step as its manifest has them"),
    ):
        known = [results.get(f"{kind}-{number}-{M}") for number in SIZES]
        if not all(known):
            continue
        stages = [_median_stages(told["times"][side], clock) for told in known if told is not None]
        yield f"\n{title} (1 M fixes at every size):\n"
        yield "| stage | 1,000 | 10,000 | 100,000 | exponent 1,000 → 100,000 | 10,000 → 100,000 |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for stage in stages[0]:
            at = [one[stage] for one in stages]
            if max(at) < LEAST_SECONDS:
                continue
            whole, last = (math.log(at[2] / max(at[from_], 1e-4)) / math.log(10 ** (2 - from_)) for from_ in (0, 1))
            name = "the whole command" if stage == "row" else stage
            yield f"| {name} | {at[0]:.3f} | {at[1]:.3f} | {at[2]:.3f} | {whole:.2f} | {last:.2f} |"


def opening(results: Mapping[str, Any]) -> Iterator[str]:
    """Seconds from starting the browser to the first usable view of our maps."""
    rows = [(row, results[row.name]["times"]["ours"]) for row in ROWS if row.row == "maps" and row.name in results]
    told = [(row, [one["seconds"]["open"] for one in runs if "open" in one["seconds"]]) for row, runs in rows]
    if any(seconds for _, seconds in told):
        yield "\nFrom starting headless Chromium, network off, to a usable view (folium's page stays blank):\n"
        yield "| map | seconds |"
        yield "| --- | ---: |"
        for row, seconds in told:
            if seconds:
                yield f"| {row.options['number']:,} neighbourhoods | {statistics.median(seconds):.1f} |"


def _median_stages(runs: list[dict[str, Any]], clock: str) -> dict[str, float]:
    return {stage: statistics.median(one[clock][stage] for one in runs) for stage in runs[0][clock]}


def write_readme(results: Mapping[str, Any]) -> None:
    """The tables between their marks in README.md; everything around them stays."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    dates = sorted(dict.fromkeys(told["when"] for told in results.values()))
    machine = f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
    days = " to ".join(dict.fromkeys([dates[0], dates[-1]]))
    about = f"Measured {days} on {machine}, Linux, Python {platform.python_version()}."
    loads = sorted(told.get("load", 0.0) for told in results.values())
    about += f" Load when a row began, the benchmark's own of about 1 included: {loads[0]:.1f} to {loads[-1]:.1f}."
    if loads[-1] > BUSY:
        about += " **The machine was busy: read the processor times, not the seconds.**"
    lines = [about, "", *table(results), *opening(results), *growth(results)]
    README.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def kept() -> dict[str, Any]:
    """What has been measured so far."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="names of rows, or how they begin; all when left out")
    parser.add_argument("--size", type=int, help="only rows of so many neighbourhoods")
    parser.add_argument("--runs", type=int, help="how often each side runs; each row has its own number")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "secequity-benchmark")
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--table", action="store_true", help="only write the table from what has been measured")
    given = parser.parse_args()
    rows = [one for one in ROWS if not given.only or any(one.name.startswith(word) for word in given.only)]
    rows = [one for one in rows if given.size is None or one.options.get("number") == given.size]
    if given.list:
        print("\n".join(f"{one.name:28} {one.says}" for one in rows))
        return
    for row in [] if given.table else rows:
        if row.row == "lima" and "SECEQUITY_DATA" not in os.environ:
            print("lima: skipped, SECEQUITY_DATA names no folder")
            continue
        told = measure(row, given.folder, runs=given.runs or row.runs)
        results = kept() | {row.name: told}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_readme(kept())


if __name__ == "__main__":
    main()
