"""NumPy arrays as ``.npy``, ``.npz``, ``.csv``, ``.txt`` or ``.json``.

``_format_options`` of an array as text hold its ``dtype`` and ``shape``, which text does not always tell; with
``npz``, ``of`` tells a dict of arrays from a single one.
"""

from __future__ import annotations

import io
import types
from typing import TYPE_CHECKING, Any, Callable

from .artifact_formats import Saver, set_format

if TYPE_CHECKING:
    import numpy

# What brings back every digit, by the kind of dtype; half as many digits do for half as many bits.
_DIGITS = {"b": "%d", "i": "%d", "u": "%d"}
_FLOAT_DIGITS = {2: "%.5g", 4: "%.9g", 8: "%.17g"}
_SINGLE = "arr_0"


def saver(name: str, ending: str, data: Any) -> Saver:
    """What saves an array, or a dict of arrays, by the ending of its name."""
    import numpy

    for array in data.values() if isinstance(data, dict) else (data,):
        if isinstance(array, numpy.ma.MaskedArray):
            raise ValueError(f"{name!r} has a mask, which would be lost: save array.filled(...), or data and mask.")
        if array.dtype.hasobject:
            raise ValueError(
                f"{name!r} is an array of Python objects, which would have to be pickled. "
                "Give it a type first, such as array.astype(float) or array.astype(str)."
            )
    if ending == "npz":
        return lambda target, details: _save_npz(target, details, data)
    if ending in ("csv", "txt", "json"):
        _check_text(name, ending, data)
        write = _write_json if ending == "json" else _write_csv
        return lambda target, details: _save_text(target, details, data, "csv" if ending == "txt" else ending, write)
    return lambda target, details: _save_npy(target, details, data)


def load(file: Any, kind: str, options: dict[str, Any]) -> Any:
    """The array, or the dict of arrays, that was saved."""
    import numpy

    if kind == "npy":
        return numpy.lib.format.read_array(_plain(read=file.read), allow_pickle=False)
    if kind == "npz":
        with numpy.load(file, allow_pickle=False) as arrays:
            if options["of"] == "array":
                return arrays[_SINGLE]
            return {key: arrays[key] for key in arrays.files}
    # The text may have been changed by hand since: what it holds now counts.
    dtype, shape = numpy.dtype(options["dtype"]), tuple(options["shape"])
    text = file.read().decode("utf-8")
    if kind == "json":
        import json

        array = numpy.array(json.loads(text), dtype)
    elif text.strip():
        # Truth is written as 0 and 1.
        number = numpy.int8 if dtype.kind == "b" else dtype
        lines = text.splitlines()
        array = numpy.loadtxt(lines, number, delimiter=",", ndmin=len(shape)).astype(dtype, copy=False)
    else:
        array = numpy.zeros(0, dtype)
    return array.reshape(shape) if array.size == 0 and 0 in shape else array


def _save_npy(target: Any, details: dict[str, Any], array: numpy.ndarray) -> None:
    import numpy

    set_format(details, "npy", "bytes", {"of": "array"})
    numpy.lib.format.write_array(_plain(write=target.write), array, allow_pickle=False)


def _plain(**methods: Any) -> Any:
    """A file without a descriptor: NumPy before 1.23 takes every buffered one for a file of the system."""
    return types.SimpleNamespace(**methods)


def _save_npz(target: Any, details: dict[str, Any], data: Any) -> None:
    import zipfile

    import numpy

    is_dict = isinstance(data, dict)
    set_format(details, "npz", "bytes", {"of": "arrays" if is_dict else "array"})
    # As numpy.savez does, which cannot take every name.
    with zipfile.ZipFile(target, "w") as archive:
        for key, array in (data if is_dict else {_SINGLE: data}).items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                numpy.lib.format.write_array(member, array, allow_pickle=False)


def _check_text(name: str, ending: str, array: numpy.ndarray) -> None:
    can = "biuf" if ending != "json" else "biufU"
    digits = array.dtype.kind != "f" or array.dtype.itemsize in _FLOAT_DIGITS
    if array.dtype.kind not in can or not digits:
        raise ValueError(f"An array of {array.dtype} cannot be read back from {ending}: {name!r} can end in .npy.")
    if ending != "json" and array.ndim not in (1, 2):
        raise ValueError(
            f"An array with {array.ndim} dimensions has no lines and columns: {name!r} can end in .npy or .json."
        )


def _save_text(
    target: Any,
    details: dict[str, Any],
    array: numpy.ndarray,
    kind: str,
    write: Callable[[Any, numpy.ndarray], None],
) -> None:
    options = {"of": "array", "dtype": array.dtype.newbyteorder("=").str, "shape": list(array.shape)}
    set_format(details, kind, "text", options)
    text = io.TextIOWrapper(target, "utf-8", newline="\n")
    write(text, array)
    text.detach()


def _write_json(text: Any, array: numpy.ndarray) -> None:
    import json

    json.dump(array.tolist(), text)


def _write_csv(text: Any, array: numpy.ndarray) -> None:
    import numpy

    digits = _DIGITS.get(array.dtype.kind) or _FLOAT_DIGITS[array.dtype.itemsize]
    numpy.savetxt(text, array, digits, delimiter=",")
