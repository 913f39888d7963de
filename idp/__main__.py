"""`python -m idp` is `idp`."""

from idp.cli.main import main

main()
