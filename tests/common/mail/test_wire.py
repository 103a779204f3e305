"""The bytes: what a mail program, written by others, reads back from them."""

from email import message_from_bytes, policy

import pytest
from django.template.loader import get_template
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common.mail.wire import Attachment, Mould, UnusableAddress, Wire, envelope_address, folded, hole, wrapped

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=300)


def wire(**parts):
    plain = {
        "message_id": "<01234567-89ab-cdef-0123-456789abcdef@peerhub.example>",
        "sender": "no-reply@peerhub.example",
        "from_header": "PeerHub <no-reply@peerhub.example>",
        "to": "ben@student.aberwen.ac.uk",
        "subject": "A session tomorrow",
        "text": "Hello Ben\n",
        "html": "<p>Hello Ben</p>\n",
    }
    return Wire(**{**plain, **parts})


def read(sent, *, eight_bit=True):
    raw = sent.as_bytes(eight_bit=eight_bit)
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    if not eight_bit:
        assert raw.isascii()
    return message_from_bytes(raw, policy=policy.default)


def part(parsed, subtype):
    return parsed.get_body((subtype,)).get_content().replace("\r\n", "\n")


@given(subject=TEXT, text=TEXT, html=TEXT)
@pytest.mark.parametrize("eight_bit", [True, False])
def test_any_words_arrive_as_they_were(eight_bit, subject, text, html):
    subject = " ".join(subject.split())
    parsed = read(wire(subject=subject, text=f"{text}\n", html=f"{html}\n"), eight_bit=eight_bit)
    assert " ".join(parsed["Subject"].split()) == subject
    assert part(parsed, "plain").splitlines() == f"{text}\n".splitlines()
    assert part(parsed, "html").splitlines() == f"{html}\n".splitlines()


def test_a_very_long_word_does_not_break_a_line():
    parsed = read(wire(text="x" * 5000 + "\n"))
    assert part(parsed, "plain") == "x" * 5000 + "\n"


@given(name=st.text(max_size=80))
def test_no_name_can_add_a_header(name):
    subject, _, _ = Mould(f"Hello {hole('name')}", "x", "x").fill({"name": name})
    parsed = read(wire(subject=subject))
    assert set(parsed.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}


def test_fill_escapes_in_html_and_only_there():
    mould = Mould(hole("name"), hole("name"), f"<p>{hole('name')}</p>")
    subject, text, html = mould.fill({"name": "<b>Ana & Bo</b>"})
    assert (subject, text.strip()) == ("<b>Ana & Bo</b>", "<b>Ana & Bo</b>")
    assert html == "<p>&lt;b&gt;Ana &amp; Bo&lt;/b&gt;</p>"


def test_headers_of_one_click_unsubscription():
    parsed = read(
        wire(headers={"List-Unsubscribe": "<https://x/u/t/>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    )
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@given(st.lists(st.text("ab <>=\"'", max_size=900), max_size=5))
def test_folding_only_turns_spaces_into_newlines(lines):
    html = "\n".join(lines)
    assert folded(html).replace("\n", " ") == html.replace("\n", " ")


def test_folding_leaves_quoted_values_whole():
    cell = """<td class="mu" style="font-family:'Segoe UI', Roboto; color:#000">a b</td>"""
    found = folded(cell * 40)
    assert found.count("font-family:'Segoe UI', Roboto; color:#000") == 40
    assert max(map(len, found.split("\n"))) <= 500


def test_folding_reaches_every_line_of_the_frame():
    html = folded(
        get_template("emails/common/test_message.html").render({"recipient_name": "Ben", "url": "https://x/"})
    )
    assert max(map(len, html.split("\n"))) < 900


def test_wrapped_keeps_addresses_whole():
    url = "https://peerhub.aberwen.ac.uk/" + "x" * 100
    assert url in wrapped(f"{'word ' * 30}{url} {'word ' * 30}").split()


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("ben@student.aberwen.ac.uk", "ben@student.aberwen.ac.uk"),
        ("siân@aberwen.ac.uk", "siân@aberwen.ac.uk"),
        ("ben@prifysgol-môn.cymru", "ben@xn--prifysgol-mn-oib.cymru"),
        ("o'brien+pass@aberwen.ac.uk", "o'brien+pass@aberwen.ac.uk"),
    ],
)
def test_envelope_address_of_usable_ones(address, envelope):
    assert envelope_address(address) == envelope


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ben",
        "@x.org",
        "ben@",
        "ben@x y.org",
        "a b@x.org",
        "ben@x.org>\r\nRCPT TO:<eve@x.org",
        "<ben@x.org>",
        "a,b@x.org",
    ],
)
def test_envelope_address_refuses_what_smtp_cannot_say(address):
    with pytest.raises(UnusableAddress):
        envelope_address(address)


def test_fill_takes_a_typed_hole_for_words():
    """Somebody named their programme with our sign: their mails are written, not lost."""
    mould = Mould(f"{hole('nope')}Buddies", "Hello\n", "<p>Hello</p>")
    assert mould.fill({"url": "x"})[0].strip() == "Buddies"


@given(text=TEXT)
@pytest.mark.parametrize("eight_bit", [True, False])
def test_a_file_arrives_beside_the_words(eight_bit, text):
    file = Attachment("session.ics", "calendar", f"BEGIN:VCALENDAR\r\n{text}\r\n", (("method", "PUBLISH"),))
    parsed = read(wire(attachment=file), eight_bit=eight_bit)
    assert parsed.get_content_type() == "multipart/mixed"
    assert part(parsed, "plain") == "Hello Ben\n"
    assert part(parsed, "html") == "<p>Hello Ben</p>\n"
    (found,) = parsed.iter_attachments()
    assert found.get_content_type() == "text/calendar"
    assert found.get_filename() == "session.ics"
    assert found.get_param("method") == "PUBLISH"
    assert found.get_content().replace("\r\n", "\n") == f"BEGIN:VCALENDAR\n{text}\n"


def test_a_mail_without_a_file_is_made_as_before():
    assert read(wire()).get_content_type() == "multipart/alternative"
