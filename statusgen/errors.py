"""What can go wrong, drawn first.

StatusgenError            something the reader of the message can put right; anything else is a bug
├── UsageError            what was asked for does not exist or does not fit (exit 2)
│   ├── CodeError         an access code was mistyped; `mistake` says how
│   └── SealError         a sealed page does not open: another page's code, or damage
├── ConfigError           statusgen.toml or a file in content/ is wrong, with every problem at once (exit 2)
├── SecretError           a secret that the config names is missing or malformed (exit 4)
├── SourceError           one feed could not be fetched or read; a build turns it into a SourceStatus and goes on
├── ThemeError            a template is missing or wrong (exit 1)
├── PublishError          the site could not be written; the old one stands (exit 1)
├── MailError             a channel does not let us send or read at all; what was to go out waits (exit 1)
├── StateError            what must be remembered could not be read or written (exit 5)
└── BusyError             another build holds the lock (exit 5)
"""

from __future__ import annotations


class StatusgenError(Exception):
    """Something the reader of the message can put right: it says where it is and what to do next.

    `help` is the next step in one sentence, or an empty string. `exit_code` is what the command line exits with.
    """

    exit_code = 1

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(StatusgenError):
    """What was asked for does not exist or does not fit."""

    exit_code = 2


class CodeError(UsageError):
    """An access code was mistyped. `mistake` says how, in one of the words of access.codes.Mistake; the code is never shown."""

    def __init__(self, message: str, *, help: str, mistake: str) -> None:
        super().__init__(message, help=help)
        self.mistake = mistake


class SealError(UsageError):
    """A sealed page does not open: the code is another page's, or something was changed."""


class ConfigError(StatusgenError):
    """The configuration or hand-written content is wrong. `message` holds every problem, each with file, line, column."""

    exit_code = 2


class SecretError(StatusgenError):
    """A secret that the configuration names is missing or malformed. The message names where it was looked for, never its value."""

    exit_code = 4


class SourceError(StatusgenError):
    """One feed could not be fetched or read. Others can live with that: a build catches it and shows the last good reading."""


class ThemeError(StatusgenError):
    """A template is missing or wrong; the message names file and line."""


class PublishError(StatusgenError):
    """The site could not be written. The site that was there before is untouched."""


class MailError(StatusgenError):
    """A channel of mail or chat does not let us send, or read, at all. What was to go out waits for the next run."""


class StateError(StatusgenError):
    """What must be remembered could not be read or written."""

    exit_code = 5


class BusyError(StatusgenError):
    """Another build holds the lock on this output or state."""

    exit_code = 5
