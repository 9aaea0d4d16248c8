"""The interactive map: a finished study as one page that opens with no network."""

from __future__ import annotations

from secequity.maps.page import build, save

__all__ = ["build", "save"]
