"""Texts of no class, as a user gives them."""

import pytest

from ml_intern.data.load import fingerprint
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.records.spec import DataSource
from ml_intern.tools.predict_parts import unknown_texts


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("ticket,text\nfirst,second\n", ["first"]),  # the run's own column comes before others
        ("text,label\none,x\n,y\n  ,z\n", ["one"]),  # rows without a text say nothing
        ("whatever\none\ntwo\n", ["one", "two"]),
    ],
)
def test_their_column_is_found(tmp_path, content, found):
    path = tmp_path / "others.csv"
    path.write_text(content)
    source = DataSource(location=str(path), sha256=fingerprint(path))
    rows = unknown_texts(source, "ticket")
    assert rows["ticket"].to_list() == found and rows["row_id"].is_unique().all()


def test_what_cannot_be_told_or_was_changed_is_refused(tmp_path):
    path = tmp_path / "others.csv"
    path.write_text("a,b\n1,2\n")
    source = DataSource(location=str(path), sha256=fingerprint(path))
    with pytest.raises(UsageProblem, match=r"column 'ticket'; there are: .*a.*b"):
        unknown_texts(source, "ticket")
    path.write_text("a,b\n1,3\n")
    with pytest.raises(InternError, match="were changed"):
        unknown_texts(source, "a")
    assert unknown_texts(None, "a").is_empty()
