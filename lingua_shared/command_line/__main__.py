"""`python -m lingua_shared.command_line`: the command where it is not installed."""

from lingua_shared.command_line.app import main

if __name__ == "__main__":
    main()
