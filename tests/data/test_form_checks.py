"""Rows whose text has a bad form: found exactly where planted, look-alikes left alone."""

import pytest

from ml_intern.records.data import DataReport, Severity

from .conftest import Write, clean_rows, find, need, report


def planted(write: Write, texts: list[str], look_alikes: list[str]) -> tuple[DataReport, tuple[int, ...]]:
    """The report on clean rows with these texts among them, and the numbers of the first kind's rows."""
    rows = clean_rows(400)
    for row, text in enumerate(texts):
        rows[3 * row] = (text, rows[3 * row][1])
    for row, text in enumerate(look_alikes):
        rows[200 + row] = (text, rows[200 + row][1])
    return report(write("t.csv", rows)), tuple(3 * row for row in range(len(texts)))


FOUND = {
    "markup": [
        "<p>my order</p> is late", "it is late<br/>sorry", "tom &amp; jerry", "it costs &#163;5 more",
        "see [our page](https://shop.example/help) now", "this is **very** urgent", "```\nprint\n```",
        "[quote=joe]hello[/quote] there", "'''bold''' claim here", "read [[Main Page|this]] first",
        '<a href="x">click</a>', "## Steps to do it\nfirst", "<SPAN CLASS='x'>hello</SPAN>",
    ],
    "placeholders": [
        "cancel {{Order Number}} please", "dear [NAME], thank you", "write to <EMAIL> please",
        "hello %s, welcome", "dear ${first_name}, welcome", "dear {first_name}, welcome", "Lorem ipsum dolor",
        "call [phone number] today", "I paid XXXX in fees", "ask [ACCOUNT_ID] again", "price is #REF! today",
        "%(user)s logged in", "<|endoftext|> start", "dear [Your Name], hello", "TODO: write this text",
    ],
    "null_texts": ["N/A", "null", "None", "--", "NaN", " - ", "not available"],
    "mojibake": [
        "a cafÃ© nearby", "I donâ€™t know", "it costs Â£5 more", "lost \ufffd letter", "Ã¼ber alles here",
        "РџСЂРёРІРµС‚ to you", "smile ðŸ˜€ please", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚ to you", "naÃ¯ve answer",
    ],
    "hidden_characters": [
        "pass\u200bword reset", "a\x07bell rang", "pay \u202eresrever\u202c now", "soft\u00adhyphen here",
        "p\u0430yment failed", "hi\U000e0041\U000e0042 there", "\ufeffstart of file",
    ],
    "gibberish": [
        "asdfgh", "aaaaaaa", "sdkfjh lskdjf", "zxcvbnm qwer", "hjkl hjkl hjkl", "kjsdhfkjsd", "dfghdfgh",
    ],
    "no_letters": ["12345", "???", "10-4", "+++ 17 +++"],
    "very_short_texts": ["k", "?", " x ", "7"],
}  # fmt: skip

NOT_FOUND = {
    "markup": [
        "I love you <3 so much", "a < b and c > d", "AT&T; is a company", "f**k you a**hole", "5 ** 3 ** 2",
        "<EMAIL> is hidden", "2 > 1 & 3 < 4", "rock & roll", "# of items", "[b] is the answer", "x == y == z",
    ],
    "placeholders": [
        "it is 100% safe", "20 %discount today", "[URGENT] help me", "[1] see below", "XXXL shirts",
        "a {b} c",
        "<b>bold</b> text", "TODO BIEN gracias", r"\frac{alpha}{beta}", "price < name > value", "XXL or XXX",
    ],
    "null_texts": ["none of them work", "null pointer error", "nan bread", "I have no data"],
    "mojibake": [
        "ein Café in Köln", "CAFÉ… „Gruß”", "MAÇÃ… NÃO É", "Привет, как дела", "„Ä“ oder „Ö“", "£5, €3 or ¥9",
        "été à l’école « Ça »", "Smörgåsbord Å…", "日本語 and 中文",
    ],
    "hidden_characters": [
        "tab\there\nand line", "family 👨\u200d👩\u200d👧 emoji", "Привет iPhone", "سلام \u200fعلیکم",
        "نمی\u200cخواهم", "flag 🏴\U000e0067\U000e0062\U000e007f here", "naïve café – “quoted”",
    ],
    "gibberish": [
        "ok", "brb", "xfinity wifi", "qwerty keyboard", "Rechtsschutzversicherung", "Angstschweiß", "pls thx",
        "lol hahaha", "zzz", "hmmm", "NHTSB", "property", "the Knightsbridge branch", "https is down",
    ],
    "no_letters": ["👍", ":-)", "4 items", "привет", "<3"],
    "very_short_texts": ["是", "ok", "👍"],
}  # fmt: skip


