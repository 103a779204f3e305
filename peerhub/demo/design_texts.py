"""What the partners of the demo's programme in design said, decided and wrote."""

from dataclasses import dataclass

PAY = "£13.45 an hour, paid monthly"
WAIVED = "Designed with two student representatives, before signatures were kept here."

# key: side, what they get, hours at most, asked how many days ago
PARTNERS: dict[str, tuple[str, str, int | None, int]] = {
    "maya": ("student", PAY, 30, 45),
    "amara": ("student", PAY, 20, 44),
    "leila": ("student", "A book token of £50 for the year", None, 30),
    "rhian": ("staff", "", None, 46),
    "pat": ("staff", "", None, 40),
}
# who, days ago, minutes, what for
HOURS = (
    ("maya", 41, 120, "First workshop"),
    ("maya", 27, 90, "Asked twelve people on my course"),
    ("maya", 20, 120, "Second workshop"),
    ("amara", 41, 120, "First workshop"),
    ("amara", 20, 120, "Second workshop"),
    ("leila", 20, 120, "Second workshop"),
    ("pat", 20, 120, "Second workshop"),
)
# key: who, days ago, state, title, text, comments (who, what)
PROPOSALS: dict[str, tuple[str, int, str, str, str, tuple[tuple[str, str], ...]]] = {
    "pairs": (
        "maya", 38, "taken_up", "Two students on every module, never one alone",
        "Alone in a room with three lecturers nobody says what they think. With two of us somebody always starts.",
        (("pat", "Agreed. It also means that one can be ill."), ("amara", "And they can prepare together.")),
    ),
    "evenings": (
        "leila", 24, "taken_up", "No meetings after four",
        "Most of us commute or work in the evening. Between eleven and two everybody is here.",
        (("rhian", "Staff have teaching then, but we can move a Wednesday."),),
    ),
    "readings": (
        "amara", 6, "open", "Let partners see last year’s module evaluations",
        "We are asked what to change without knowing what students said last year. A summary without names would do.",
        (("pat", "I would like that, too. I will ask the school what we may show."),
         ("maya", "Even the three most common comments would help."),),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger. `days` ago it was decided; without a `decision` it is an open question."""

    days: int
    question: str
    options: tuple[tuple[str, str], ...]
    decision: str = ""
    reason: str = ""
    student_input: str = ""
    chosen: int = 0
    dissent: str = ""
    values: tuple[str, ...] = ()
    status: str = "decided"
    note: str = ""
    owner: str = "rhian"
    review_in: int = 90
    proposal: str = ""
    supersedes: int = 0


DECISIONS = (
    Entry(
        36, "How many student partners work on a module?",
        (("maya", "Two, always"), ("pat", "One, with a second where the module is large")),
        "Every module has two student partners.", "A pair speaks up, and a module does not stop when one is ill.",
        "Staff had planned for one. Students said that nobody criticises a module alone.", 1,
        values=("empowering", "collaborative"), status="implemented", note="Written into the role description.",
        proposal="pairs",
    ),
    Entry(
        34, "What do student partners get?",
        (("amara", "An hourly rate, like student ambassadors"), ("rhian", "A certificate and a reference")),
        "An hourly rate, up to a number of hours agreed beforehand.", "Unpaid work keeps out those who need to earn.",
        "A certificate was the first plan; three students could not have taken part.", 1,
        dissent="Finance would have liked vouchers, which are simpler to pay.", values=("inclusive", "reciprocal"),
        status="implemented", note="Payroll has set the post up.", review_in=150,
    ),
    Entry(
        33, "When do module teams meet?",
        (("pat", "Thursdays at five"), ("rhian", "When each team likes")),
        "Thursdays at five, for everybody.", "One time is easier to book a room for.",
        "Students were not asked about the time. That was a mistake; see decision 4.", 1, status="decided",
        values=("accountable",), review_in=60,
    ),
    Entry(
        19, "When do module teams meet, now that half of the partners commute?",
        (("leila", "Wednesdays between eleven and two"), ("pat", "Thursdays at five, with a link")),
        "Wednesdays between eleven and two; nothing after four.", "Everybody is on campus, and nobody misses a bus.",
        "Leila’s proposal overturned the first decision.", 1, values=("inclusive", "compassionate", "respectful"),
        status="implemented", note="The room is booked for the term.", owner="pat", review_in=5, proposal="evenings",
        supersedes=3,
    ),
    Entry(
        18, "May partners see drafts of assessments?",
        (("pat", "Only once they are published"), ("maya", "Yes, with a promise to keep them to ourselves")),
        "Partners see the shape of an assessment, never its questions.", "Nobody may have an advantage in an exam.",
        "Students asked that the rule be written into the boundaries, so that others can see it.", 0,
        dissent="Maya would have trusted partners with more.", values=("accountable", "respectful"), owner="pat",
    ),
    Entry(
        12, "What must a partner never do?",
        (("rhian", "Mark, or speak about other students’ marks"), ("amara", "Collect complaints about a person")),
        "Both: partners do not mark, and complaints about people go to the usual place.",
        "Partnership is about the module, and students must be safe to speak.",
        "The second half is the students’ own; staff had not thought of it.", 2,
        values=("respectful", "compassionate", "accountable"), owner="amara",
    ),
    Entry(
        0, "Who reads what the partners write before it goes to the school?",
        (("maya", "The partners decide together"), ("pat", "The head of the module first")),
    ),
)  # fmt: skip

AGREEMENT = """# How we decide

We talk until everybody can live with it. If we cannot, we vote, and each side needs a majority of its own.

# Credit

Whoever worked on something is named on it, students first.

# Pay and hours

Students are paid for every hour, up to what was agreed with each. Nobody works past that without a word beforehand.
"""
ROLE_1 = """# What partners do

* Meet the module team once a fortnight
* Ask other students what they think
* Write down what should change

# What they bring

They have taken the module, or are taking it now.
"""
ROLE_2 = """# What partners do

* Work in pairs, never alone
* Meet the module team once a fortnight, on Wednesdays
* Ask other students what they think, also those who do not come
* Write down what should change, and hear what became of it

# What they bring

They have taken the module, or are taking it now. Nobody needs good marks for this.
"""
BOUNDARIES = """# What everybody can expect

Partners are heard, paid on time and told what became of what they said.

# What partners do not do

* They do not mark, and do not see questions of exams
* They do not collect complaints about people
"""
EVALUATION = """# What we want to know

* Whether modules change, and whether students notice
* Who takes part, and who does not

# How

A short survey in weeks 2 and 10, and a talk with four partners in June.
"""
# kind: versions as (days ago, put up, what is new, authors, who signed, text)
Version = tuple[int, bool, str, tuple[str, ...], tuple[str, ...], str]
DOCUMENTS: dict[str, tuple[Version, ...]] = {
    "agreement": ((30, True, "", ("maya", "rhian"), ("maya", "amara", "rhian"), AGREEMENT),),
    "role": (
        (28, True, "", ("rhian",), ("maya", "rhian"), ROLE_1),
        (10, True, "Pairs, Wednesdays, and no good marks needed", ("maya", "leila", "pat"), ("rhian",), ROLE_2),
    ),
    "expectations": ((9, True, "", ("amara", "pat"), ("amara", "pat"), BOUNDARIES),),
    "evaluation": ((3, False, "A first try", ("pat",), (), EVALUATION),),
}

# title, days ago (before today; negative to come), agenda, outputs, adjustments, who came, other students, other staff
WORKSHOPS: tuple[tuple[str, int, str, str, str, tuple[str, ...], int, int], ...] = (
    (
        "First workshop: what would make it worth it?", 41,
        "What students get out of it; what stops them; who is missing in this room",
        "A list of what must not happen again, pinned to the wall; two questions for the ledger.",
        "Ground floor, and the slides the day before.", ("maya", "amara", "rhian"), 4, 1,
    ),
    (
        "Second workshop: the role, word by word", 20,
        "Read the role description aloud; cross out what nobody does; when we meet",
        "Version 2 of the role description, and no meetings after four.",
        "A hearing loop.", ("maya", "amara", "leila", "pat", "rhian"), 2, 0,
    ),
)  # fmt: skip
# programme: what was said, what became of it, the answer, which decision, published
REPLIES: dict[str, tuple[tuple[str, str, str, int | None, bool], ...]] = {
    "curriculum-partners": (
        ("Meetings at five leave out everybody who commutes.", "did", "We meet on Wednesdays at noon.", 4, True),
        ("Let partners see exam questions.", "could_not", "nobody may have an advantage in an exam.", 5, True),
        ("Tell us earlier what became of our ideas.", "did", "Each idea is answered here within a month.", None, False),
    ),
    "pass-engineering": (
        (
            "One PASS leader cannot help a whole lab.",
            "did",
            "Two leaders run every group from this year on.",
            None,
            True,
        ),
        ("Sessions clash with the Thursday lab.", "did", "Thursday’s groups moved to eleven.", None, True),
        (
            "Record the sessions.",
            "could_not",
            "people would ask less with a camera on. Notes are shared instead.",
            None,
            True,
        ),
    ),
}

SIGNED = {
    "agreement": "# How we decide\n\nStudents and staff decide together; where we differ, both views are kept.\n\n"
    "# Pay and credit\n\nStudents are paid for the hours agreed, and named on what they made.",
    "role": "# What leaders do\n\n* Plan and lead a session each week\n* Ask rather than tell\n* Log what happened\n\n"
    "# What they get\n\nTraining, supervision and an hourly rate.",
    "expectations": "# What everybody can expect\n\nTo be listened to, in time and in confidence.\n\n"
    "# What leaders do not do\n\n* Teach new material, mark or check assessed work\n* Counsel: they know whom to ask",
}
