"""From JSON objects to columns, piece by piece.

A column is typed where all of its values have one type. What that type is shows only at the end, so each
piece keeps what the others may need: numbers of both kinds stay text until no piece has other values.
"""

import json
from typing import Any, Final

import polars as pl

from ml_intern.data.spill import NewStore
from ml_intern.data.trouble import Unreadable

_MANY_CELLS: Final = 50_000_000
_EXACT: Final = 2**53
"""Larger whole numbers would change as floats; such numbers are ids."""

_LARGEST: Final = 2**63 - 1


class Columns:
    """The columns of one file, in the order in which their names come up."""

    def __init__(self, name: str, new: NewStore) -> None:
        self._name, self._new = name, new
        self._store = new()
        self._kinds: dict[str, set[str]] = {}
        self._rows = self._size = 0

    def add(self, rows: list[dict[str, Any]], size: int) -> None:
        """Keep the next rows, which were `size` characters of text.

        Raises:
            Unreadable: nearly every object has keys of its own, which makes a table of holes.
        """
        names = dict.fromkeys(key for row in rows for key in row)
        for key in names:
            self._kinds.setdefault(key, set())
        self._rows, self._size = self._rows + len(rows), self._size + size
        cells = self._rows * len(self._kinds)
        if cells > _MANY_CELLS and cells > self._size:
            raise Unreadable(
                f"{self._name}: the objects have {len(self._kinds):,} different keys, most of them in few "
                "objects only.",
                "Give all objects the same keys.",
            )
        self._store.add(pl.DataFrame([self._series(key, [row.get(key) for row in rows]) for key in names]))

    def frame(self) -> pl.DataFrame:
        """All rows."""
        if not self._kinds:
            return pl.DataFrame()
        schema = {key: _dtype(kinds) for key, kinds in self._kinds.items()}
        parts = self._store.parts()
        if all(dict(part.schema) == schema for part in parts):
            return pl.concat(parts)
        store = self._new()
        for part in parts:
            store.add(
                pl.DataFrame(
                    [
                        _as(part[key], dtype)
                        if key in part.columns
                        else pl.Series(key, [None], dtype=dtype).new_from_index(0, part.height)
                        for key, dtype in schema.items()
                    ]
                )
            )
        return store.frame()

    def _series(self, name: str, values: list[Any]) -> pl.Series:
        kinds = _kinds(values)
        self._kinds[name] |= kinds
        if kinds == {"int", "float"}:  # as text, so that 1 and 1.0 are still two things
            kinds = {"other"}
        dtype = _dtype(kinds) if kinds else pl.Null()
        if dtype == pl.String and kinds != {"str"}:
            values = [_json_text(value) for value in values]
        return pl.Series(name, values, dtype=dtype)


def _kinds(values: list[Any]) -> set[str]:
    """Which kinds of values there are; missing is none."""
    names = {bool: "bool", str: "str", int: "int", float: "float"}
    kinds = {names.get(kind, "other") for kind in set(map(type, values)) if kind is not type(None)}
    if "int" in kinds:
        most = max(abs(value) for value in values if type(value) is int)
        kinds |= {"other"} if most > _LARGEST else {"long"} if most > _EXACT else set()
    return kinds


def _dtype(kinds: set[str]) -> pl.DataType:
    if kinds == {"bool"}:
        return pl.Boolean()
    if kinds and kinds <= {"int", "long"}:
        return pl.Int64()
    if "float" in kinds and kinds <= {"int", "float"}:
        return pl.Float64()
    return pl.String()


def _as(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if series.dtype == dtype:
        return series
    if series.dtype in (pl.Null, pl.Int64):
        return series.cast(dtype)
    values = series.to_list()
    if dtype == pl.Float64:
        return pl.Series(
            series.name, [None if value is None else float(value) for value in values], dtype=dtype
        )
    return pl.Series(series.name, [_json_text(value) for value in values], dtype=dtype)


def _json_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
