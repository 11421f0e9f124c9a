"""The counted ways out of the sandbox: none works, and nearly each is shown to work without one."""

from pathlib import Path

from benchmarks.escape import PACKAGE, compare


def test_no_way_leads_out_and_the_controls_do(sandbox_works: None, tmp_path: Path) -> None:
    found = compare(tmp_path)
    assert [name for name, each in found.items() if each["sandbox"]] == []
    controls = sum(each["without"] for each in found.values())
    assert controls >= 20, "a way that does not work without a sandbox shows nothing"
    assert len(found) >= 35
    assert not list(PACKAGE.glob("owned-*"))
