"""The framework's 21 activity types with their defaults, and a first list of techniques. Data only."""

from django.db import migrations

PASS = ("PASS leader", "PASS leaders", "student", "students", "study session", "study sessions")
PAL = ("PAL leader", "PAL leaders", "student", "students", "study session", "study sessions")
MENTOR = ("mentor", "mentors", "mentee", "mentees", "meeting", "meetings")
COACH = ("coach", "coaches", "coachee", "coachees", "coaching session", "coaching sessions")
BUDDY = ("buddy", "buddies", "new student", "new students", "meet-up", "meet-ups")
TEAM = ("peer leader", "peer leaders", "student", "students", "workshop", "workshops")
MEMBER = ("committee member", "committee members", "member", "members", "event", "events")
PROJECT = ("facilitator", "facilitators", "group member", "group members", "meeting", "meetings")
REVIEW = ("facilitator", "facilitators", "reviewer", "reviewers", "review", "reviews")

# code, name, family, context, shape, ratio, cadence in days, words, one sentence
TYPES = [
    (
        "group-work",
        "Group work",
        "Learning in your module",
        "embedded",
        "group",
        5,
        None,
        PROJECT,
        "Small teams work on a shared task inside a module.",
    ),
    (
        "problem-based-learning",
        "Problem-based learning",
        "Learning in your module",
        "embedded",
        "group",
        8,
        None,
        PROJECT,
        "Groups work through a problem step by step and decide together what to learn.",
    ),
    (
        "pltl",
        "Peer-led team-based learning (PLTL)",
        "Study sessions",
        "embedded",
        "group",
        8,
        None,
        TEAM,
        "Weekly workshops led by a student who did the module before.",
    ),
    (
        "action-learning-sets",
        "Action learning sets",
        "Learning in your module",
        "embedded",
        "group",
        6,
        28,
        PROJECT,
        "A small set helps each member in turn to think an issue through.",
    ),
    (
        "peer-review-crits",
        "Peer review and crits",
        "Peer review and crits",
        "embedded",
        "group",
        8,
        None,
        REVIEW,
        "Show work in progress and get feedback that helps.",
    ),
    (
        "peer-feedback-assessment",
        "Peer feedback and assessment",
        "Peer review and crits",
        "embedded",
        "group",
        4,
        None,
        REVIEW,
        "Give and receive feedback against shared criteria.",
    ),
    (
        "online-peer-interaction",
        "Online and asynchronous peer interaction",
        "Learning in your module",
        "embedded",
        "group",
        20,
        None,
        ("moderator", "moderators", "member", "members", "discussion", "discussions"),
        "Learn with others online, in your own time.",
    ),
    (
        "pass",
        "Peer Assisted Study Sessions (PASS)",
        "Study sessions",
        "co",
        "group",
        10,
        None,
        PASS,
        "Regular study sessions led by students from the year above.",
    ),
    (
        "pal",
        "Peer Assisted Learning (PAL)",
        "Study sessions",
        "co",
        "group",
        12,
        None,
        PAL,
        "Work on the hard parts of a module with students who passed it.",
    ),
    (
        "peer-mentoring",
        "Peer mentoring",
        "Mentoring and coaching",
        "co",
        "pair",
        3,
        14,
        MENTOR,
        "Someone who has been there helps you find your way.",
    ),
    (
        "peer-coaching",
        "Peer coaching",
        "Mentoring and coaching",
        "co",
        "pair",
        3,
        14,
        COACH,
        "A student coach helps you set a goal and reach it.",
    ),
    ("buddying", "Buddying", "Buddying", "co", "pair", 2, 14, BUDDY, "A friendly face from before you arrive."),
    (
        "academic-societies",
        "Academic societies",
        "Societies and communities",
        "co",
        "group",
        30,
        None,
        MEMBER,
        "People who share your subject, run by students.",
    ),
    (
        "union-societies",
        "Students’ union societies",
        "Societies and communities",
        "extra",
        "group",
        30,
        None,
        MEMBER,
        "Student-run societies of every kind.",
    ),
    (
        "peer-communities",
        "Specialist peer communities",
        "Societies and communities",
        "extra",
        "group",
        20,
        None,
        ("community lead", "community leads", "member", "members", "meet-up", "meet-ups"),
        "A place among people who share something with you.",
    ),
    (
        "ambassadors",
        "Student ambassadors",
        "Reps, champions and partners",
        "extra",
        "group",
        15,
        None,
        ("senior ambassador", "senior ambassadors", "ambassador", "ambassadors", "shift", "shifts"),
        "Represent the university at events, paid by the hour.",
    ),
    (
        "champions",
        "Student champions",
        "Reps, champions and partners",
        "extra",
        "group",
        10,
        None,
        ("champion", "champions", "student", "students", "activity", "activities"),
        "Champion a cause across the university.",
    ),
    (
        "advisors",
        "Student advisors",
        "Mentoring and coaching",
        "extra",
        "group",
        20,
        None,
        ("student advisor", "student advisors", "student", "students", "drop-in", "drop-ins"),
        "Ask a trained student where to turn.",
    ),
    (
        "partners",
        "Student partners",
        "Reps, champions and partners",
        "extra",
        "group",
        4,
        None,
        ("student partner", "student partners", "partner", "partners", "project meeting", "project meetings"),
        "Work with staff as partners on a project.",
    ),
    (
        "course-reps",
        "Course reps",
        "Reps, champions and partners",
        "extra",
        "group",
        25,
        None,
        ("course rep", "course reps", "student", "students", "meeting", "meetings"),
        "Speak up for your course and bring answers back.",
    ),
    (
        "hall-reps",
        "Residential and hall reps",
        "Reps, champions and partners",
        "extra",
        "group",
        40,
        None,
        ("hall rep", "hall reps", "resident", "residents", "event", "events"),
        "Make your hall a home.",
    ),
]

TECHNIQUES = [
    "Think, pair, share", "Jigsaw", "Group discussion", "Worked example", "Problem solving in pairs", "Quiz each other",
    "Concept map", "Clusters", "Redirecting questions", "Board work by students", "Role play", "Reflection round",
]  # fmt: skip

WORD_FIELDS = ("leader_word", "leaders_word", "participant_word", "participants_word", "session_word", "sessions_word")


def add(apps, schema_editor):
    activity_type = apps.get_model("programmes", "ActivityType")
    activity_type.objects.bulk_create(
        activity_type(
            code=code, name=name, family=family, context=context, shape=shape, default_ratio=ratio,
            default_cadence_days=cadence, description=sentence, position=position, is_framework=True,
            **dict(zip(WORD_FIELDS, words, strict=True)),
        )
        for position, (code, name, family, context, shape, ratio, cadence, words, sentence) in enumerate(TYPES, start=1)
    )  # fmt: skip
    technique = apps.get_model("programmes", "Technique")
    technique.objects.bulk_create(
        technique(name=name, position=position) for position, name in enumerate(TECHNIQUES, start=1)
    )


def remove(apps, schema_editor):
    apps.get_model("programmes", "ActivityType").objects.filter(is_framework=True, programmes=None).delete()
    apps.get_model("programmes", "Technique").objects.filter(name__in=TECHNIQUES).delete()


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_spine")]
    operations = [migrations.RunPython(add, remove)]
