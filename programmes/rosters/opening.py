"""From a path to a roster: which kind of thing it is, and the reader for it."""

from pathlib import Path

from django.utils.translation import gettext as _

from programmes.rosters import headings
from programmes.rosters.errors import Problems, RosterError
from programmes.rosters.mapping import ColumnMapping, guess_mapping
from programmes.rosters.oneroster import SOURCE, OneRoster
from programmes.rosters.oneroster_files import looks_like_oneroster, open_package
from programmes.rosters.people import PeopleRoster
from programmes.rosters.records import Roster
from programmes.rosters.sources import Source, open_source
from programmes.rosters.tables import Table, open_table


def open_roster(
    path: Path, *, name: str = "", mapping: ColumnMapping | None = None, complete: bool = False, source: str = ""
) -> Roster:
    """The roster at `path`: a OneRoster package by its files, else one table through `mapping` (guessed when None).

    `complete` is for lists only: everybody is in it, so whoever is missing has left. Raises RosterError.
    """
    opened = open_source(path, name=name)
    if looks_like_oneroster(opened):
        problems = Problems()
        return OneRoster(open_package(opened, problems), problems, source=source or SOURCE)
    table = open_only_table(opened)
    return PeopleRoster(table, mapping or guess_mapping(table.columns), complete=complete)


def open_only_table(source: Source) -> Table:
    """The one table of a file, or of a zip or folder that holds just one. Refusal: several_tables."""
    if len(source.parts) > 1:
        message = _("This holds several tables but is not a OneRoster package. Upload one table at a time.")
        raise RosterError("several_tables", message, file=source.name)
    return open_table(source.parts[0], headings.KNOWN)
