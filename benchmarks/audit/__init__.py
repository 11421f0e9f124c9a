"""How well and how fast the data audit finds what is wrong with data.

    python -m benchmarks.audit CACHE            planted defects: recall and precision
    python -m benchmarks.audit.clean CACHE      what is said of data without planted defects
    python -m benchmarks.audit.speed CACHE      time and memory, and other libraries beside it

CACHE is a folder for downloaded packages and prepared datasets; nothing of it is committed. Raw records go
to `benchmarks/results/audit_*.json`, the tables that `benchmarks.table` makes of them to
`docs/measured.md`.
"""
