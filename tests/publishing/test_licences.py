"""Which licences go together, each by its own text."""

import pytest

from ml_intern.publishing.licences import conflicts, table


def test_every_licence_of_the_table_has_a_source() -> None:
    assert len(table()) >= 20
    assert all(terms.source.startswith("https://") for terms in table().values())
    assert all(other in table() for terms in table().values() for other in terms.also)


@pytest.mark.parametrize(
    ("data", "base", "chosen"),
    [
        ("cc-by-4.0", "apache-2.0", "apache-2.0"),
        ("cdla-sharing-1.0", "apache-2.0", "cdla-sharing-1.0"),
        ("cdla-sharing-1.0", "apache-2.0", "mit"),
        ("cc-by-sa-4.0", "apache-2.0", "cc-by-sa-4.0"),
        ("cc-by-sa-3.0", "mit", "cc-by-sa-4.0"),
        ("cc-by-nc-4.0", "mit", "cc-by-nc-4.0"),
        ("Apache-2.0", "MIT", "mit"),
    ],
)
def test_these_go_together(data: str, base: str, chosen: str) -> None:
    assert conflicts({"the data": data, "the base model": base}, chosen) == []


@pytest.mark.parametrize(
    ("data", "base", "chosen", "why"),
    [
        ("cc-by-sa-4.0", "apache-2.0", "apache-2.0", "asks for the same licence"),
        ("cc-by-nc-4.0", "apache-2.0", "apache-2.0", "forbids commercial use"),
        ("cc-by-4.0", "cc-by-nc-4.0", "cc-by-4.0", "licence of the base model"),
        ("cc-by-sa-4.0", "gpl-3.0", "cc-by-sa-4.0", "gpl-3.0, asks for the same"),
        ("cc-by-nd-4.0", "mit", "cc-by-nd-4.0", "nothing that is made from it"),
        ("unknown", "mit", "mit", "not in the table"),
        ("mit", "llama3", "mit", "not in the table"),
        ("mit", "mit", "my-own", "not in the table"),
        ("mit", "bigscience-openrail-m", "mit", "asks for the same licence"),
    ],
)
def test_these_do_not(data: str, base: str, chosen: str, why: str) -> None:
    said = " ".join(conflicts({"the data": data, "the base model": base}, chosen))
    assert why in said
