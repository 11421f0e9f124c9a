"""Rows in another script or language than most, and none on data that deserves none."""

from pathlib import Path

import polars as pl
import pytest

from ml_intern.data.languages import language_shares
from ml_intern.records.data import Severity

from .conftest import Write, find, need, report

ENGLISH = [
    "I want to cancel my order please", "where is the nearest bank", "how do you say hello in spanish",
    "my card is not working and I need help", "what does merci mean in french", "play la vida loca by ricky",
    "how much is a taxi to rio de janeiro", "que sera sera lyrics", "directions los angeles las vegas",
    "transfer dollars checking savings", "who sings la vie en rose", "del taco el pollo loco",
    "uno dos tres game",
]  # fmt: skip
OTHERS = {
    "German": ["ich möchte meine Bestellung stornieren", "wo ist mein Paket, warum kommt es nicht"],
    "French": ["je voudrais annuler ma commande pour vous", "où est mon colis, je ne comprends pas"],
    "Spanish": ["quiero cancelar mi pedido por favor gracias", "¿dónde está mi paquete que pedí?"],
    "Italian": ["non riesco a trovare la password della mia mail"],
    "Portuguese": ["quero cancelar o meu pedido, não chegou"],
    "Dutch": ["ik wil mijn bestelling annuleren, het is niet goed"],
}
SCRIPTS = {
    "Cyrillic": "Где мой заказ?", "Chinese or Japanese": "我的订单在哪里", "Arabic": "أين طلبي",
    "Korean": "주문 취소해 주세요", "Greek": "Πού είναι;",
}  # fmt: skip


def test_rows_in_another_language_or_script(write: Write) -> None:
    texts = [f"{text} {i}" for i, text in enumerate(ENGLISH * 20)]
    languages = [text for some in OTHERS.values() for text in some]
    rows = [(text, "ab"[i % 2]) for i, text in enumerate([*texts, *languages, *SCRIPTS.values()])]
    data = report(write("t.csv", rows))
    other, script = need(data, "other_language"), need(data, "other_script")
    assert other.rows == tuple(range(len(texts), len(texts) + len(languages)))
    assert script.rows == tuple(range(len(rows) - len(SCRIPTS), len(rows)))
    assert other.severity == script.severity == Severity.LOW
    for language, some in OTHERS.items():
        assert f"{language} {len(some)}" in other.message
    for name in SCRIPTS:
        assert f"{name} 1" in script.message


def test_the_main_language_need_not_be_english(write: Write) -> None:
    german = [f"{text} {i}" for i, text in enumerate(OTHERS["German"] * 50)]
    rows = [(text, "ab"[i % 2]) for i, text in enumerate([*german, "where is my order, could you help"])]
    assert need(report(write("t.csv", rows)), "other_language").rows == (100,)
    russian = [(f"Где мой заказ номер {i}", "ab"[i % 2]) for i in range(100)]
    assert need(report(write("t.csv", [*russian, ("hello there", "a")])), "other_script").rows == (100,)


def test_data_without_a_main_language_is_left_alone(write: Write) -> None:
    mixed = [text for some in [ENGLISH[:2], *OTHERS.values()] for text in some] * 20
    data = report(write("t.csv", [(f"{text} {i}", "ab"[i % 2]) for i, text in enumerate(mixed)]))
    assert find(data, "other_language") is None and find(data, "other_script") is None


ROW_LOCAL = {
    "markup", "mojibake", "hidden_characters", "gibberish", "no_letters", "null_texts", "very_short_texts",
    "truncated_texts", "ellipsis_at_end", "other_script", "other_language", "secrets",
    "label_written_in_text",
    "several_labels", "numeric_labels", "padded_labels", "sentence_labels", "one_hot_columns",
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [("bitext", "utterance"), ("banking77", "text")])
def test_real_data_raises_hardly_an_alarm(request: pytest.FixtureRequest, name: str, text: str) -> None:
    folder: Path = request.getfixturevalue(name)
    found = {finding.id: finding for finding in report(folder, text, "category").findings}
    assert not ROW_LOCAL & set(found)
    assert not [id for id in found if id.startswith("personal_data")]
    for id in ("placeholders", "text_equals_label"):
        assert id not in found or found[id].count <= 2


def test_the_languages_of_a_dataset_are_told_by_their_codes():
    texts = ["Where is the parcel that I have been waiting for?"] * 3 + [
        "Wo ist das Paket, und warum ist es nicht da?"
    ]
    shares = language_shares(pl.Series([*texts, None, "4711", "Привет"]))
    assert shares == {"en": pytest.approx(3 / 6), "de": pytest.approx(1 / 6)}
