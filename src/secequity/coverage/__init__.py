"""From layers to neighbourhoods: how much of a body's presence each neighbourhood has."""

from secequity.coverage.posts import locate, within

__all__ = ["locate", "within"]
