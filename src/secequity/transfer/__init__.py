"""Values carried from one geometry to another: from areas of service, and from rasters, to neighbourhoods."""

from secequity.transfer.apportion import Apportioned, apportion
from secequity.transfer.zonal import zonal, zonal_table

__all__ = ["Apportioned", "apportion", "zonal", "zonal_table"]
