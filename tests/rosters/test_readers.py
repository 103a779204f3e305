"""Whatever the bytes, a reader ends in a table or in a sentence."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from programmes.rosters import sheets
from programmes.rosters.cells import clean_email, clean_identifier, clean_label, clean_text, split_name
from programmes.rosters.dates import parse_date
from programmes.rosters.errors import Refusal, RosterError
from programmes.rosters.headings import FIELDS
from programmes.rosters.mapping import ColumnMapping, guess_mapping
from programmes.rosters.oneroster_words import user_ids
from programmes.rosters.opening import open_roster
from tests.rosters.corpus import CASES, TOLERATED
from tests.rosters.corpus.archives import packed
from tests.rosters.corpus.packages import package
from tests.rosters.corpus.workbooks import LIST as WORKBOOK
from tests.rosters.corpus.workbooks import workbook
from tests.rosters.test_corpus import read_all

SMALL = [case.make for case in CASES if isinstance(case.make, str | bytes) and len(case.make) < 20_000]
SEEDS = [
    make.encode() if isinstance(make, str) else make
    for make in (*SMALL, *(row[2] for row in TOLERATED))
    if not callable(make)
]
CELL = st.text(max_size=30) | st.sampled_from(
    ["Email", "a@b.uk", '"', "=1", "\ufeff", "1E+5", "20-Oct", "\r", "{LDAP:1}", "\x00"]
)


@given(data=st.binary(max_size=600), name=st.sampled_from(["list.csv", "list.xlsx", "list.txt", "pack.zip"]))
@example(data=b"sep=\n", name="list.csv")
@example(data=b"\xff\xfe\n", name="list.csv")
@example(data=b'"\n' * 3, name="list.csv")
@settings(max_examples=120)
def test_read_roster_survives_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    read_all(path)


@given(data=st.data())
@settings(max_examples=120)
def test_read_roster_survives_damaged_files(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A file of the corpus, an Excel workbook or a package with some bytes changed, cut or doubled."""
    seed = bytearray(data.draw(st.sampled_from([*SEEDS, WORKBOOK, package()])))
    for _time in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(seed) - 1)))
        new = data.draw(st.binary(max_size=4))
        seed[at : at + data.draw(st.integers(0, 4))] = new
    path = tmp_path_factory.getbasetemp() / data.draw(st.sampled_from(["damaged.csv", "damaged.xlsx", "damaged.zip"]))
    path.write_bytes(bytes(seed))
    read_all(path)


@given(rows=st.lists(st.lists(CELL, max_size=6), max_size=12), delimiter=st.sampled_from([",", ";", "\t", "|"]))
@settings(max_examples=120)
def test_read_roster_survives_any_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_text(
        "\n".join(delimiter.join(cells) for cells in rows), encoding="utf-8", errors="surrogatepass", newline=""
    )
    people, problems, _refusal = read_all(path)
    for person in people:
        assert person.key or person.email
        assert person.email == person.email.lower()
    assert all(problem.message for problem in problems)


@given(
    tables=st.dictionaries(
        st.sampled_from(["users", "orgs", "classes", "enrollments", "academicSessions", "roles"]),
        st.lists(st.lists(CELL, max_size=8), max_size=5),
    )
)
@settings(max_examples=80)
def test_read_package_survives_any_tables(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, list[list[str]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.zip"
    heads = {"users": "sourcedId,givenName,email,userIds", "roles": "userSourcedId,role,roleType,status"}
    entries = {
        name: (heads.get(name, "sourcedId,title,name,type,startDate,endDate,classSourcedId,userSourcedId") + "\n")
        + "\n".join(",".join(cells) for cells in rows)
        for name, rows in tables.items()
    }
    path.write_bytes(packed(*((f"{name}.csv", text.encode("utf-8", "replace")) for name, text in entries.items())))
    read_all(path)


@given(text=st.text(max_size=200))
@settings(max_examples=200)
def test_cells_end_clean_or_refused(text: str) -> None:
    for clean in (
        clean_email,
        lambda cell: clean_text(cell, _ignore),
        lambda cell: clean_identifier(cell, _ignore),
        lambda cell: clean_label(cell, _ignore),
    ):
        with suppress(Refusal):
            value = clean(text)
            assert not any(ord(char) < 32 for char in value)
            assert "\u202e" not in value


@given(text=st.text(max_size=40))
@settings(max_examples=120)
def test_parse_date_gives_a_date_or_refuses(text: str) -> None:
    with suppress(Refusal):
        found = parse_date(text)
        assert found is None or 1900 <= found.year <= 2100


def _ignore(code: str, message: str) -> None:
    """A warning nobody waits for."""


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-01T18:25:43.511Z",
        "2023-05-01",
        "1/05/2023",
        "01.05.2023",
        "1 May 2023",
        "01-May-2023",
        "2023/5/1",
        "45047",
        "2023-05-01 08:01:05",
    ],
)
def test_parse_date_reads_every_style(text: str) -> None:
    assert parse_date(text) == date(2023, 5, 1)


