"""The hearing report and its one-page brief: pages that open by double click, print on A4 and need no network."""

from secequity.report.page import brief, render

__all__ = ["brief", "render"]
