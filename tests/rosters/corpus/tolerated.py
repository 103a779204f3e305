"""Files that look odd and are fine: (name, file name, how to make it, the people that come out)."""

from tests.rosters.corpus.archives import packed
from tests.rosters.corpus.case import Make
from tests.rosters.corpus.workbooks import workbook

LIST = "Student ID,First name,Surname,Email\n00417733,Zoë,Ŵyn,ZOE@Aberwen.ac.uk\n"
WINDOWS = "Student ID,First name,Surname,Email\n00417733,Zoë,Ŵyn,ZOE@Aberwen.ac.uk\n".replace("Ŵyn", "Wyn’s")
ZOE = ("00417733", "zoe@aberwen.ac.uk", "Zoë", "Ŵyn")
ZOE_W = ("00417733", "zoe@aberwen.ac.uk", "Zoë", "Wyn’s")
BEN = ("00417733", "ben@aberwen.ac.uk", "Ben", "Okafor")
MOODLE = (
    '"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: Lab",'
    '"Feedback: Lab","Course total","Last downloaded from this course"\n'
    'Ben,Okafor,00417733,,Chemistry,ben@aberwen.ac.uk,"-","","61.0",1790000000\n'
)
MOODLE_FR = "Prénom;Nom;Numéro d'identification;Adresse de courriel\nBen;Okafor;00417733;ben@aberwen.ac.uk\n"
MOODLE_DE = "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nBen;Okafor;00417733;ben@aberwen.ac.uk\n"
MOODLE_CY = "Enw cyntaf,Cyfenw,Rhif adnabod,Cyfeiriad e-bost\nBen,Okafor,00417733,ben@aberwen.ac.uk\n"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Essay (12),Current Score\n,,,,,Manual Posting,\n"
    '"    Points Possible",,,,,10,(read only)\n"Okafor, Ben",77,00417733,ben1,CHEM 1,8,80\n'
    '"Student, Test",9,,x,CHEM 1,,\n'
    '"Okafor, Ben",77,00417733,ben1,CHEM 2,8,80\n'
)
HESA = (
    "OWNSTU,SID,SURNAME,FNAMES,BIRTHDTE,SEXID,ETHNIC,DISABILITY,EMAIL,COURSEID,STATUS\n"
    "00417733,2211,Okafor,Ben,2005-02-01,11,120,08;55,ben@aberwen.ac.uk,CHEM,active\n"
)
OFFSET = (
    "Class list CHEM101\nGenerated,4 November 2026\n\n"
    "Student ID,First name,Surname,Email\n00417733,Ben,Okafor,ben@aberwen.ac.uk\n"
)

Tolerated = tuple[str, str, Make, tuple[str, str, str, str]]

TOLERATED: tuple[Tolerated, ...] = (
    ("UTF-8", "list.csv", LIST, ZOE),
    ("UTF-8 with a mark", "list.csv", LIST.encode("utf-8-sig"), ZOE),
    ("UTF-16 with a mark", "list.csv", LIST.encode("utf-16"), ZOE),
    ("UTF-16 little-endian, no mark", "list.csv", LIST.encode("utf-16-le"), ZOE),
    ("UTF-16 big-endian, no mark", "list.csv", LIST.encode("utf-16-be"), ZOE),
    ("Windows text", "list.csv", WINDOWS.encode("cp1252"), ZOE_W),
    ("accents as separate marks", "list.csv", LIST.replace("Zoë", "Zoe\u0308").replace("Ŵ", "W\u0302"), ZOE),
    ("semicolons", "list.csv", LIST.replace(",", ";"), ZOE),
    ("tabs", "list.tsv", LIST.replace(",", "\t"), ZOE),
    ("bars", "list.txt", LIST.replace(",", "|"), ZOE),
    ("Windows line ends", "list.csv", LIST.replace("\n", "\r\n"), ZOE),
    ("old Mac line ends", "list.csv", LIST.replace("\n", "\r"), ZOE),
    ("Excel's hint", "list.csv", "sep=;\r\n" + LIST.replace(",", ";"), ZOE),
    ("wrong extension", "list.dat", LIST, ZOE),
    ("nameless trailing columns", "list.csv", LIST.replace("\n", ",,\n"), ZOE),
    ("blank lines", "list.csv", LIST.replace("\n", "\n\n,,,\n  \n"), ZOE),
    ("title above the headings", "list.csv", OFFSET, BEN),
    ("hard spaces", "list.csv", LIST.replace("Zoë", "\u00a0Zoë "), ZOE),
    ("number kept as text by Excel", "list.csv", LIST.replace("00417733", '"=""00417733"""'), ZOE),
    ("headings in capitals", "list.csv", LIST.replace("Student ID,First name", "STUDENT_ID, FIRST NAME "), ZOE),
    ("last, first in one column", "list.csv", 'Name,Student no,Email\n"Okafor, Ben",00417733,ben@aberwen.ac.uk\n', BEN),
    ("Moodle", "grades.csv", MOODLE, BEN),
    ("Moodle in French", "notes.csv", MOODLE_FR, BEN),
    ("Moodle in German", "bewertungen.csv", MOODLE_DE, BEN),
    ("Moodle in Welsh", "graddau.csv", MOODLE_CY, BEN),
    ("Canvas", "gradebook.csv", CANVAS, ("00417733", "", "Ben", "Okafor")),
    ("HESA", "students.csv", HESA, BEN),
    ("one list in a zip", "pack.zip", packed(("export/list.csv", LIST)), ZOE),
    (
        "Excel",
        "list.xlsx",
        workbook(["Student ID", "First name", "Surname", "Email"], ["00417733", "Zoë", "Ŵyn", "zoe@aberwen.ac.uk"]),
        ZOE,
    ),
    (
        *("number with leading zeros by format", "list.xlsx"),
        workbook(
            ["Student ID", "First name", "Surname", "Email"],
            [417733, "Zoë", "Ŵyn", "zoe@aberwen.ac.uk"],
            formats={"A2": "00000000"},
        ),
        ZOE,
    ),
    (
        "2 to the power of 63",
        "list.csv",
        "Student ID,Email\n9223372036854775808,a@b.uk\n",
        ("9223372036854775808", "a@b.uk", "", ""),
    ),
)
