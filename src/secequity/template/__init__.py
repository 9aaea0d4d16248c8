"""`secequity init`: a commented study file, proposed from the files of a folder."""

from secequity.template.page import write_template

__all__ = ["write_template"]
