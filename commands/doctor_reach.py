"""What ``holdfast doctor`` is told of how people are reached, and what it says of the secrets."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from commands.doctor_mail import Mail
from commands.finding import Finding


@dataclass(frozen=True)
class Secret:
    """A secret as it is set: itself in a variable, or in the ``file`` that another one names.

    ``value`` is None where none is set, or where the file cannot be read, as ``problem`` says.
    """

    name: str
    file: Path | None = None
    value: str | None = field(default=None, repr=False)
    problem: str = ""

    @classmethod
    def read(cls, name: str, file: Path | None, read: Callable[[], str | None]) -> Secret:
        """The secret that ``read`` returns; ``name`` is its setting, such as ``SLACK_TOKEN``."""
        try:
            return cls(name, file, read() or None)
        except OSError as error:
            return cls(name, file, None, error.strerror or type(error).__name__)
        except UnicodeError:
            return cls(name, file, None, "it is no text")

    def findings(self) -> Iterator[Finding]:
        """That its file cannot be read, is empty, or can be read by everybody."""
        if self.file is None:
            return
        variable = f"HOLDFAST_{self.name}_FILE"
        if self.problem or self.value is None:
            what = f"{variable}: {self.file}: {self.problem or 'it is empty'}"
            yield Finding(what, "name a file that holds the secret, readable by this user")
        elif self.file.stat().st_mode & stat.S_IRWXO:
            what = f"{variable}: {self.file} can be read by everybody"
            yield Finding(what, f"chmod 600 {self.file}")


@dataclass(frozen=True)
class Reach:
    """How people are reached and how they answer; without a ``token``, by the console alone.

    ``slack_api`` is the base of Slack's methods; ``receiver`` the address at which clicks come in
    over HTTP once there is a ``signing_secret``. ``more`` are the other secrets.
    """

    token: Secret = Secret("SLACK_TOKEN")
    app_token: Secret = Secret("SLACK_APP_TOKEN")
    signing_secret: Secret = Secret("SLACK_SIGNING_SECRET")
    slack_api: str = "https://slack.com/api/"
    receiver: str = ""
    mail: Mail = field(default_factory=Mail)
    more: tuple[Secret, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """What lacks of the secrets, and whither messages go."""
        for secret in (self.token, self.app_token, self.signing_secret, *self.more):
            yield from secret.findings()
        where = "Slack" if self.token.value else "console, as no Slack token is set"
        yield Finding(f"channel: {where}")
