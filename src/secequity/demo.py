"""Where the embedded demonstration city is: inside an installed package, or beside the sources."""

from __future__ import annotations

from pathlib import Path


def demo_study() -> Path:
    """The study file of the embedded city."""
    package = Path(__file__).parent
    installed = package / "data" / "huamanga" / "study.toml"
    return installed if installed.is_file() else package.parents[1] / "data" / "huamanga" / "study.toml"
