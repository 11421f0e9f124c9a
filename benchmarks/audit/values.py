"""What is written into texts: made-up personal data of valid form, markup, garbled and foreign text.

Numbers carry the check digits of their standards, so that a check may insist on them: cards ISO/IEC 7812
(Luhn), accounts ISO 13616 (IBAN, modulo 97).
"""

import random
import string
from typing import Final

_NAMES: Final = "anna.schmidt j_doe maria-lopez tom.baker99 priya.k li.wei omar.haddad sara".split()
_HOSTS: Final = "gmail.com yahoo.co.uk web.de outlook.com mail-box.org posteo.net uni-bonn.de acme.io".split()
_PHONES: Final = (
    *("+44 7911 ######", "(415) 555-####", "212-555-####", "+1 646 555 ####", "+49 151 2345####"),
    *("020 7946 0###", "+33 6 12 34 ## ##", "415.555.####", "07700 900###", "+1 (312) 555-####"),
)
"""Drama and sample numbers where there are such (Ofcom; 555 in North America)."""
_LENGTHS: Final = {"DE": 18, "FR": 23, "ES": 20, "AT": 16, "PT": 21}
"""Digits that follow the check digits in IBANs of digits only (SWIFT's IBAN registry)."""


def digits(pattern: str, chance: random.Random) -> str:
    """The pattern with a random digit for each "#"."""
    return "".join(chance.choice(string.digits) if c == "#" else c for c in pattern)


def email(chance: random.Random) -> str:
    """An address under a domain that exists."""
    return f"{chance.choice(_NAMES)}{chance.randint(1, 999)}@{chance.choice(_HOSTS)}"


def phone(chance: random.Random) -> str:
    """A number in one of ten national or international notations."""
    return digits(chance.choice(_PHONES), chance)


def card(chance: random.Random) -> str:
    """A number of Visa, Mastercard or American Express with a right check digit."""
    body = digits(
        chance.choice(("4" + "#" * 14, "5" + chance.choice("12345") + "#" * 13, "37" + "#" * 12)), chance
    )
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body))]
    number = body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
    gap = chance.choice(("", " ", "-"))
    if number.startswith("3"):
        return gap.join((number[:4], number[4:10], number[10:]))  # as American Express prints it
    return _grouped(number, gap)


def iban(chance: random.Random) -> str:
    """An account number of one of five countries with right check digits."""
    country = chance.choice(list(_LENGTHS))
    body = digits("#" * _LENGTHS[country], chance)
    remainder = int(body + "".join(str(ord(c) - 55) for c in country) + "00") % 97
    return _grouped(f"{country}{98 - remainder:02d}{body}", chance.choice(("", " ")))


def _grouped(number: str, gap: str) -> str:
    return gap.join(number[i : i + 4] for i in range(0, len(number), 4))


def secret(chance: random.Random) -> str:
    """A credential in the form that its provider documents."""
    random_part = "".join(chance.choices(string.ascii_letters + string.digits, k=40))
    upper = "".join(chance.choices(string.ascii_uppercase + "234567", k=16))
    forms = (
        f"AKIA{upper}",
        f"ghp_{random_part[:36]}",
        f"hf_{random_part[:34]}",
        f"https://bob:{random_part[:12]}@db.acme.io",
    )
    return chance.choice(
        (*forms, f"xoxb-{digits('#' * 12, chance)}-{digits('#' * 12, chance)}-{random_part[:24]}")
    )


def gibberish(chance: random.Random) -> str:
    """Random keys: runs along a keyboard row, consonants, one letter again and again."""
    rows = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    run = "".join(chance.choice(rows)[chance.randrange(3) :][: chance.randint(4, 7)] for _ in range(2))
    mash = " ".join("".join(chance.choices("sdfghjklwrtpxcvbnm", k=chance.randint(5, 9))) for _ in range(3))
    return chance.choice((run, mash, chance.choice(string.ascii_lowercase) * chance.randint(8, 14)))


FOREIGN: Final = {
    "de": """Ich habe meine Karte verloren und möchte sie sofort sperren lassen.
Können Sie mir bitte sagen, wann meine Bestellung endlich ankommt?
Warum wurde mir dieser Betrag zweimal von meinem Konto abgebucht?
Das Wetter ist heute wirklich schön und wir gehen in den Park.
Wie kann ich mein Passwort ändern, wenn ich es vergessen habe?
Der Flug hatte schon wieder drei Stunden Verspätung, ich bin sehr enttäuscht.
Mach bitte das Licht in der Küche aus, bevor du nach Hause gehst.
Wer hat eigentlich die Glühbirne erfunden und in welchem Jahr war das?""",
    "fr": """J'ai perdu ma carte bancaire et je voudrais la bloquer tout de suite.
Pouvez-vous me dire quand ma commande va enfin arriver chez moi ?
Pourquoi est-ce que cette somme a été débitée deux fois de mon compte ?
Il fait vraiment très beau aujourd'hui et nous allons nous promener dans le parc.
Comment puis-je changer mon mot de passe si je l'ai oublié ?
Le vol avait encore trois heures de retard, je suis vraiment très déçu.
Éteins la lumière dans la cuisine avant de partir, s'il te plaît.
Qui a inventé la lampe électrique et en quelle année était-ce ?""",
    "es": """He perdido mi tarjeta y quiero bloquearla ahora mismo, por favor.
¿Me puede decir cuándo va a llegar mi pedido a casa de una vez?
¿Por qué me han cobrado esta cantidad dos veces en mi cuenta?
Hoy hace muy buen tiempo y vamos a dar un paseo por el parque.
¿Cómo puedo cambiar mi contraseña si la he olvidado otra vez?
El vuelo tuvo otra vez tres horas de retraso y estoy muy decepcionado.
Apaga la luz de la cocina antes de salir de casa, por favor.
¿Quién inventó la bombilla y en qué año fue eso más o menos?""",
}


def foreign(chance: random.Random) -> str:
    """A German, French or Spanish sentence, written for this benchmark."""
    return chance.choice(chance.choice(list(FOREIGN.values())).splitlines())
