"""pandas frames and series as ``.parquet``, ``.feather``, ``.csv``, ``.tsv``, ``.json`` or ``.xlsx``.

Parquet and Feather keep an index and types by themselves. Of a file as text, ``_format_options`` hold what it cannot
tell:

``index``
    what each level of the index is, whose columns come first in the file; null: it counts from 0 and is not there.
``columns``
    what each column is: ``dtype``; of a categorical one also ``categories``, ``ordered`` and ``of``, what a category
    is; ``none`` where None stood for what is missing.
``labels``, ``labels_name``, ``labels_of``
    the names of the columns, the name of their row, and what the names are.
``header``
    the first line of the file, where it is not simply the names of index and columns.
``missing``, ``blank``
    the text that stands for what is missing, and how many lines at the end have nothing else.

Where somebody has changed such a file since, so that this does not fit any more, it is loaded as pandas reads it.

``name`` is that of a series. Of Parquet and Feather there are the ``columns`` alone, for what libraries change.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Callable, Optional

from .artifact_formats import Saver, needs, set_format

if TYPE_CHECKING:
    import pandas

_KINDS = {
    "csv": "csv",
    "tsv": "tsv",
    "txt": "tsv",
    "json": "json",
    "parquet": "parquet",
    "feather": "feather",
    "xlsx": "xlsx",
}
_PARQUET_ENGINES = ("pyarrow", "fastparquet")
_EXCEL_ENGINES = ("openpyxl", "xlsxwriter")
_SEPARATORS = {"csv": ",", "tsv": "\t"}
_MISSING = ("", "NA", "N/A", "<NA>", "<missing>", "\\N")
_SERIES_COLUMN = "value"
# Lines of JSON that are made at once.
_BLOCK = 10_000
# JavaScript rounds what is larger.
_SAFE_INTEGER = 2**53 - 1


def saver(name: str, ending: str, data: Any) -> Saver:
    """What saves a frame or a series by the ending of its name."""
    kind = _KINDS.get(ending) or _default_kind()
    # Asked for before anything is written.
    if kind == "parquet":
        needs(name, *_PARQUET_ENGINES)
    elif kind == "feather":
        needs(name, "pyarrow")
    elif kind == "xlsx":
        needs(name, *_EXCEL_ENGINES)
    options: dict[str, Any] = {"of": "frame"}
    frame = data
    if data.ndim == 1:
        options = {"of": "series", "name": _label(data.name)}
        frame = data.to_frame(_SERIES_COLUMN)
    if kind in ("parquet", "feather"):
        return lambda target, details: _save_arrow(target, details, frame, kind, options)
    table = _Table.of(frame, name, kind)
    return lambda target, details: table.save(target, details, kind, options)


def load(name: str, file: Any, kind: str, options: dict[str, Any]) -> Any:
    """The frame or series that was saved."""
    if kind in ("parquet", "feather"):
        frame = _load_arrow(name, file, kind, options)
    else:
        if kind == "xlsx":
            needs(name, "openpyxl")
        try:
            frame = _load_table(file, kind, options)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            file.seek(0)
            frame = _load_changed(name, file, kind, error)
    if options["of"] == "series":
        return frame.iloc[:, 0].rename(options["name"])
    return frame


def _default_kind() -> str:
    from .errors import MissingPackageError

    try:
        needs("", *_PARQUET_ENGINES)
    except MissingPackageError:
        return "csv"
    return "parquet"


# ---------------------------------------------------------------------- Parquet and Feather


def _save_arrow(
    target: Any, details: dict[str, Any], frame: pandas.DataFrame, kind: str, options: dict[str, Any]
) -> None:
    columns = [_described(frame.iloc[:, position]) for position in range(frame.shape[1])]
    set_format(details, kind, "bytes", {**options, "columns": columns})
    if kind == "feather":
        import pyarrow
        from pyarrow import feather

        # pandas itself refuses an index here; the format keeps it.
        feather.write_feather(pyarrow.Table.from_pandas(frame), target)
    elif needs("", *_PARQUET_ENGINES) == "pyarrow":
        frame.to_parquet(target, engine="pyarrow")
    else:
        with _temporary_file() as path:
            frame.to_parquet(path, engine="fastparquet")
            with open(path, "rb") as written:
                _copy(written, target)


def _load_arrow(name: str, file: Any, kind: str, options: dict[str, Any]) -> pandas.DataFrame:
    import pandas

    if kind == "feather":
        needs(name, "pyarrow")
        from pyarrow import feather

        frame = feather.read_feather(file)
    elif needs(name, *_PARQUET_ENGINES) == "pyarrow":
        frame = pandas.read_parquet(file, engine="pyarrow")
    else:
        with _temporary_file() as path:
            with open(path, "wb") as copied:
                _copy(file, copied)
            frame = pandas.read_parquet(path, engine="fastparquet")
    if len(options["columns"]) != frame.shape[1]:
        # Written anew by somebody else.
        return frame
    for position, what in enumerate(options["columns"]):
        loaded = frame.iloc[:, position]
        if what.get("none") or str(loaded.dtype) != what["dtype"]:
            frame.isetitem(position, _decode(loaded, what))
    return frame


def _described(column: pandas.Series) -> dict[str, Any]:
    """What the format may not bring back by itself: whether text was None or NaN, categories that are no text."""
    import pandas

    if isinstance(column.dtype, pandas.CategoricalDtype) and column.dtype.categories.dtype.kind in "biuf":
        return _encode(column.iloc[:0], "json", "")[1]
    what: dict[str, Any] = {"dtype": str(column.dtype)}
    if str(column.dtype) == "object" and any(value is None for value in column):
        what["none"] = True
    return what


class _temporary_file:
    """The path of a file that is gone afterwards, for what takes nothing but a path."""

    def __enter__(self) -> str:
        import os
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        return os.path.join(self._folder.name, "frame.parquet")

    def __exit__(self, *_: Any) -> None:
        self._folder.cleanup()


def _copy(source: Any, target: Any) -> None:
    import shutil

    shutil.copyfileobj(source, target, 1024 * 1024)


# ---------------------------------------------------------------------- text, JSON and Excel


class _Table:
    """A frame as columns of what text can hold, and what brings the frame back from them."""

    def __init__(self, columns: list[Any], header: list[str], options: dict[str, Any], is_plain: bool) -> None:
        self._columns = columns
        self._header = header
        self._options = options
        # Whether the lines can be JSON objects: no index to show, and no two columns of one name.
        self._is_plain = is_plain

    @classmethod
    def of(cls, frame: pandas.DataFrame, name: str, kind: str) -> _Table:
        import pandas

        if frame.columns.nlevels > 1:
            raise ValueError(
                f"Columns in several levels cannot be read back from {kind}: {name!r} can end in .parquet."
            )
        counts = isinstance(frame.index, pandas.RangeIndex) and (frame.index.start, frame.index.step) == (0, 1)
        has_index = not counts or frame.index.name is not None or frame.shape[1] == 0
        columns, index, described = [], [], []
        for level in range(frame.index.nlevels if has_index else 0):
            values = frame.index.get_level_values(level).to_series(index=range(len(frame)))
            column, what = _encode(values, kind, f"the index of {name!r}")
            columns.append(column)
            index.append({"name": _label(frame.index.names[level]), **what})
        for position in range(frame.shape[1]):
            place = f"the column {frame.columns[position]!r} of {name!r}"
            column, what = _encode(frame.iloc[:, position].reset_index(drop=True), kind, place)
            columns.append(column)
            described.append(what)
        names = frame.columns.to_series(index=range(frame.shape[1]))
        labels, labels_of = _encode(names, "json", f"the columns of {name!r}")
        header = ["" if level["name"] is None else str(level["name"]) for level in index]
        header += [str(label) for label in frame.columns]
        options = {
            "index": index if has_index else None,
            "columns": described,
            "labels": _json_values(labels),
            "labels_name": _label(frame.columns.name),
            "labels_of": labels_of,
            "missing": _missing_text(columns, name, kind),
            "blank": _blank_lines(columns),
        }
        if header != _header(options):
            options["header"] = header
        return cls(columns, header, options, not has_index and len(set(header)) == len(header))

    def save(self, target: Any, details: dict[str, Any], kind: str, options: dict[str, Any]) -> None:
        set_format(details, kind, "bytes" if kind == "xlsx" else "text", {**options, **self._options})
        if kind == "xlsx":
            # The library writes at the beginning of the file once it is at its end.
            gathered = io.BytesIO()
            engine = needs("", *_EXCEL_ENGINES)
            missing = self._options["missing"]
            self._flat().to_excel(gathered, index=False, header=self._header, na_rep=missing, engine=engine)
            target.write(gathered.getbuffer())
            return
        text = io.TextIOWrapper(target, "utf-8", newline="")
        if kind == "json":
            self._write_json(text)
        else:
            missing = self._options["missing"]
            self._flat().to_csv(text, sep=_SEPARATORS[kind], index=False, header=self._header, na_rep=missing)
        text.detach()

    def _flat(self) -> pandas.DataFrame:
        import pandas

        return pandas.concat(self._columns, axis=1, ignore_index=True)

    def _write_json(self, text: Any) -> None:
        import json

        rows = len(self._columns[0])
        text.write("[" if self._is_plain else f'{{"columns": {json.dumps(self._header)}, "data": [')
        for start in range(0, rows, _BLOCK):
            block = [_json_values(column.iloc[start : start + _BLOCK]) for column in self._columns]
            lines = (dict(zip(self._header, line)) if self._is_plain else line for line in zip(*block))
            text.write(",\n" if start else "\n")
            text.write(",\n".join(map(json.dumps, lines)))
        text.write("\n]" if self._is_plain else "\n]}")


def _load_table(file: Any, kind: str, options: dict[str, Any]) -> pandas.DataFrame:
    import pandas

    index = options["index"] or []
    described = [*index, *options["columns"]]
    header, columns = _read_columns(file, kind, options, described)
    if header != options.get("header", _header(options)):
        raise ValueError("the columns are others")
    decoded = [_decode(column, what) for column, what in zip(columns, described)]
    frame = pandas.DataFrame(dict(enumerate(decoded[len(index) :])), index=range(len(decoded[0])))
    labels = _decode(pandas.Series(options["labels"], dtype="object"), options["labels_of"])
    frame.columns = pandas.Index(labels).rename(options["labels_name"])
    names = [level["name"] for level in index]
    if len(index) == 1:
        frame.index = pandas.Index(decoded[0]).rename(names[0])
    elif index:
        frame.index = pandas.MultiIndex.from_arrays(decoded[: len(index)], names=names)
    return frame


def _load_changed(name: str, file: Any, kind: str, error: Exception) -> pandas.DataFrame:
    import warnings

    import pandas

    warnings.warn(
        f"The artifact {name!r} is not as it was saved ({error}): it is loaded as pandas reads it.",
        RuntimeWarning,
        stacklevel=5,
    )
    if kind == "json":
        return pandas.read_json(file)
    if kind == "xlsx":
        return pandas.read_excel(file, engine="openpyxl")
    return pandas.read_csv(file, sep=_SEPARATORS[kind])


def _read_columns(
    file: Any, kind: str, options: dict[str, Any], described: list[dict[str, Any]]
) -> tuple[list[str], list[pandas.Series]]:
    """The first line, and the columns below it as they stand there."""
    import pandas

    if kind == "json":
        return _read_json(file, options)
    missing = {"keep_default_na": False, "na_values": [options["missing"]]}
    if kind == "xlsx":
        flat = pandas.read_excel(file, engine="openpyxl", header=None, dtype="object", **missing)
        # The last lines and columns are not there if they have no value; a name that is missing is empty.
        flat = flat.reindex(range(max(len(flat), 1)), columns=range(max(flat.shape[1], len(described))))
        header = ["" if label is None or label != label else str(label) for label in flat.iloc[0]]
        flat = flat.iloc[1:].reset_index(drop=True)
        flat = flat.reindex(range(len(flat) + options["blank"]))
        return header, [flat.iloc[:, position] for position in range(flat.shape[1])]
    import csv

    text = io.TextIOWrapper(file, "utf-8", newline="")
    header = next(csv.reader(text, delimiter=_SEPARATORS[kind]), [])
    text.detach()
    file.seek(0)
    places = [str(position) for position in range(len(described))]
    flat = pandas.read_csv(
        file,
        sep=_SEPARATORS[kind],
        header=0,
        names=places,
        index_col=False,
        dtype={place: _read_as(what) for place, what in zip(places, described)},
        float_precision="round_trip",
        encoding="utf-8",
        low_memory=False,
        **missing,
    )
    return header, [flat[place] for place in places]


def _read_json(file: Any, options: dict[str, Any]) -> tuple[list[str], list[pandas.Series]]:
    import json

    import pandas

    content = json.load(file)
    if isinstance(content, dict):
        header, lines = content["columns"], content["data"]
    else:
        header = options.get("header", _header(options))
        lines = [[line[label] for label in header] for line in content]
        if any(len(line) != len(header) for line in content):
            raise ValueError("the columns are others")
    columns = list(zip(*lines)) or [()] * len(header)
    return header, [pandas.Series(list(column), dtype="object") for column in columns]


def _header(options: dict[str, Any]) -> list[str]:
    """The first line of the file by the names of index and columns."""
    names = [level["name"] for level in options["index"] or []]
    return [*("" if name is None else str(name) for name in names), *map(str, options["labels"])]


def _blank_lines(columns: list[Any]) -> int:
    """How many lines at the end have no value."""
    import pandas

    is_blank = pandas.concat(columns, axis=1).isna().all(axis=1)
    return int(is_blank[::-1].cumprod().sum())


def _read_as(what: dict[str, Any]) -> str:
    """What pandas makes of the text itself: numbers quickly, all else by us."""
    dtype = what["dtype"]
    if dtype.startswith("float"):
        return "float64"
    return dtype if dtype.startswith(("int", "uint", "Int", "UInt", "bool")) and "[" not in dtype else "object"


# ---------------------------------------------------------------------- a column


def _encode(column: pandas.Series, kind: str, place: str) -> tuple[pandas.Series, dict[str, Any]]:
    """A column as ``kind`` can hold it, and what brings it back; raises where nothing would."""
    import pandas

    dtype = column.dtype
    what: dict[str, Any] = {"dtype": str(dtype)}
    if isinstance(dtype, pandas.CategoricalDtype):
        categories, of = _encode(dtype.categories.to_series(index=range(len(dtype.categories))), kind, place)
        what = {"dtype": "category", "ordered": bool(dtype.ordered), "of": of, "categories": _json_values(categories)}
        values = categories.astype("object").reindex(column.cat.codes)
        return values.reset_index(drop=True), what
    if isinstance(dtype, (pandas.PeriodDtype, pandas.IntervalDtype)) or dtype.kind == "m":
        if isinstance(dtype, pandas.IntervalDtype):
            raise _unreadable(place, dtype, kind)
        return _texts(column, str), what
    if dtype.kind == "M":
        if kind in _SEPARATORS or (kind == "xlsx" and dtype == "datetime64[ns]"):
            return column, what
        return _texts(column, lambda moment: moment.isoformat()), what
    is_sparse = isinstance(dtype, pandas.SparseDtype)
    if not is_sparse and (dtype.kind in "biu" or (dtype.kind == "f" and dtype.itemsize <= 8)):
        if kind == "xlsx" and dtype.kind in "iu" and (column.abs() > _SAFE_INTEGER).any():
            raise _unreadable(place, "integers of more than 15 digits", kind)
        return column, what
    if isinstance(dtype, pandas.StringDtype) or str(dtype) == "object":
        found = pandas.api.types.infer_dtype(column, skipna=True)
        if found not in ("string", "empty") and not (kind == "json" and found not in _NOT_JSON):
            raise _unreadable(place, f"values of the kind {found!r}", kind)
        if kind == "xlsx" and any(isinstance(text, str) and _CHANGED_BY_EXCEL(text) for text in column):
            raise _unreadable(place, "text that begins with = or has a carriage return", kind)
        if any(value is None for value in column):
            what["none"] = True
        return column.astype("object"), what
    raise _unreadable(place, dtype, kind)


# Kinds of values, by the names of pandas, that are no JSON.
_NOT_JSON = {
    *("bytes", "complex", "decimal", "categorical", "period", "interval"),
    *("datetime", "datetime64", "date", "time", "timedelta", "timedelta64"),
}
# A formula; an end of line.
_CHANGED_BY_EXCEL = re.compile(r"=|.*\r", re.DOTALL).match


def _texts(column: pandas.Series, text: Callable[[Any], str]) -> pandas.Series:
    import pandas

    values = [None if missing else text(value) for value, missing in zip(column, column.isna())]
    return pandas.Series(values, dtype="object")


def _unreadable(place: str, what: Any, kind: str) -> ValueError:
    return ValueError(
        f"{place} has {what}, which cannot be read back from {kind}. "
        "Convert it first, or save under a name that ends in .parquet."
    )


def _decode(column: pandas.Series, what: dict[str, Any]) -> pandas.Series:
    """The column that :func:`_encode` was given."""
    import pandas

    dtype = what["dtype"]
    if dtype == "category":
        categories = pandas.Index(_decode(pandas.Series(what["categories"], dtype="object"), what["of"]))
        # Of what is missing there is no category, and no integer.
        values = _decode(column.dropna(), what["of"]).reindex(column.index)
        codes = categories.get_indexer(values)
        return pandas.Series(pandas.Categorical.from_codes(codes, categories, what["ordered"]), column.index)
    if dtype.startswith("datetime64"):
        # Daylight saving changes the offset within a column.
        in_utc = "," in dtype
        iso = {"format": "ISO8601"} if int(pandas.__version__.partition(".")[0]) >= 2 else {}
        return pandas.to_datetime(column, utc=in_utc, **iso).astype(dtype)
    if dtype.startswith("timedelta64"):
        return pandas.to_timedelta(column).astype(dtype)
    if dtype.startswith("period"):
        return pandas.Series(pandas.PeriodIndex(list(column), dtype=dtype), column.index)
    if dtype == "object":
        values = column.astype("object")
        return values.where(values.notna(), None if what.get("none") else float("nan"))
    if dtype == "str" and int(pandas.__version__.partition(".")[0]) < 3:
        # The default for text of later versions.
        return column.astype("object")
    return column.astype(dtype)


def _json_values(column: pandas.Series) -> list[Any]:
    """As JSON has them: null for what is missing."""
    values = column.astype("object")
    return values.where(values.notna(), None).tolist()


def _missing_text(columns: list[Any], name: str, kind: str) -> str:
    """A text for what is missing that no value has."""
    texts = [column for column in columns if str(column.dtype) == "object"]
    for candidate in _MISSING:
        if not any((column == candidate).any() for column in texts):
            return candidate
    raise ValueError(
        f"{name!r} has every text that could say what is missing in {kind}: it can end in .parquet."
    )


def _label(label: Any) -> Any:
    """The name of a column or an index as JSON keeps it."""
    plain: Optional[Any] = label.item() if hasattr(label, "item") else label
    if plain is None or isinstance(plain, (str, float)):
        return plain
    if isinstance(plain, int) and abs(plain) <= _SAFE_INTEGER:
        return plain
    raise ValueError(f"{label!r} cannot be kept as a name here: use text or a number.")
