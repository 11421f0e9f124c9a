"""`python -m ml_intern`: the command, by the interpreter that has it."""

from ml_intern.cli.main import main

if __name__ == "__main__":
    main()
