"""What polygons must be before anything is carried between them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from secequity.boundaries import valid
from secequity.checks import Findings
from secequity.errors import LayerError, problem
from secequity.sources.raster import Shapes


def polygons(frame: gpd.GeoDataFrame, *, name: str) -> Shapes:
    """The flat polygons of a frame, in its order.

    Raises
    ------
    LayerError : no rows, no CRS, an id stands twice, or a geometry is missing, empty, not a polygon or not valid; all
        of it at once.
    """
    found = Findings()
    if frame.crs is None:
        found.error("crs_missing", name=name)
    if frame.empty:
        found.error("polygons_none", name=name)
    ids = frame.index
    if ids.has_duplicates:
        found.error("ids_repeated", dict.fromkeys(ids[ids.duplicated()]), name=name)
    shapes: Shapes = frame.geometry.to_numpy()
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    surface = np.isin(shapely.get_type_id(shapes), [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    other = ~absent & ~surface
    invalid = surface & ~absent & ~valid(shapes)
    if absent.any():
        found.error("geometry_empty", ids[absent], name=name)
    if other.any():
        found.error("polygons_other", ids[other], name=name, kinds=", ".join(sorted(set(frame.geom_type[other]))))
    if invalid.any():
        found.error("polygons_invalid", ids[invalid], name=name)
    found.raise_if_any(LayerError)
    return shapes


def text_ids(frame: gpd.GeoDataFrame) -> None:
    """Refuse neighbourhoods whose ids are not text.

    Raises
    ------
    LayerError : which ids are not.
    """
    other = [one for one in frame.index if not isinstance(one, str)]
    if other:
        raise LayerError(problem("ids_not_text", other))
