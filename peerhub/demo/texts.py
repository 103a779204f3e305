"""What the twelve programmes of Aberwen say about themselves."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """One demo programme. Sizes are per cycle; `weekdays` 0 is Monday; `weeks` are teaching weeks with a session."""

    slug: str
    name: str
    type_code: str
    context: str
    unit: str
    summary: str
    when: str
    mission: str
    population: str
    benefits: str
    groups: int
    size: int
    leaders: int
    weekdays: tuple[int, ...]
    hour: int
    places: tuple[str, ...]
    subjects: tuple[str, ...]
    topics: tuple[str, ...]
    every: int = 1
    policy: str = "approval"
    state: str = "running"
    capacity: int | None = None
    words: dict[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ("collaborative", "inclusive", "empowering")
    drop_in: bool = False
    turnout: float = 0.7
    is_open: bool = True


PLANS = (
    Plan("pass-engineering", "PASS in Engineering", "pass", "co", "Engineering and Computing",
         "Weekly study sessions for first-year modules, led by students who passed them last year. Bring the problem sheet you are stuck on.",
         "Mondays to Thursdays",
         "Students learn hard material better together. PASS gives every first-year engineer a weekly hour with people who were where they are, one year ago.",
         "All first-year students in Engineering and Computing, especially in modules where many find the first term hard.",
         "You leave with the problem sheet understood, a study group that lasts, and someone to ask.",
         11, 10, 22, (0, 1, 2, 3), 11, ("Library 3", "B2.14", "Lab 6", "Edward Davies 1.04"),
         ("ENG1001 Maths 1", "ENG1004 Thermodynamics", "ENG1007 Statics", "CSC1010 Programming"),
         ("Integration by parts", "Problem sheet 4", "Limits", "Exam technique", "Using MATLAB", "Free-body diagrams"), capacity=150),
    Plan("pal-nursing", "PAL in Nursing", "pal", "co", "Health and Nursing",
         "Work through anatomy, drug calculations and placement paperwork with second- and third-year nursing students.",
         "Around your placement blocks",
         "Nursing students arrive from many walks of life. PAL makes the first year a shared one.",
         "First-year nursing students on both campuses.",
         "Less worry before placement, safer drug calculations, people to sit with.",
         7, 10, 10, (1, 3), 13, ("Skills suite 2", "Penbryn 4"), ("NUR1002 Anatomy", "NUR1005 Drug calculations"),
         ("Drug calculations", "Anatomy of the heart", "Placement paperwork", "Reflective writing"), capacity=70),
    Plan("first-year-buddies", "First-year buddies", "buddying", "co", "University of Aberwen",
         "One friendly second-year who messages you before you arrive and meets you in Welcome Week.",
         "Welcome Week to December",
         "Nobody should spend their first week alone.",
         "New undergraduates in every faculty, with a place kept for those who start late.",
         "A name and a face from day one, and answers to the questions you would not ask a lecturer.",
         40, 1, 40, (2,), 15, ("Café Hafan", "Arts Centre foyer"), ("",), ("Settling in", "Finding your way", "Money", "Going home at weekends"),
         every=2, state="running", turnout=0.75, values=("compassionate", "respectful", "inclusive")),
    Plan("fine-art-crits", "Fine Art peer crits", "peer-review-crits", "embedded", "Arts and Humanities",
         "Show work in progress to a small group and learn to give feedback that helps. Part of ART1002 and ART2001.",
         "Fridays, weeks 3 to 10",
         "Makers learn to see by being seen. Crits are practice in looking, listening and saying it kindly.",
         "Everyone taking ART1002 and ART2001.",
         "Eyes other than your own, every week, before the work is finished.",
         4, 8, 6, (4,), 10, ("Studio 2", "Studio 5"), ("ART1002 Studio practice", "ART2001 Studio practice 2"),
         ("Composition", "Materials", "Reading a work", "Next step"), policy="roster", turnout=0.85, is_open=False),
    Plan("course-reps", "Course Reps", "course-reps", "extra", "Aberwen Students’ Union",
         "Speak up for your year group. You will be trained, paid for meetings and listened to.",
         "Elections in October",
         "Students shape their courses through people they chose.",
         "Every course and year group of the university.",
         "Things change because you said so, and you learn how a university decides.",
         5, 12, 6, (2,), 16, ("Union council room", "Online"), ("Science", "Arts and Humanities", "Business and Law", "Engineering", "Health"),
         ("Assessment and feedback", "Timetables", "Library and spaces", "Student voice"), every=3, turnout=0.6,
         values=("empowering", "accountable", "reciprocal")),
    Plan("commuter-community", "Commuter community", "peer-communities", "extra", "Student Support and Wellbeing",
         "A base, a kettle and people who also know the 07:12 train. Drop in, no sign-up needed.",
         "Tuesdays and Thursdays",
         "Students who travel in belong here as much as those who live here.",
         "Students who live at home or travel more than half an hour.",
         "Somewhere to be between lectures, lifts to share, and people who leave at the same time as you.",
         1, 60, 4, (1, 3), 12, ("Hugh Owen C4",), ("",), ("Travel", "Study space", "Making friends"), policy="open", drop_in=True, turnout=0.2,
         values=("compassionate", "inclusive", "respectful")),
    Plan("business-mentoring", "Business peer mentoring", "peer-mentoring", "co", "Business and Law",
         "A final-year mentor for your first placement search: CVs, interviews, and the days when nothing works.",
         "Every two weeks, when it suits you both",
         "People who found their way show others that there is one.",
         "Second-year students of Business and Law, first those without family in the professions.",
         "A better CV, a mock interview, and someone who asks how it went.",
         26, 1, 26, (3,), 14, ("Cledwyn 2.11", "Online"), ("",), ("CV", "Interview practice", "Choosing options", "Confidence"), every=2, turnout=0.8,
         words={"participant_word": "mentee", "participants_word": "mentees"}),
    Plan("pltl-chemistry", "Peer-led workshops in Chemistry", "pltl", "embedded", "Science",
         "Two hours of problems in a group of eight, with a student who did the module last year. No answer keys, on purpose.",
         "Mondays and Wednesdays",
         "Understanding grows in talk. The workshop is part of the module, and nobody hands out answers.",
         "All students on CHE1001.",
         "You learn to explain, which is how you notice what you understand.",
         6, 8, 8, (0, 2), 9, ("Chemistry lab annex", "C3.02"), ("CHE1001 General chemistry",), ("Stoichiometry", "Bonding", "Equilibria", "Kinetics"),
         policy="roster", turnout=0.8, is_open=False),
    Plan("pbl-medicine", "Problem-based learning in Health", "problem-based-learning", "embedded", "Health and Nursing",
         "Eight people, one patient case, two meetings a week: find out together what you need to know.",
         "Tuesdays",
         "Future clinicians learn to think together before they have to.",
         "First-year students of Health Sciences.",
         "A way of working you will use for the rest of your life.",
         5, 8, 5, (1,), 10, ("Seminar 1", "Seminar 4"), ("HEA1100 Cases 1",), ("Chest pain", "Breathlessness", "Fatigue", "Learning goals"),
         policy="roster", turnout=0.88, is_open=False),
    Plan("student-ambassadors", "Student ambassadors", "ambassadors", "extra", "Marketing and Recruitment",
         "Show visitors your Aberwen, and be paid for it. Shifts for open days, schools and calls.",
         "Shifts through the year",
         "Nobody tells it better than those who study here.",
         "Students of every faculty, chosen to be as varied as our visitors.",
         "Paid, flexible, trained, and good company.",
         4, 15, 8, (2,), 9, ("Visitor centre", "Online"), ("",), ("Open day", "School visit", "Calling"), every=3, policy="invitation", turnout=0.45,
         values=("motivational", "respectful", "accountable"), is_open=False),
    Plan("cylch-astudio", "Cylch Astudio", "academic-societies", "co", "Arts and Humanities",
         "Study through the medium of Welsh with others who do: writing, revising, and the words nobody taught you.",
         "Wednesdays",
         "Learning in your own language is easier in company.",
         "Students taking modules in Welsh, whatever their level.",
         "Cymraeg every week, and people to write with.",
         3, 12, 5, (2,), 17, ("Pantycelyn lounge",), ("Ysgrifennu", "Adolygu"), ("Academic Welsh", "Essay plans", "Revision"), every=2, policy="open", state="evaluating", turnout=0.6,
         words={"session_word": "circle", "sessions_word": "circles"}),
    Plan("curriculum-partners", "Curriculum partners", "partners", "extra", "Education and Social Work",
         "Redesign a module with the people who teach it. Paid, and your name on the result.",
         "From February",
         "Courses are better when those who take them help to make them.",
         "Students of Education and Social Work who took the module in question.",
         "Paid hours, a say that counts, and something to show.",
         2, 4, 3, (3,), 14, ("Education 1.20",), ("",), ("Assessment design", "Reading lists"), state="design", turnout=0.9, values=("collaborative", "reciprocal", "exploratory"), is_open=False),
)  # fmt: skip

UNITS = (
    ("Arts and Humanities", "faculty", ("Art", "English", "History", "Welsh")),
    ("Business and Law", "faculty", ("Business School", "Law")),
    ("Education and Social Work", "faculty", ("Education", "Social Work")),
    ("Engineering and Computing", "faculty", ("Computer Science", "Civil Engineering", "Mechanical Engineering")),
    ("Health and Nursing", "faculty", ("Nursing", "Health Sciences")),
    ("Science", "faculty", ("Chemistry", "Mathematics", "Biosciences")),
    ("Student Support and Wellbeing", "service", ()),
    ("Marketing and Recruitment", "service", ()),
    ("Aberwen Students’ Union", "students_union", ()),
)

SERVICES = (
    ("Emergency: campus security", "Somebody is in danger on campus now", "Day and night", "01970 111 000", True),
    (
        "Wellbeing service",
        "Stress, anxiety, low mood, or when something has happened",
        "Monday to Friday, 9:00 to 17:00",
        "01970 111 200",
        True,
    ),
    ("Samaritans", "Someone to listen, at any hour", "Day and night", "116 123", True),
    (
        "Maths support centre",
        "Mathematics and statistics for any course",
        "Monday to Thursday, 10:00 to 16:00",
        "01970 111 310",
        False,
    ),
    (
        "Disability and dyslexia",
        "Adjustments, assessments and assistive technology",
        "Monday to Friday, 9:00 to 16:30",
        "01970 111 320",
        False,
    ),
    (
        "Money advice",
        "Budgeting, hardship funds, student finance",
        "Monday to Friday, 10:00 to 15:00",
        "01970 111 330",
        False,
    ),
    (
        "International student advice",
        "Visas, working hours, settling in",
        "Monday to Friday, 10:00 to 16:00",
        "01970 111 340",
        False,
    ),
    (
        "Students’ Union advice",
        "Appeals, housing, complaints: independent of the university",
        "Monday to Friday, 10:00 to 16:00",
        "01970 111 350",
        False,
    ),
    (
        "Academic writing centre",
        "Essays, referencing, presentations",
        "Monday to Friday, 9:30 to 16:30",
        "01970 111 360",
        False,
    ),
    ("Careers", "CVs, placements, interviews", "Monday to Friday, 9:00 to 17:00", "01970 111 370", False),
)

EXPECTATIONS = "Come on time, or say so a day before. What is said in the group stays there. Help each other to think; nobody has to know it already."
RESPONSIBILITIES = "Prepare each session. Welcome everyone. Turn questions back to the group. Keep the register within two days. Tell your supervisor when something worries you. Come to supervision."
BOUNDARIES = "Leaders guide, they do not teach or mark. They do not give answers to assessed work, lend money, give lifts, or keep secrets about somebody’s safety. Contact is through university channels, on weekdays."
PROCESS = "You ask to join, the coordinator puts you in a group, and your first session is the week after. Come as often as it helps you; nobody counts against you."
GOALS = "More students continue into their second year. Students from every background feel that they belong here."
VISION = "Every student at Aberwen has learned from another student, and has helped another to learn."
REFERRALS = (
    ("Counselling or advice about mental health", "Wellbeing service"),
    ("Help with money", "Money advice"),
    ("Advice on appeals and complaints", "Students’ Union advice"),
    ("Adjustments for a disability", "Disability and dyslexia"),
)
SUBJECTS = (
    "Physics", "Mathematics", "Economics", "Psychology", "Geography", "Law", "History", "Biology", "Statistics", "Philosophy", "Politics", "Music", "Sociology",
    "Architecture", "Linguistics", "Pharmacy", "Accounting", "Marketing", "Film", "Archaeology", "Astronomy", "Geology", "Education", "Theology", "Design",
)  # fmt: skip
