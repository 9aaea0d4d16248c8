"""`python -m secequity`, the same as the `secequity` command."""

from secequity.cli import main

main()
