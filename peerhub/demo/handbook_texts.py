"""What people of PASS in Engineering read before they begin: handbook in two versions, agreement, briefings."""

from typing import NamedTuple


class Part(NamedTuple):
    """A section: what names it across versions, its heading and its text."""

    key: str
    title: str
    text: str


HANDBOOK = (
    Part(
        "role",
        "Your role",
        "You lead a weekly study session for first-years on a module you passed last year. You are **not a tutor**: "
        "you do not teach new material and you do not give answers to coursework. You plan activities in which the "
        "group works things out together.\n\n"
        "- Two leaders to a group wherever possible\n"
        "- One hour a week in term, in the same room and at the same time\n"
        "- A short plan before, a log of half a minute after",
    ),
    Part(
        "session",
        "A good session",
        "Open with what people bring: *what was hard this week?* Choose two activities. Close with what each takes "
        "away.\n\n"
        "| minutes | what |\n|---|---|\n| 10 | Welcome, what was hard |\n| 20 | First activity, in pairs |\n"
        "| 20 | Second activity, on the board |\n| 10 | What we take away, next week |\n\n"
        "Wait before you answer: five seconds feel long and are not. Ask the group first, then look it up together.",
    ),
    Part(
        "boundaries",
        "Boundaries, and where to refer instead",
        "Some things are not yours to carry. Say kindly that you cannot help with this, and who can.\n\n"
        "- Marking, or looking over assessed work: **the module tutor**\n"
        "- Money, housing, visas: **Student Services**\n"
        "- Feeling low, anxious or unsafe: **Wellbeing**; in danger: **999**, then campus security\n\n"
        "Never promise to keep a secret about somebody’s safety.",
    ),
    Part(
        "inclusion",
        "Everybody belongs",
        "Learn names, and ask how they are said. Put tables so that nobody sits behind anybody. Share material the day "
        "before, so that those who read slowly or with a screen reader can prepare. Nobody has to speak.",
    ),
    Part(
        "records",
        "What you write down",
        "Log each session within two days: who came, what was worked on, what you tried. Do **not** write about health "
        "or about what somebody told you in confidence. The register is never shown to those who mark.",
    ),
    Part(
        "support",
        "Your own support",
        "You meet Imran every second week with the other leaders, and he sits in twice a term. Planning, sessions and "
        "meetings are paid. Rhian is the person for everything else: rhian.maddox@aberwen.ac.uk.",
    ),
)
CHANGED = {
    "session": HANDBOOK[1].text.replace(
        "Choose two activities.", "Choose two activities, one of them without a screen."
    ),
    "records": HANDBOOK[4].text.replace(
        "Log each session within two days", "Log each session on the same day, at the latest within two days"
    )
    + "\n\nA session that nobody came to is logged, too: it tells us something.",
}
SUMMARY = "Logs on the same day, sessions with nobody there are logged too, and one activity without a screen."
AGREEMENT = (
    Part(
        "you",
        "What you promise",
        "- To lead your sessions, or to ask for cover **a day before**\n- To finish the training before you begin\n"
        "- To keep what people tell you to yourself, unless somebody may be in danger",
    ),
    Part(
        "we",
        "What we promise",
        "- £12.60 an hour for training, planning, sessions and meetings\n- A supervisor who answers within two days\n"
        "- A reference, and your hours on your record",
    ),
    Part("ending", "Stopping", "You may stop at any time; two weeks’ notice helps your group. Nobody asks why."),
)
FOR_STUDENTS = (
    Part("purpose", "What PASS is for", "To make hard modules easier together, and to find people to study with."),
    Part("benefits", "What you get from it", "Those who come regularly tell us they worry less. It costs nothing."),
    Part("process", "How it works", "Come once a week, bring what was hard, leave with a plan. Nobody marks you here."),
)
FOR_STAFF = (
    Part(
        "purpose", "What PASS is for", "Leaders help first-years to study; they do not teach, mark or repeat lectures."
    ),
    Part(
        "process", "What you can do", "Tell your leaders what is coming. You see how many came and on what, never who."
    ),
)
