"""SedonaDB: the same spatial SQL that Apache Sedona runs on a cluster, on this machine, part by part."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import sedonadb
import shapely

from secequity.engines.choice import Local
from secequity.engines.places import Floats, Ints, Locator, Shapes
from secequity.words import EngineName

SHAPES_SQL = "SELECT place, ST_GeomFromWKB(wkb) AS shape FROM shapes_wkb"
POINTS_SQL = """
SELECT points.row, shapes.place
FROM points JOIN shapes ON ST_Intersects(shapes.shape, ST_Point(points.x, points.y))
"""


class Sedona(Local):
    """Points are joined with polygons by SedonaDB; everything else as in `Local`."""

    name: EngineName = "sedonadb"

    def places(self, shapes: Shapes) -> Locator:
        """In which of the polygons a point lies."""
        return SedonaPlaces(shapes)


class SedonaPlaces:
    """Polygons in order; a point on a shared border belongs to the one that comes first.

    The predicate is that of GEOS, so that a point on a border is seen as everywhere else in this package.
    """

    def __init__(self, shapes: Shapes) -> None:
        self._number = len(shapes)
        self._session = sedonadb.connect()
        self._session.sql("SET sedona.spatial_join.spatial_library = 'geos'").execute()
        written = pa.table({"place": np.arange(len(shapes)), "wkb": pa.array(shapely.to_wkb(shapes), pa.binary())})
        self._session.create_data_frame(written).to_view("shapes_wkb", overwrite=True)
        self._session.sql(SHAPES_SQL).to_memtable().to_view("shapes", overwrite=True)

    def of(self, x: Floats, y: Floats) -> Ints:
        """The first of the shapes that each point lies in or on; their number where there is none."""
        found = np.full(len(x), self._number, dtype=np.int64)
        if not len(x):
            return found
        points = pa.table({"row": np.arange(len(x)), "x": x, "y": y})
        self._session.create_data_frame(points).to_view("points", overwrite=True)
        for batch in pa.RecordBatchReader.from_stream(self._session.sql(POINTS_SQL)):
            np.minimum.at(found, batch["row"].to_numpy(), batch["place"].to_numpy())
        return found
