"""Refusals: what the house says when it will not do a thing."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A use case refused. `code` is for tests and branches, `message` is translated text for people.

    Subclass it beside the service that raises it and list the codes in the subclass's docstring.
    """

    def __init__(self, code: str, message: "str | Promise") -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
