"""The cast: people you can sign in as at /demo/. The same people walk through the tests and the mock-ups."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import PersonKind


@dataclass(frozen=True)
class Character:
    """One person of the cast. `story` is what the sign-in page says of them; `start` is the page they land on."""

    key: str
    given: str
    family: str
    kind: str
    email: str
    pronouns: str
    story: Promise
    start: str = "home"


STUDENT, STAFF = PersonKind.STUDENT, PersonKind.STAFF

CAST = (
    Character("amara", "Amara", "Okafor", STUDENT, "amara.okafor@student.aberwen.ac.uk", "she/her",
              _("Third-year engineer. Leads PASS groups, mentors Kai, and has a mentor herself. Best on a phone.")),
    Character("ben", "Ben", "Osei", STUDENT, "ben.osei@student.aberwen.ac.uk", "he/him",
              _("First-year engineer. Comes to Amara’s Maths group and has a buddy.")),
    Character("dev", "Dev", "Patel", STUDENT, "dev.patel@student.aberwen.ac.uk", "he/him",
              _("Commutes from Llandre. Knows the commuter community and nothing else yet: let him find a programme.")),
    Character("rhian", "Rhian", "Maddox", STAFF, "rhian.maddox@aberwen.ac.uk", "she/her",
              _("Coordinates PASS in Engineering and is its point person. Lives in PeerHub all day.")),
    Character("imran", "Imran", "Sheikh", STAFF, "imran.sheikh@aberwen.ac.uk", "he/him",
              _("Supervises PASS leaders. Wants to know who needs a conversation.")),
    Character("pat", "Pat", "Lewis", STAFF, "pat.lewis@aberwen.ac.uk", "they/them",
              _("Leads the module ENG1001. A partner: sees counts and topics, never who came.")),
    Character("helen", "Helen", "Prosser", STAFF, "helen.prosser@aberwen.ac.uk", "she/her",
              _("Safeguarding lead. Knows where people can turn.")),
    Character("carys", "Carys", "Bevan", STAFF, "carys.bevan@aberwen.ac.uk", "she/her",
              _("Pro-vice-chancellor. Asks what peer learning there is, where, and where there is none.")),
    Character("owain", "Owain", "Llewellyn", STAFF, "owain.llewellyn@aberwen.ac.uk", "he/him",
              _("Owns the programmes of Engineering and Computing: can set up a new one.")),
    Character("nerys", "Nerys", "Lloyd", STAFF, "nerys.lloyd@aberwen.ac.uk", "she/her",
              _("Equality office. Reads how far people of each group came, and never who they are."),
              "training:fairness_list"),
    Character("maya", "Maya", "Lindqvist", STUDENT, "maya.lindqvist@student.aberwen.ac.uk", "she/her",
              _("Helps at the maths centre, where people queue. Has asked to join PASS in Engineering.")),
    Character("admin", "Sioned", "Parry", STAFF, "sioned.parry@aberwen.ac.uk", "she/her",
              _("System administrator: accounts, vocabularies and imports in Django admin."), "admin:index"),
)  # fmt: skip

# Who sits in Amara's Maths group, as in the mock-ups.
MATHS_GROUP_B = (
    ("Kai", "Davies"), ("Leila", "Haddad"), ("Owen", "Bright"), ("Priya", "Nair"), ("Mateo", "Ruiz"),
    ("Ffion", "Rees"), ("Zainab", "Ali"), ("Ines", "Moreau"),
)  # fmt: skip
