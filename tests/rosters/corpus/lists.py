"""Text files: encodings, quotes, shapes, and cells that are not what they look like."""

from tests.rosters.corpus.case import ALSO, GOOD, HEAD, Case, row

LIST = HEAD + GOOD
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n"


def _bad_cell(name: str, code: str, message: str, line: str) -> Case:
    return Case(name, "list.csv", LIST + line, code, message, row=3, people=1)


def _warned(name: str, code: str, message: str, line: str) -> Case:
    return Case(name, "list.csv", LIST + line, code, message, row=3, people=2, warning=True)


WHOLE = (
    Case("zero bytes", "list.csv", b"", "empty", "The file is empty (0 bytes)."),
    Case("only a byte order mark", "list.csv", b"\xef\xbb\xbf\r\n", "empty", "The file is empty."),
    Case("headings only", "list.csv", HEAD, "no_rows", "There are headings but no people below them."),
    Case("NUL inside", "list.csv", (LIST + "0041\0,A,B,\n").encode(), "not_text", "The file holds zero bytes"),
    Case("random bytes", "list.csv", bytes(range(256)) * 40, "not_text", "The file holds zero bytes"),
    Case(
        "neither UTF-8 nor cp1252",
        "list.csv",
        (LIST + "1,Z\x81,B,\n").encode("latin-1"),
        "encoding",
        "Line 3 holds bytes",
        row=3,
    ),
    Case(
        "UTF-8 mark, other bytes",
        "list.csv",
        b"\xef\xbb\xbf" + LIST.encode() + b"1,Zo\xeb,B,\n",
        "encoding",
        "says it is UTF-8",
    ),
    Case("UTF-16 cut in half", "list.csv", LIST.encode("utf-16")[:-1], "encoding", "cut off or not valid UTF-16"),
    Case("UTF-32", "list.csv", LIST.encode("utf-32"), "encoding", "Save it as “CSV UTF-8”."),
    Case(
        "quote never closed",
        "list.csv",
        LIST + '3,"Sian,Rees,s@aberwen.ac.uk\n',
        "quotes",
        "Row 3 opens a quotation mark that is never closed.",
        row=3,
    ),
    Case(
        "text after a quote",
        "list.csv",
        LIST + '3,"Si"an,Rees,\n',
        "quotes",
        "Row 3 has text straight after a closing quotation mark.",
        row=3,
    ),
    Case(
        "cell of 10 MB",
        "list.csv",
        LIST + f"3,{'x' * 10_000_000},Rees,\n",
        "long_line",
        "A row is longer than a million characters.",
    ),
    Case(
        "cell over many lines",
        "list.csv",
        LIST + '3,"' + "x\n" * 100_000 + '",R,\n',
        "huge_cell",
        "Row 3 has a cell of more than 130,000 characters",
        row=3,
    ),
    Case(
        "a million columns",
        "list.csv",
        HEAD.strip() + "," * 1_000_000 + "\n" + GOOD,
        "too_many_columns",
        "more than 400 columns",
    ),
    Case(
        "five hundred columns",
        "list.csv",
        HEAD.strip() + ",x" * 500 + "\n" + GOOD,
        "too_many_columns",
        "more than 400 columns",
    ),
    Case("no headings", "list.csv", GOOD + ALSO, "no_header", "No row of headings was found"),
    Case(
        "nobody can be told apart",
        "list.csv",
        "First name,Surname\nBen,Okafor\n",
        "no_key",
        "people cannot be told apart. Found: First name, Surname.",
    ),
    Case(
        "heading twice",
        "list.csv",
        "Email,Name,Email\na@b.uk,A,c@d.uk\n",
        "heading_twice",
        "Two columns are called “Email” (columns 1, 3).",
    ),
    Case("EICAR", "list.csv", EICAR, "no_header", "No row of headings was found"),
    Case("PDF", "list.csv", b"%PDF-1.7\n" + b"\n" * 60, "not_text", "This is not a table."),
    Case("PNG", "list.csv", b"\x89PNG\r\n\x1a\n<html>", "not_text", "This is not a table."),
    Case(
        "PNG and HTML in one",
        "list.html",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        "not_text",
        "This is not a table.",
    ),
    Case("SVG with a script", "list.csv", "<svg onload=alert(1)></svg>", "web_page", "This is a web page or XML"),
    Case(
        "web page named xls",
        "list.xls",
        "\ufeff<html><table><tr><td>Email</td></tr></table>",
        "web_page",
        "choose “Export as CSV”",
    ),
    Case("JSON", "list.csv", '[{"email": "a@b.uk"}]', "json", "This is JSON, not a table."),
    Case(
        "old Excel",
        "list.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "old_excel",
        "an old Excel workbook (.xls)",
    ),
    Case("no such file", "list.csv", lambda path: None, "missing", "There is no file or folder with this name."),
    Case(
        "binary after a fine start",
        "list.csv",
        (HEAD + GOOD * 4000).encode() + b"\x81\x8d",
        "encoding",
        "Line 4002 holds bytes",
        row=4002,
    ),
)

