"""The bad-input corpus: files as the world produces them, and what PeerHub says about each.

Every file is made by code (nothing hostile is committed). `CASES` is the table: a name, how to make the file, and what
must be said, with its code, row and the sentence people read.
"""

from tests.rosters.corpus.archives import ARCHIVES
from tests.rosters.corpus.case import Case
from tests.rosters.corpus.lists import LISTS
from tests.rosters.corpus.packages import PACKAGES
from tests.rosters.corpus.tolerated import TOLERATED
from tests.rosters.corpus.workbooks import WORKBOOKS

CASES: tuple[Case, ...] = (*LISTS, *WORKBOOKS, *ARCHIVES, *PACKAGES)

__all__ = ["CASES", "TOLERATED", "Case"]
