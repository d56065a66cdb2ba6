"""The command line: one small module per command, and the only room that reads the clock and the environment.

`entry` holds the group, the global options and the one error boundary. Importing this package imports click and nothing
heavier; a command imports the rooms that it needs when it runs, so that `--help` and completion answer at once.
"""

from statusgen.cli.entry import main

__all__ = ["main"]
