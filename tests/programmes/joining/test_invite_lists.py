"""Lists as people really upload them: what can be used is used, everything else gets a sentence at its row or field."""

import pytest

from programmes.rosters.errors import RosterError
from programmes.services.invite_lists import LIST_LIMIT, read_invite_list

HEAD = "First,Last,Email\n"
ONE = [(2, "jo@example.org", "Jo Visitor")]

GOOD = {
    "plain": (f"{HEAD}Jo,Visitor,jo@example.org\n".encode(), ONE),
    "with a byte order mark": (f"\ufeff{HEAD}Jo,Visitor,jo@example.org\n".encode(), ONE),
    "utf-16": (f"{HEAD}Jo,Visitor,jo@example.org\n".encode("utf-16"), ONE),
    "windows-1252": (f"{HEAD}Zoë,Müller,zoe@example.org\n".encode("cp1252"), [(2, "zoe@example.org", "Zoë Müller")]),
    "semicolons": (b"First;Last;Email\nJo;Visitor;jo@example.org\n", ONE),
    "tabs": (b"First\tLast\tEmail\nJo\tVisitor\tjo@example.org\n", ONE),
    "other headings": (b"Forename,Surname,E-mail address\nJo,Visitor,jo@example.org\n", ONE),
    "headings in Welsh order": (b"Email,Last,First\njo@example.org,Visitor,Jo\n", ONE),
    "capitals and spaces": (f"{HEAD} Jo , Visitor , JO@Example.ORG \n".encode(), ONE),
    "windows line ends": (b"First,Last,Email\r\nJo,Visitor,jo@example.org\r\n", ONE),
    "blank lines": (f"{HEAD}\n\nJo,Visitor,jo@example.org\n\n".encode(), [(4, "jo@example.org", "Jo Visitor")]),
    "a title above the headings": (f"People to invite\n\n{HEAD}Jo,Visitor,jo@example.org\n".encode(), None),
    "address only": (b"Email\njo@example.org\n", [(2, "jo@example.org", "")]),
    "mailto": (f"{HEAD}Jo,Visitor,mailto:jo@example.org\n".encode(), ONE),
    "a comma in quotes": (
        f'{HEAD}Jo,"Visitor, Dr",jo@example.org\n'.encode(),
        [(2, "jo@example.org", "Jo Visitor, Dr")],
    ),
    "more columns than asked for": (b"First,Last,Email,Shoe size\nJo,Visitor,jo@example.org,38\n", ONE),
}

BAD_ROWS = {
    "no at sign": ("Jo,Visitor,nobody", "bad_email"),
    "two at signs": ("Jo,Visitor,jo@example@org", "several_addresses"),
    "two addresses": ('Jo,Visitor,"jo@example.org; sam@example.org"', "several_addresses"),
    "no top level": ("Jo,Visitor,jo@localhost", "bad_email"),
    "a space inside": ("Jo,Visitor,jo visitor@example.org", "bad_email"),
    "a hidden character": ("Jo,Visitor,jo\u200b@example.org", "invisible_character"),
    "a Cyrillic letter": ("Jo,Visitor,jo@ex\u0430mple.org", "lookalike"),
    "no address": ("Jo,Visitor,", "no_email"),
    "an Excel error": ("Jo,#N/A,jo@example.org", "excel_error"),
    "a formula for a name": ("=HYPERLINK(1),Visitor,jo@example.org", "formula"),
    "too many cells": ("Jo,Visitor,Dr,jo@example.org", "wrong_width"),
    "a name without end": (f"{'J' * 200},Visitor,jo@example.org", "too_long"),
    "a control character": ("J\x07o,Visitor,jo@example.org", "control_character"),
    "header injection": ('Jo,Visitor,"jo@example.org\nBcc: all@example.org"', "*"),
}

BAD_FILES = {
    "empty": (b"", "empty"),
    "only spaces": (b" \n \n", "empty"),
    "headings only": (HEAD.encode(), "no_rows"),
    "no address column": (b"First,Last\nJo,Visitor\n", "no_email_column"),
    "numbers instead of addresses": (b"First,Last,Student ID\nJo,Visitor,00417733\n", "no_email_column"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "*"),
    "a PDF": (b"%PDF-1.7 stuff", "not_text"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
    "a web page": (b"<!DOCTYPE html><table><tr><td>Email</td></tr></table>", "web_page"),
    "JSON": (b'[{"email": "jo@example.org"}]', "json"),
    "the column twice": (b"Email,Email\njo@example.org,sam@example.org\n", "heading_twice"),
    "a zip of something": (b"PK\x03\x04" + b"\0" * 60, "*"),
    "no headings": (b"jo@example.org\nsam@example.org\n", "*"),
    "too large": (b"x" * (LIST_LIMIT + 1), "too_large"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_list_is_read_whatever_wrote_it(name):
    content, expected = GOOD[name]
    rows, rejected = read_invite_list("people.csv", content)
    assert rejected == []
    found = [(row.row, row.email, row.name) for row in rows]
    assert found == expected if expected else [email for _row, email, _name in found] == ["jo@example.org"]


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_left_out_with_a_sentence_and_the_others_stay(name):
    line, code = BAD_ROWS[name]
    rows, rejected = read_invite_list("people.csv", f"{HEAD}Sam,Other,sam@example.org\n{line}\n".encode())
    assert [row.email for row in rows] == ["sam@example.org"]
    assert [bad.row for bad in rejected] == [3]
    assert code in {"*", rejected[0].code}
    assert rejected[0].message.endswith((".", "?"))


def test_a_repeated_address_invites_once_and_a_contradiction_is_told():
    lines = "Jo,Visitor,jo@example.org\nJo,Visitor,JO@example.org\nJoe,Other,jo@example.org\n"
    rows, rejected = read_invite_list("people.csv", f"{HEAD}{lines}".encode())
    assert [(row.row, row.email) for row in rows] == [(2, "jo@example.org")]
    assert [(bad.row, bad.code) for bad in rejected] == [(3, "repeated"), (4, "email_twice")]


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_says_why(name):
    content, code = BAD_FILES[name]
    with pytest.raises(RosterError) as refusal:
        read_invite_list("people.csv", content)
    assert code in {"*", refusal.value.code}
    assert str(refusal.value.message)


@pytest.mark.parametrize("row", ["{0},Ben,Hughes,ben{0}@example.org\n", "{0},Ben,Hughes,\n"])
def test_a_list_far_too_long_is_not_read_to_its_end(row):
    """It is read while somebody waits for the page: a packed workbook of 2 MB can hold 300,000 rows."""
    content = "Student ID,First,Last,Email\n" + "".join(row.format(number) for number in range(2001)) + '"never closed'
    with pytest.raises(RosterError) as refusal:
        read_invite_list("list.csv", content.encode())
    assert refusal.value.code == "too_many"