@pytest.mark.parametrize("id", FOUND)
def test_planted_rows_are_found_and_look_alikes_are_not(write: Write, id: str) -> None:
    data, rows = planted(write, FOUND[id], NOT_FOUND[id])
    finding = need(data, id)
    assert set(finding.rows) == set(rows)
    assert finding.severity.rank <= Severity.MEDIUM.rank


def test_a_message_counts_each_kind(write: Write) -> None:
    data, _ = planted(write, ["<b>a</b> b c", "x <i>y</i> z", "q &amp; a"], [])
    assert "HTML tags in 2, character entities in 1" in need(data, "markup").message


def test_what_deceives_a_reader_weighs_more(write: Write) -> None:
    data, _ = planted(write, ["pay \u202eresrever\u202c now"], [])
    assert need(data, "hidden_characters").severity == Severity.MEDIUM
    assert "\u202e" not in data.model_dump_json()


@pytest.mark.parametrize(("count", "severity"), [(1, Severity.INFO), (4, Severity.LOW), (90, Severity.HIGH)])
def test_texts_that_are_their_label(write: Write, count: int, severity: Severity) -> None:
    rows = [(text, "cancel_order" if row % 2 else "other") for row, (text, _) in enumerate(clean_rows(400))]
    for row in range(count):
        rows[2 * row + 1] = (["Cancel order!", "cancel_order", "CANCEL  ORDER"][row % 3], "cancel_order")
    rows[0] = ("cancel order", "other")
    rows[2] = ("cancel order now please", "other")
    finding = need(report(write("t.csv", rows)), "text_equals_label")
    assert finding.rows == tuple(2 * row + 1 for row in range(count))
    assert finding.severity == severity


def sentences(count: int) -> list[str]:
    """Texts of 60 to 300 characters."""
    pool = ["apple", "brook", "cedar", "delta", "ember", "fjord", "grove", "haven", "islet", "jolly"]
    words = [[pool[int(digit)] for digit in f"{i:04d}"] for i in range(count + 40)]
    return [" ".join(" ".join(words[i + k]) for k in range(3 + i % 9)) for i in range(count)]


def test_texts_cut_at_one_length(write: Write) -> None:
    texts = [text[:140] for text in sentences(300)]
    cut = tuple(row for row, text in enumerate(texts) if len(text) == 140)
    assert len(cut) > 50
    finding = need(
        report(write("t.csv", [(text, "ab"[i % 2]) for i, text in enumerate(texts)])), "truncated_texts"
    )
    assert finding.rows == cut
    assert "140 characters" in finding.message


def test_whole_texts_of_one_length_are_not_cut(write: Write) -> None:
    texts = [text for text in sentences(400) if len(text) <= 119]
    assert sum(len(text) == 119 for text in texts) > 40
    rows = [(text, "ab"[i % 2]) for i, text in enumerate(texts)]
    assert find(report(write("t.csv", rows)), "truncated_texts") is None


def test_an_ellipsis_at_the_end(write: Write) -> None:
    data, rows = planted(write, ["the rest of this is …", "cut here [...]"], ["well... ok", "so...", "a … b"])
    finding = need(data, "ellipsis_at_end")
    assert (finding.rows, finding.severity) == (rows, Severity.LOW)


def test_the_share_over_each_sequence_length(write: Write) -> None:
    rows = clean_rows(100)
    rows[4], rows[5] = ("word " * 150, "a"), ("word " * 600, "a")
    message = need(report(write("t.csv", rows)), "text_lengths").message
    assert "2.0 % over 128, 1.0 % over 256 and 1.0 % over 512" in message


@pytest.mark.parametrize(
    ("card", "id"),
    [
        (None, "licence_unknown"),
        ("# A licence: mit\n", "licence_unknown"),
        ("---\nlicense: other\n---\n", "licence_unknown"),
        ("---\ntags: [x]\nlicense: cc-by-nc-4.0\n---\n# Title\n", "licence_restricts"),
        ("---\nlicense:\n  - cc-by-nd-4.0\n---\n", "licence_restricts"),
        ("---\nlicense: cc-by-4.0\n---\n", None),
        ("---\nlicense: 'apache-2.0'\n---\n", None),
    ],
)
def test_licence(write: Write, card: str | None, id: str | None) -> None:
    path = write("train.csv", clean_rows(40))
    if card is not None:
        (path.parent / "README.md").write_text(card)
    for place in (path, path.parent):
        found = [finding for finding in report(place).findings if finding.id.startswith("licence")]
        assert [finding.id for finding in found] == ([id] if id else [])
        assert all(finding.count == 40 and not finding.examples for finding in found)


def test_a_licence_file_counts_only_in_the_folder_of_a_dataset(write: Write) -> None:
    path = write("train.csv", clean_rows(40))
    (path.parent / "LICENSE").write_text("You may.")
    assert find(report(path.parent), "licence_unknown", "train") is None
    assert find(report(path), "licence_unknown") is not None
