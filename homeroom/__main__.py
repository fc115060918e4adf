"""`python -m homeroom` is the same program as `homeroom`."""

from homeroom.cli.app import main

main()
