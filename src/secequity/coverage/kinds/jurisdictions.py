"""Areas of service with staff (jurisdictions, sectors, quadrants), and posts that answer for one."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from secequity import privacy
from secequity.coverage import posts
from secequity.coverage.kinds.task import Counted, Task
from secequity.sources import vector
from secequity.texts import number
from secequity.transfer import Apportioned, apportion


def read_jurisdictions(task: Task) -> Counted | None:
    """Staff of areas of service, shared out among the neighbourhoods inside them."""
    section = task.section
    frame = _areas(task, str(section.path), layer=section.layer, crs=section.crs, key=section.id)
    if frame is None:
        return None
    wanted = {f"staff {one}": one for one in section.counted}
    if not task.columns(frame, wanted, file=section.file):
        return None
    staff = task.staff(frame, file=section.file)
    return None if staff is None else _shared(task, frame.assign(amount=staff))


def read_served(task: Task, facilities: gpd.GeoDataFrame) -> Counted | None:
    """Posts that answer for a jurisdiction: the one they name, or else the one they stand in."""
    reach = task.section.reach
    frame = _areas(task, str(reach.path), layer=None, crs=None, key=reach.id)
    if frame is None:
        return None
    declared = facilities["declared"]
    served = declared.where(declared.isin(frame.index), None)
    silent = declared.isna() & facilities.geometry.notna()
    served[silent] = posts.locate(frame, facilities[silent])
    astray = facilities.index[served.isna()]
    if len(astray):
        rows = [f"#{row}" if pd.isna(declared[row]) else f"#{row}: {declared[row]}" for row in astray]
        about = {"file": task.section.file, "layer": task.section.name, "areas": Path(str(reach.path)).name}
        if len(astray) == len(facilities):
            task.found.error("posts_no_jurisdiction", rows, **about)
            return None
        amount, total = float(facilities["amount"][astray].sum()), float(facilities["amount"].sum())
        figures = {} if task.is_of_participants else {"amount": amount, "total": total}
        code = "posts_without_jurisdiction_private" if task.is_of_participants else "posts_without_jurisdiction"
        task.found.notice(code, rows, **about, **figures)
    empty = frame.index[~frame.index.isin(served.dropna())]
    if len(empty):
        task.found.notice("areas_without_post", empty, file=Path(str(reach.path)).name, layer=task.section.name)
    shared = _shared(task, frame.assign(amount=posts.total(served, facilities["amount"], frame.index)))
    if shared is None:
        return None
    located = posts.locate(task.places, facilities)
    shown = facilities.assign(neighbourhood=located)[facilities.geometry.notna()]
    return Counted(
        amount=shared.amount,
        status=shared.status,
        more=shared.more,
        participants=shared.participants,
        points=shown[["name", "amount", "neighbourhood", "geometry"]],
    )


def _areas(task: Task, written: str, *, layer: str | None, crs: str | None, key: str | None) -> gpd.GeoDataFrame | None:
    """Polygons of service by their id, or by row where the study names none."""
    name = Path(written).name
    frame = task.shapes(written, layer=layer, crs=crs)
    if frame is None or not task.columns(frame, {"id": key}, file=name):
        return None
    mended = vector.mended_polygons(frame, file=name, found=task.found)
    if mended is None or key is None:
        return mended
    ids = task.text(mended[key])
    bad = ids.isna() | ids.duplicated(keep=False)
    if bad.any():
        task.found.error("ids_repeated", ids[bad].fillna("–"), name=name)
        return None
    return mended.set_axis(pd.Index(ids, name="id"))


def _shared(task: Task, areas: gpd.GeoDataFrame) -> Counted | None:
    share = task.section.share
    few = privacy.too_few(areas["amount"], k=task.k) if task.is_of_participants else areas["amount"] < 0
    areas = areas.assign(amount=areas["amount"].mask(few))
    rasters = {}
    for key, written in (("population", share.population), ("built_up", share.built_up)):
        path = task.path(written)
        if written is not None and path is None:
            return None
        rasters[key] = path
    people = rasters["population"] if rasters["population"] is not None else task.places["population"]
    with task.guarded(sources=task.section.file):
        result = apportion(
            areas,
            task.places,
            "amount",
            population=people,
            built_up=rasters["built_up"],
            outside=share.outside,
            reproject=True,
        )
        if (result.status["amount"] == "uncovered").all():
            task.misses()
            return None
        _say(task, result)
        amount, status = result.amounts["amount"], result.status["amount"]
        if few.any():
            status = status.replace({"missing": "suppressed"})
            task.found.notice("suppressed", areas.index[few], layer=task.section.name, k=task.k)
        many = pd.Series(float(task.k), index=amount.index)
        more = {"covered_share": result.covered_share}
        return Counted(amount=amount, status=status, more=more, participants=many)
    return None


def _say(task: Task, result: Apportioned) -> None:
    """How the staff was shared out, what is left over, and who is not covered."""
    file, layer = task.section.file, task.section.name
    ways = [f"@transfer.way.{way}" for way in dict.fromkeys(result.method)]
    for way in ways:
        ids = result.method.index[result.method == way.rpartition(".")[2]]
        task.found.notice("areas_shared", ids, file=file, layer=layer, way=way)
    left = result.unallocated["amount"]
    over = left.index[left > 1e-9 * max(float(left.max()), 1.0)]
    if len(over) and task.is_of_participants:
        task.found.notice("areas_unallocated_private", over, file=file, layer=layer)
    elif len(over):
        said = [f"{one}: {number(float(left[one]))}" for one in over]
        task.found.notice("areas_unallocated", said, file=file, layer=layer, amount=float(left.sum()))
    bare = result.status.index[result.status["amount"] == "uncovered"]
    if len(bare):
        people = number(float(task.places["population"].reindex(bare).sum()), 0)
        task.found.notice("areas_uncovered", bare, file=file, layer=layer, people=people)