CELLS = (
    _bad_cell(
        "other separator in one row", "wrong_width", "This row uses another separator", "3;Sian;Rees;s@aberwen.ac.uk\n"
    ),
    _bad_cell(
        "comma without quotes",
        "wrong_width",
        "This row has 5 cells where the headings have 4.",
        "3,Sian,Rees, Jr,s@aberwen.ac.uk\n",
    ),
    _bad_cell(
        "neither number nor address", "no_key", "neither a student number nor an e-mail address", ",Sian,Rees,\n"
    ),
    _bad_cell(
        "not an address", "bad_email", "“sian(at)aberwen” is not an e-mail address.", row(email="sian(at)aberwen")
    ),
    _bad_cell("two dots", "bad_email", "is not an e-mail address", row(email="sian..rees@aberwen.ac.uk")),
    _bad_cell("several addresses", "several_addresses", "this cell holds several", row(email="s@a.uk; r@a.uk")),
    _bad_cell(
        "zero-width space in an address",
        "invisible_character",
        "(U+200B ZERO WIDTH SPACE)",
        row(email="si\u200ban@aberwen.ac.uk"),
    ),
    _bad_cell(
        "text direction turned in an address",
        "invisible_character",
        "(U+202E RIGHT-TO-LEFT OVERRIDE)",
        row(email="\u202eku.ca@nais"),
    ),
    _bad_cell(
        "Cyrillic а in an address",
        "lookalike",
        "(U+0430 CYRILLIC SMALL LETTER A)",
        row(email="si\u0430n@aberwen.ac.uk"),
    ),
    _bad_cell(
        "full-width address", "lookalike", "(U+FF20 FULLWIDTH COMMERCIAL AT)", row(email="sian\uff20aberwen.ac.uk")
    ),
    _bad_cell(
        "accent in an address",
        "lookalike",
        "(U+00E2 LATIN SMALL LETTER A WITH CIRCUMFLEX)",
        row(email="si\u00e2n@aberwen.ac.uk"),
    ),
    _bad_cell(
        "scientific number",
        "scientific_number",
        "Excel has shortened this number to “4.18E+07”.",
        row(number="4.18E+07"),
    ),
    _bad_cell("date for a number", "date_for_text", "Excel has made a date of this (“20-Oct”).", row(number="20-Oct")),
    _bad_cell("NaN for a number", "not_an_identifier", "“NaN” is not an identifier.", row(number="NaN")),
    _bad_cell("spreadsheet error", "excel_error", "“#N/A” is an error of the spreadsheet", row(number="#N/A")),
    _bad_cell(
        "spreadsheet error as a name", "excel_error", "“#REF!” is an error of the spreadsheet", row(family="#REF!")
    ),
    _bad_cell("formula as a name", "formula", "looks like a formula, not a name", row(given="=HYPERLINK(1)")),
    _bad_cell("formula as a number", "formula", "looks like a formula, not an identifier", row(number="+1+cmd")),
    _bad_cell("control character", "control_character", "a character that cannot be shown", row(given="Si\x07an")),
    _bad_cell(
        "name too long", "too_long", "This is 300 characters long; 120 is the most we keep.", row(family="R" * 300)
    ),
    _bad_cell(
        "number too long", "too_long", "This is 400 characters long; 160 is the most we keep.", row(number="9" * 400)
    ),
    _bad_cell(
        "hidden character in a number",
        "invisible_character",
        "(U+200E LEFT-TO-RIGHT MARK)",
        row(number="0041\u200e7735"),
    ),
    _bad_cell(
        "same number, other name",
        "number_twice",
        "Row 2 already has this student number, with other details.",
        row(number="00417733"),
    ),
    _bad_cell(
        "same address, other number",
        "email_twice",
        "Row 2 already has this e-mail address",
        row(email="BEN.okafor@student.aberwen.ac.uk"),
    ),
    _warned("1E5", "maybe_scientific", "“1E5” may be a number shortened by Excel.", row(number="1E5")),
    _warned("1e309", "maybe_scientific", "“1e309” may be a number shortened by Excel.", row(number="1e309")),
    _warned("NULL for a name", "says_nothing", "“NULL” may mean “no value”.", row(given="NULL")),
    _warned("broken accents", "mojibake", "looks as if accents were broken", row(given="Zo\u00c3\u00ab")),
    _warned(
        "text direction turned in a name",
        "invisible_character",
        "were taken out (U+202E RIGHT-TO-LEFT OVERRIDE)",
        row(given="\u202eSian"),
    ),
    Case(
        "the same row again", "list.csv", LIST + GOOD, "repeated", "It was counted once.", row=3, people=1, warning=True
    ),
    Case(
        "band made a date",
        "list.csv",
        "Email,Group\na@b.uk,20-Oct\n",
        "date_for_text",
        "may be a range that Excel turned into a date",
        row=2,
        people=1,
        warning=True,
    ),
    Case(
        "sensitive columns",
        "list.csv",
        "Email,Password,Ethnicity\na@b.uk,x,31\n",
        "not_stored",
        "not read: Password, Ethnicity.",
        people=1,
        warning=True,
    ),
    Case(
        "unknown status",
        "list.csv",
        "Email,Status\na@b.uk,sabbatical\n",
        "unknown_word:sabbatical",
        "“sabbatical” is a word we do not know here.",
        row=2,
        people=1,
        warning=True,
    ),
)

LISTS = WHOLE + CELLS
