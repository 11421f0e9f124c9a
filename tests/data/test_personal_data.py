"""Personal data and secrets: found in usual written forms, told from other numbers, never shown."""

import random

import pytest

from ml_intern.data.credentials import secrets
from ml_intern.data.masking import mask
from ml_intern.data.personal import KINDS
from ml_intern.records.data import Severity

from .conftest import Write, clean_rows, find, need, report

EMAILS = [
    "jane.doe@mail.com", "j_doe+shop@sub.mail.co.uk", "JANE@MAIL.ORG", "o'neil@mail.ie", "jane(at)mail.com",
    "jane [at] mail [dot] com", "müller@firma.de", "jane at gmail dot com", "x@y.io",
]  # fmt: skip
PHONES = [
    "(415) 555-0132", "415-555-0132", "415.555.0132", "415 555 0132", "+1 415 555 0132", "+14155550132",
    "1-800-555-0199", "+1 (415) 555-0132", "+44 20 7946 0958", "020 7946 0958", "(020) 7946 0958",
    "07700 900123", "+44 7700 900123", "+44 (0)20 7946 0958", "+49 30 901820", "030 / 901820", "(030) 901820",
    "0049 30 901820", "0151/23456789", "06 12 34 56 78", "06.12.34.56.78", "+33 6 12 34 56 78",
    "+91 98765 43210",
    "+34 612 34 56 78", "612 345 678", "(11) 91234-5678", "415-555-0132 ext 12",
]  # fmt: skip
CARDS = [
    "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5500 0055 5555 5559",
    "3782 822463 10005",
    "6011000990139424", "2223003122003222",
]  # fmt: skip
IBANS = [
    "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19",
    "fr14 2004 1010 0505 0001 3m02 606", "NL91-ABNA-0417-1643-00",
]  # fmt: skip
FORMS = {
    "email": EMAILS, "phone": PHONES, "card": CARDS, "iban": IBANS, "ssn": ["536-90-4399", "123-45-6789"],
    "ip": ["203.0.113.77", "192.168.1.10", "8.8.8.8"],
}  # fmt: skip
LOOK_ALIKES = [
    "order number 415-555-0132", "where is order 4155550132", "cancel purchase 113542617735902",
    "invoice 00123842",
    "order #114-1234567-7654321", "on 2024-05-17 or 17.05.2024 10:30", "it costs 1,250,000.50 or 1 250 000",
    "ISBN 978-3-16-148410-0", "version 1.2.3.4 of it", "tracking 1Z999AA10123456784", "ticket 123456-7890",
    "localhost is 127.0.0.1", "icon@2x.png is blurred", "git@github.com:me/it.git", "meet me @ home today",
    "card ending 4242", "season 2019-2020 is over", "pin 1234 and zip 94105-1234", "score 3-2 and 4-1",
    "4111 1111 1111 1112", "DE89 3704 0044 0532 0130 01", "000-12-3456 or 666-12-3456", "chapter 300.1.2.3",
    "barcode 4006381333931 here", "order 00004587345", "+5 points and +20 more", "call me at 10.30 - 11.30",
]  # fmt: skip
SENTENCES = ["please write to {} today", "{}", "I told you: {}.", "my contact ({}) is known"]


def test_every_form_is_found_in_every_sentence() -> None:
    for kind in KINDS:
        for value in FORMS[kind.name]:
            for sentence in SENTENCES:
                text = sentence.format(value)
                found = [text[start:end] for start, end in kind.spans(text)]
                assert any(value.split(" ext")[0].strip("()") in one for one in found), (kind.name, text)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert {kind.name: list(kind.spans(text)) for kind in KINDS} == {kind.name: [] for kind in KINDS}


def test_bare_digits_are_a_phone_number_only_where_said_so(write: Write) -> None:
    rows = clean_rows(100)
    rows[3], rows[6], rows[9] = (
        (text, "a") for text in ("call me on 4155550132", "my order is 4155550132", "4155550132 is late")
    )
    assert need(report(write("t.csv", rows)), "personal_data_phone").rows == (3,)


