"""`idp`, by the interpreter that runs the benchmark: a module, so that its helping processes can be started from it."""

from idp.cli.main import main

if __name__ == "__main__":
    main()