def test_parse_date_never_guesses_the_order() -> None:
    assert parse_date("5/13/2026", month_first=True) == date(2026, 5, 13)
    with pytest.raises(Refusal):
        parse_date("5/13/2026")


def test_clean_identifier_keeps_leading_zeros() -> None:
    assert clean_identifier("007", _ignore) == "007"
    assert clean_identifier('="0071"', _ignore) == "0071"


def test_user_ids_reads_typed_lists() -> None:
    assert user_ids("{LDAP:12},{LTI:15}") == [("ldap", "12"), ("lti", "15")]
    assert user_ids("abc") == []


def test_split_name_by_comma_or_last_word() -> None:
    assert split_name("Okafor, Ben") == ("Ben", "Okafor")
    assert split_name("Mary Jane Watson") == ("Mary Jane", "Watson")
    assert split_name("Zendaya") == ("Zendaya", "")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            ["First name", "Surname", "Email", "Student ID"],
            {"given_name": "First name", "family_name": "Surname", "email": "Email", "identifier": "Student ID"},
        ),
        (
            ["Student", "ID", "SIS User ID", "Section", "Essay (12)"],
            {"full_name": "Student", "identifier": "SIS User ID", "group": "Section"},
        ),
        (
            ["Name", "Vorname", "Matrikelnummer"],
            {"family_name": "Name", "given_name": "Vorname", "identifier": "Matrikelnummer"},
        ),
        (["Nom", "Prénom", "Courriel"], {"family_name": "Nom", "given_name": "Prénom", "email": "Courriel"}),
        (
            ["Nombre", "Apellido(s)", "Dirección de correo"],
            {"given_name": "Nombre", "family_name": "Apellido(s)", "email": "Dirección de correo"},
        ),
        (["Nome", "Cognome", "Matricola"], {"given_name": "Nome", "family_name": "Cognome", "identifier": "Matricola"}),
        (
            ["SURNAME", "FNAMES", "OWNSTU", "SID"],
            {"family_name": "SURNAME", "given_name": "FNAMES", "identifier": "OWNSTU"},
        ),
        (["x", "y"], {}),
    ],
)
def test_guess_mapping_knows_the_usual_headings(columns: list[str], expected: dict[str, str]) -> None:
    mapping = guess_mapping(columns)
    assert dict(mapping.columns) == expected
    assert set(mapping.columns) <= set(FIELDS)


def test_people_keep_every_group_of_a_repeated_person(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Email,Group\na@b.uk,Red\na@b.uk,Blue; Green\nc@d.uk,\n")
    roster = open_roster(path)
    assert [person.email for person in roster.people()] == ["a@b.uk", "c@d.uk"]
    assert [(enrolment.person, enrolment.group) for enrolment in roster.enrolments()] == [
        ("@a@b.uk", "red"),
        ("@a@b.uk", "blue"),
        ("@a@b.uk", "green"),
        ("@c@d.uk", ""),
    ]
    assert [group.name for group in roster.groups()] == ["Red", "Blue", "Green"]


def test_people_through_a_mapping_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Kennung;Ruf;Kontakt\n007;Mei;MEI@b.uk\n")
    mapping = ColumnMapping({"identifier": "Kennung", "given_name": "Ruf", "email": "Kontakt"}, source="sits")
    roster = open_roster(path, mapping=mapping)
    assert [(person.key, person.given_name, person.email) for person in roster.people()] == [("007", "Mei", "mei@b.uk")]
    assert roster.source == "sits"


def test_workbook_with_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROW_LIMIT", 10)
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(["Email"], *([f"a{number}@b.uk"] for number in range(20))))
    with pytest.raises(RosterError) as refused:
        list(open_roster(path).people())
    assert refused.value.code == "too_many_rows"


def test_workbook_formatted_to_its_end_is_read_to_its_last_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "ENDS_AFTER", 5)
    path = tmp_path / "list.xlsx"
    path.write_bytes(
        workbook(["Email"], ["a@b.uk"], *([" "] for _row in range(4)), ["c@d.uk"], *([" "] for _row in range(9)))
    )
    assert [person.email for person in open_roster(path).people()] == ["a@b.uk", "c@d.uk"]
