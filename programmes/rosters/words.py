"""Words in cells that stand for a state, a role or a kind of person, as different systems write them."""

from typing import Final

from programmes.rosters.records import LEADER, PARTICIPANT

_ACTIVE = (
    "active|enrolled|current|registered|fully registered|continuing|yes|y|true|1|aktiv|actif|activo|attivo|"
    "ativo|actief|gweithredol"
)
_INACTIVE = (
    "inactive|withdrawn|left|leaver|tobedeleted|to be deleted|deleted|removed|suspended|dropped|not enrolled|"
    "completed|graduated|no|n|false|0|inaktiv|inactif|inactivo|inattivo|inativo|inactief|anweithredol"
)
_LEADER = (
    "leader|peer leader|mentor|peer mentor|pass leader|pal leader|si leader|tutor|peer tutor|coach|peer coach|"
    "buddy leader|ambassador|facilitator|aide|teaching assistant|ta|rep|course rep|champion|arweinydd|mentora|"
    "mentorin|tutorin|tuteur|tutrice"
)
_PARTICIPANT = (
    "participant|student|mentee|tutee|learner|member|buddy|attendee|coachee|studierende|étudiant|étudiante|"
    "estudiante|alumno|alumna|studente|estudante|myfyriwr"
)
_STUDENT = (
    "student|undergraduate|postgraduate|ug|pg|pgt|pgr|learner|apprentice|studierende|étudiant|estudiante|"
    "studente|estudante|myfyriwr"
)
_STAFF = (
    "staff|employee|academic|lecturer|teacher|professor|professional services|faculty|administrator|personal|"
    "docente|enseignant|aelod staff"
)
_EXTERNAL = "external|visitor|guest|alumni|alumnus|alumna|partner|employer|contractor|honorary"


def _table(**words: str) -> dict[str, str]:
    return {word: meaning for meaning, listed in words.items() for word in listed.split("|")}


ACTIVE: Final[dict[str, str]] = _table(yes=_ACTIVE, no=_INACTIVE)
ROLE: Final[dict[str, str]] = _table(**{LEADER: _LEADER, PARTICIPANT: _PARTICIPANT})
KIND: Final[dict[str, str]] = _table(student=_STUDENT, staff=_STAFF, external=_EXTERNAL)
