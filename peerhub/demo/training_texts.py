"""What Aberwen's leaders learn before they lead: eight modules, and a quiz on safeguarding."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModulePlan:
    """One module. `is_own`: of PASS in Engineering; the others are on the shared site."""

    key: str
    title: str
    summary: str
    hours: float
    outcomes: str
    content: str
    is_own: bool = False
    more: dict[str, Any] = field(default_factory=dict)


STANDARD = "Aberwen standard for peer leaders, level 1"

MODULES = (
    ModulePlan(
        "boundaries", "Role and boundaries", "What a PASS leader does, and what somebody else does better.", 1.5,
        "Say in two sentences what PASS is for\nTurn a request you should not meet into a referral\nEnd a contact kindly",
        "# You are a guide\n\nA PASS leader was in that lecture a year ago. You help people to find out what they know and where it stops. "
        "You do not teach, mark or advise on assessed work.\n\n## What belongs elsewhere\n\n"
        "| Somebody asks for | You say |\n| --- | --- |\n| the answer to coursework | Let us find where it stops making sense. |\n"
        "| an extension | Your personal tutor decides that. I can show you where the form is. |\n"
        "| help with money or housing | Money advice and the Students’ Union know this. Shall we look up the hours? |\n\n"
        "## Contact\n\nUniversity channels, weekdays. No lifts, no loans, no secrets about anybody’s safety.",
        is_own=True,
    ),
    ModulePlan(
        "facilitation", "Facilitation and questioning", "Asking so that the group does the thinking.", 3,
        "Wait ten seconds after a question\nSend a question back to the group\nInvite those who have not spoken",
        "# The question that helps\n\nA good question cannot be answered with *yes*. Try these:\n\n"
        "- What do you know already?\n- Where exactly does it stop?\n- Who sees it differently?\n- How would you check that?\n\n"
        "## Silence works\n\nCount to ten. Somebody will speak, and it need not be you.\n\n"
        "## Redirect\n\nWhen you are asked, look at the group: *What would you try first?* Then wait again.",
        is_own=True, more={"mode": "live", "assessment": "sign_off"},
    ),
    ModulePlan(
        "inclusion", "Inclusive practice and the first year", "Who finds it hard to come in, and what opens the door.", 1.5,
        "Name three reasons why a first-year might stay away\nPlan a session that works without being quick or loud",
        "# The first six weeks\n\nHalf of those who leave decide it before Christmas. What keeps people is rarely the subject: it is "
        "being known by name.\n\n## In your session\n\n- Learn names, and how they are said.\n- Write as well as speak: not everybody hears well, or likes to talk.\n"
        "- Let people choose how they take part.\n- Ask what would help, once, of everybody.",
    ),
    ModulePlan(
        "session", "Planning a session, and a simulated one", "Plan fifty minutes, then lead ten of them in front of the team.", 3,
        "Write a plan with an opening, two activities and a close\nLead ten minutes and take feedback",
        "# Fifty minutes\n\n1. **Open** (5): who is here, what is hardest this week?\n2. **Work** (20): a problem in pairs, then compare.\n"
        "3. **Turn** (15): a second one, harder, in other pairs.\n4. **Close** (10): what will you do before next week?\n\n"
        "You lead ten minutes of it with the team as your group. Nobody is marked out of a hundred: you hear what worked, and one thing to try.",
        is_own=True,
        more={
            "mode": "live", "assessment": "observed",
            "criteria": "Opens so that people feel welcome\nAsks instead of telling\nWaits and redirects\nBrings in everybody\nCloses with a next step",
        },
    ),
    ModulePlan(
        "safeguarding", "Safeguarding, disclosure and referral", "What to do when somebody tells you something that worries you.", 1.5,
        "Listen without promising secrecy\nTell the right person on the same day\nKnow what you do not have to do",
        "# You are not alone with it\n\nSometimes a person tells you because you are there. You need no proof, and it is not for you to find out more.\n\n"
        "## Three steps\n\n1. **Listen.** Say: *I am glad you told me.* Do not promise to keep it secret.\n2. **Say what happens next.** "
        "*I will tell somebody whose job this is.*\n3. **Tell** the safeguarding lead the same day. In danger: 999, then campus security.\n\n"
        "## What you do not do\n\n- You do not ask for details, take pictures, or confront anybody.\n- You do not write it in a log or a message.\n"
        "- You do not carry it alone: your supervisor has time for you.",
        more={"assessment": "quiz", "pass_mark": 80, "tries": 3, "minutes": 30, "valid_months": 12, "is_safeguarding": True},
    ),
    ModulePlan(
        "data", "Data protection and recording", "What goes into a log, and what never does.", 0.5,
        "Write a note anybody may read\nKeep lists where they belong",
        "# Write as if they read it\n\nThey may: everybody can ask what is held on them.\n\n- A log says what the session was about, not who struggled.\n"
        "- No names in group chats, no screenshots of registers.\n- Health, faith, money: not in a note, ever.",
        more={"valid_months": 24},
    ),
    ModulePlan(
        "online", "Online delivery and netiquette", "Cameras, chats and quiet people.", 0.5,
        "Open a room in which people speak\nHandle a chat that turns sour",
        "# Before the call\n\nSend the link the day before. Open ten minutes early.\n\n# In the call\n\n- Cameras are welcome and never asked for.\n"
        "- Use the chat: it is where the quiet ones are.\n- Record nothing.",
    ),
    ModulePlan(
        "selfcare", "Looking after yourself, and supervision", "Who looks after those who look after others.", 0.5,
        "Know when you carry too much\nBring something to supervision",
        "# Your own oxygen first\n\nLeading is work. If you think of a session at night, that is something for supervision, and it is not a failure.\n\n"
        "- Supervision is every three weeks. Bring one thing that went well and one that did not.\n- You can stop. Tell Rhian before you are done in.",
    ),
)  # fmt: skip

# Question, answers, the number of the right one, what is said afterwards.
QUIZ = (
    ("Somebody tells you that they are being threatened at home. What do you say first?",
     ("I am glad you told me.", "I promise to tell nobody.", "Are you sure it is that bad?", "You should go to the police."), 0,
     "Thank them for telling you. A promise of secrecy is one you cannot keep, and doubt closes the door."),
    ("When do you tell the safeguarding lead?",
     ("At the next supervision", "The same day", "Once you have found out more", "When it happens again"), 1,
     "The same day. You need no proof, and it is not for you to find out more."),
    ("Where do you write down what you were told?",
     ("In the shared note of the log", "In a message to the other leaders", "Nowhere in PeerHub but “Raise a concern”", "In my own notes"), 2,
     "Logs and messages are read by many. A concern goes to the few whose job it is."),
    ("Somebody says they will hurt themselves tonight. What now?",
     ("I wait for the lead to answer my mail", "999, then campus security", "I take them home with me", "I ask a friend of theirs to look in"), 1,
     "In immediate danger you call 999 and then campus security, and stay with them if it is safe. The lead comes after."),
    ("You feel shaken afterwards. What is right?",
     ("Keep it to myself: it is confidential", "Talk to my supervisor, without details that are not mine to tell",
      "Tell the group, so that they understand", "Stop leading at once"), 1,
     "Supervision is there for this. You can speak of what it does to you without telling their story."),
)  # fmt: skip


# Which topics of the ladder that comes with PeerHub a module covers.
COVERS = {
    "boundaries": ("Role and boundaries", "First and last meetings"),
    "facilitation": ("Listening and asking", "Learning strategies", "Setting goals", "How groups work"),
    "inclusion": ("Inclusion", "Different needs"),
    "session": ("When it gets difficult", "Observing and being observed"),
    "safeguarding": ("Referring on", "When it gets difficult"),
    "data": ("Confidentiality and ethics", "Keeping records"),
    "online": ("Leading online",),
    "selfcare": ("When it gets difficult",),
}

# Amara's own log: days ago, what, kind, hours, what she learned, what she will do, and whether she shares it.
LOG = (
    (
        4, "Watched Luca lead his Thursday group", "observing", "1",
        "He waits much longer than I do, and somebody always speaks.",
        "Count to ten next week before I say anything.", True,
    ),
    (
        19, "Workshop of the library: reading a paper in twenty minutes", "course", "1.5",
        "Start with the figures, then the last paragraph.", "Try it with the group before the first lab report.", True,
    ),
    (
        33, "Supervision with Imran", "talk", "0.5",
        "I take it home when somebody struggles. It is not mine to mend.", "Say where help is, and let go.", False,
    ),
    (40, "“Make it stick”, first three chapters", "reading", "2", "Testing beats reading again.", "", False),
)  # fmt: skip
