"""What the demo's adverts say, what applicants wrote, and what assessors saw in it."""

ADVERT = {
    "purpose": "Students find their feet sooner when somebody one year ahead sits beside them. You are that person: "
    "not a teacher, but a guide who remembers how it was.",
    "tasks": "Plan and lead one session a week with a second leader. Ask more than you tell. Log each session in half "
    "a minute, and say when somebody needs more than a peer can give.",
    "hours": "Three hours a week in teaching weeks: one with your group, one to prepare, one with the other leaders. "
    "Nothing in exam weeks.",
    "reward": "£12.60 an hour, also for training, and a line in your HEAR.",
    "training_dates": "Two days before term, 9:30 to 16:00, in Library 3, and two evenings online. Lunch is there. "
    "If you cannot come, there is a second date.",
    "eligibility": "",
    "how_selected": "Two people, one of them a student, score what you write. Those on the shortlist are invited to "
    "talk for twenty minutes. Everybody hears within four weeks of the closing, with reasons.",
    "adjustments": "You can apply by video or in a conversation instead of in writing: tell us before the closing.",
    "contact": "The point person named on the programme’s page. You get an answer within two working days.",
    "guarantees_interview": True,
}
QUESTIONS = (
    ("Tell us about a time you helped someone learn something hard. What did you do, and what would you change?",
     "It need not be at university."),
    ("What would you do if two people in your group did all the talking?", ""),
)  # fmt: skip
# Name, what strong evidence looks like, weight, essential.
CRITERIA = (
    ("Facilitating", "Asks or listens, notices what the learner needs, and changes approach", 3, True),
    ("Including everybody", "Makes room for those who say little, without putting them on the spot", 2, True),
    ("Reflecting", "Says what did not work, and what they would do instead", 2, False),
    ("Reliability", "Tells of something they kept going over weeks", 1, False),
)
ANSWERS = (
    (
        (
            "My flatmate was failing circuits and I was doing fine, so I kept explaining it louder. It did not work. What "
            "worked was asking her to draw what she thought was happening, and then I could see the one wire she had wrong "
            "in her head.\n\nI would start with the drawing next time. I also think I enjoyed being the one who knew, and "
            "I had to stop that."
        ),
        (
            "I am %(given)s, and I taught my little brother to swim at the pool in SY23 3BF. He was scared of the deep "
            "end. We made a game of how long he could keep his face in the water, and he set the times himself."
        ),
        (
            "At Ysgol Penglais I ran a homework club on Thursdays for a whole year. Most weeks I planned too much. When I "
            "cut it to one problem and let them argue about it, they stayed longer."
        ),
        (
            "As a mother of two I have explained fractions more often than I can count. Pizza works. What I would change: "
            "I used to answer my own questions when nobody spoke for five seconds."
        ),
        (
            "I volunteer at the repair café. People want you to fix it for them. I hand them the screwdriver and ask what "
            "they would try. It takes twice as long and they come back able to do it."
        ),
    ),
    (
        (
            "I would thank them and ask everybody to write one thing down first, then go round. Nobody has to read theirs "
            "out. After the session I would ask the two quiet ones what would make it easier."
        ),
        (
            "Give the talkers a job: one keeps time, one collects questions. It turned out in my seminar that they talk "
            "because they are nervous about silence."
        ),
        (
            "I would split the group into pairs for ten minutes. I would not call on people by name, because I hated that "
            "when I was new here as a Polish student."
        ),
        (
            "Agree at the start how we talk with each other, and point at it when it happens. If it goes on, have a word "
            "alone, kindly."
        ),
    ),
)
EVIDENCE = (
    "Asks the learner to show what they think before explaining.",
    "Gives one clear example, little on what the other person needed.",
    "Says what went wrong and what they would do first next time.",
    "Makes room for quiet people without naming them.",
    "Kept it going for a whole year, and says how.",
)
