"""What numbers about people may be said out loud.

An institution publishes by one of the rules in `profiles`, chosen by PEERHUB_DISCLOSURE_PROFILE. The edge of a page
or file asks for it once, `profile_in_use()`, and hands it on; everything below is pure:

    profile.count(17)                      a number of people
    profile.percentage(48, 80)             a share of people
    profile.average(612, 80)               an average over people
    tell_table(rows, profile, total=True)  a table from which no small number can be worked out

The answers are `Told`: a rounded number, or a symbol with the words that say why there is none.
"""

from peerhub.common.disclosure.profiles import HESA, OFQUAL, OFS, PROFILES, US, US_5, Profile, profile_in_use
from peerhub.common.disclosure.rounding import Exact, half_up
from peerhub.common.disclosure.tables import Cell, Concealed, Table, conceal, tell_table
from peerhub.common.disclosure.told import Told

__all__ = [
    "HESA",
    "OFQUAL",
    "OFS",
    "PROFILES",
    "US",
    "US_5",
    "Cell",
    "Concealed",
    "Exact",
    "Profile",
    "Table",
    "Told",
    "conceal",
    "half_up",
    "profile_in_use",
    "tell_table",
]