def test_the_report_has_a_finding_for_each_kind_and_shows_no_value(write: Write) -> None:
    rows = clean_rows(700)
    where: dict[str, list[int]] = {}
    values = [(kind, value) for kind, forms in FORMS.items() for value in forms]
    random.Random(0).shuffle(values)
    for place, (kind, value) in enumerate(values):
        where.setdefault(kind, []).append(5 * place)
        rows[5 * place] = (f"hello, I wrote {value} before. " + "More words here. " * 3, "a")
    for place, text in enumerate(LOOK_ALIKES):
        rows[600 + place] = (text, "b")
    data = report(write("t.csv", rows))
    for kind, planted in where.items():
        finding = need(data, f"personal_data_{kind}")
        assert finding.rows == tuple(planted)
        assert finding.severity == {
            "ip": Severity.LOW,
            "email": Severity.MEDIUM,
            "phone": Severity.MEDIUM,
        }.get(kind, Severity.HIGH)
        assert all("•" in example for example in finding.examples)
    copies = need(report(write("c.csv", rows + rows)), "exact_duplicates")
    shown = data.model_dump_json() + " ".join(copies.examples)
    assert "•" in copies.examples[0]
    assert not [value for _, value in values if value in shown]


def test_masking_covers_all_kinds_and_keeps_the_rest() -> None:
    text = "I am jane@mail.com, call 415-555-0132 or pay 4111 1111 1111 1111."
    assert mask(text) == "I am ja••@••••.•••, call 41•-•••-•••• or pay 41•• •••• •••• ••••."
    assert mask("order 4155550132") == "order 4155550132"


def _key(*parts: str) -> str:
    """Written in pieces, so that no scanner takes this file for a leak."""
    return "".join(parts)


SECRETS = [
    _key("h", "f_", "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"), _key("s", "k-", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4"),
    _key("s", "k-ant-api03-", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4"), _key("gh", "p_",
    "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"),
    _key("AK", "IA", "IOSFODNN7EXAMPLE"), _key("xo", "xb-", "123456789012-abcDEF123456"),
    _key("AI", "za", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"), _key("sk", "_live_", "a1B2c3D4e5F6g7H8i9J0"),
    _key("ey", "JhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0In0.", "dBjftJeZ4CVPmB92K27uhbUJU1p1r"),
    _key("-----BEGIN RSA ", "PRIVATE KEY-----"), _key("postgres://", "admin:hunter22", "@db.local/x"),
]  # fmt: skip
NO_SECRETS = [
    "sk-learn-is-a-machine-learning-library", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "hf_hub_download fails",
    "AKIA is a prefix",
    "see https://shop.example/a:b@c", "my ghp_token is gone", "a PRIVATE KEY in my pocket",
    "eyJ is how it starts",
]  # fmt: skip


def test_secrets(write: Write) -> None:
    rows = clean_rows(200)
    for place, value in enumerate(SECRETS):
        rows[4 * place] = (f"it says {value} does not work", "a")
    for place, text in enumerate(NO_SECRETS):
        rows[100 + place] = (text, "b")
    data = report(write("t.csv", rows))
    finding = need(data, "secrets")
    assert finding.rows == tuple(4 * place for place in range(len(SECRETS)))
    assert finding.severity == Severity.HIGH
    copies = need(report(write("c.csv", rows + rows)), "exact_duplicates")
    shown = data.model_dump_json() + " ".join(copies.examples)
    assert not [value for value in SECRETS if value[4:12] in shown]
    assert find(report(write("t.csv", rows[100:])), "secrets") is None


@pytest.mark.parametrize(
    "piece", ["sk-", "a.a@", "1 ", "(1", "DE12 ", "call me ", "http://a:", "eyJa.eyJ", "+-"]
)
def test_hostile_texts_take_no_time(write: Write, piece: str) -> None:
    data = report(write("t.csv", [*clean_rows(20), (piece * (200_000 // len(piece)), "a")]))
    assert data.seconds_by_check["personal_data"] + data.seconds_by_check["secrets"] < 5


def test_a_password_that_is_told_is_hidden_and_one_that_is_spoken_of_is_not() -> None:
    for said in ("my password is Tr0ub4dor&3x", "password: hunter2", "Passwort=geheim99!", 'pwd: "abc12345"'):
        assert list(secrets(said)), said
        assert said.split()[-1].strip('"')[-4:] not in mask(said)
    for spoken in (
        "my password is forgotten",
        "password: required",
        "the password is wrong",
        "password is {{Code1}}",
    ):
        assert not list(secrets(spoken)), spoken
