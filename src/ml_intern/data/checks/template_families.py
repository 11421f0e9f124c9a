"""Rows made by filling in a template: "do you ship to Austria", "do you ship to Belgium" and so on.

Why it matters: a model learns the template, not the language, and a test split filled in from the same
templates cannot tell the difference (Geva et al. 2019, "Are We Modeling the Task or the Annotator?", EMNLP:
what the same hand wrote must not stand on both sides). `templates` says what counts as one.
"""

import polars as pl

from ml_intern.data.kin import components, linked
from ml_intern.data.load import WHOLE
from ml_intern.data.table import MAX_EXAMPLES, AuditTable, of_total, phrase
from ml_intern.data.templates import FILLINGS
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part: all rows of a family but its first there, largest families first."""
    found = table.kin.templates
    if not found.frames:
        return []
    family = components(len(table.kin.texts), linked(found))
    templates = pl.DataFrame({"at": found.text, "family": family[found.text], "template": found.template})
    frames = templates.group_by("family").agg(pl.col("template").mode().min())
    frames = frames.with_columns(frame=pl.Series(found.frames).gather(frames["template"]))
    rows = table.rows.with_columns(table.kin.positions(table.rows["normal"]).alias("at"))
    rows = rows.join(templates.unique("at").select("at", "family"), on="at", maintain_order="left")
    rows = rows.join(frames.select("family", "frame"), on="family", maintain_order="left")
    findings = []
    for part in table.parts:
        inside = rows.filter(pl.col("part") == part).with_columns(pl.len().over("family").alias("size"))
        hits = inside.filter(~pl.col("family").is_first_distinct())
        if hits.height:
            hits = hits.sort(["size", "family", "row"], descending=[True, False, False])
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    share, families, most = hits.height / table.size(part), hits["family"].n_unique(), hits["size"][0]
    # An example for each of the largest families says more than five rows of one.
    one_each = hits.unique("family", maintain_order=True).head(MAX_EXAMPLES)
    shown = pl.concat([one_each, hits.join(one_each, on="row", how="anti", maintain_order="left")])
    shown = shown.with_columns(
        pl.format("{} ({} rows)", pl.col("frame").str.slice(0, 130), "size").alias("text")
    )
    return table.finding(
        "template_families",
        Severity.MEDIUM if share >= 0.25 else Severity.LOW if share >= 0.01 else Severity.INFO,
        part,
        shown,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} fill in the template of an earlier one: "
        f"{families:,} {'family' if families == 1 else 'families'} of texts that differ in one word or "
        f"number and have at least {FILLINGS} fillings in all data; the largest has {most:,} rows.",
        "They are kept; the split puts a family into one part as far as its size allows."
        if part == WHOLE
        else "They are kept where they are.",
    )
