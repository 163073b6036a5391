"""A small lexical ranking: fields with weights, rare words first, prefixes and typos."""

from __future__ import annotations

import math
import re
from typing import Iterable, Mapping, TypeVar

Item = TypeVar("Item")

_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PREFIX, _TYPO = 0.6, 0.4


def rank(
    query: str,
    documents: Iterable[tuple[Item, Mapping[str, str]]],
    weights: Mapping[str, float],
    limit: int,
) -> list[Item]:
    """The items whose fields fit ``query``, best first, at most ``limit``; what fits not at all is left out.

    ``documents`` are items with their text by field, ``weights`` say what a field counts.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit is a whole number above zero, not {limit!r}")
    indexed = [(item, _weighted_words(fields, weights)) for item, fields in documents]
    frequency: dict[str, int] = {}
    for _, words in indexed:
        for word in words:
            frequency[word] = frequency.get(word, 0) + 1
    scores = [0.0] * len(indexed)
    for wanted in dict.fromkeys(_words(query)):
        forms = _forms(wanted, frequency)
        for position, (_, words) in enumerate(indexed):
            scores[position] += max(
                (
                    closeness * words[word] * math.log(1 + len(indexed) / frequency[word])
                    for word, closeness in forms.items()
                    if word in words
                ),
                default=0.0,
            )
    # The sort is stable: equals stay in the order that they came in.
    order = sorted((p for p in range(len(indexed)) if scores[p] > 0), key=lambda p: -scores[p])
    return [indexed[position][0] for position in order[:limit]]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_HUMP.sub(" ", text))]


def _weighted_words(fields: Mapping[str, str], weights: Mapping[str, float]) -> dict[str, float]:
    """Each word with the weight of the best field that has it."""
    words: dict[str, float] = {}
    for field, text in fields.items():
        for word in _words(text):
            words[word] = max(words.get(word, 0.0), weights[field])
    return words


def _forms(wanted: str, vocabulary: Mapping[str, int]) -> dict[str, float]:
    """The words that ``wanted`` may stand for, each with how close it is; typos only if nothing else fits."""
    forms = {word: _PREFIX for word in vocabulary if _share_stem(word, wanted)}
    if wanted in vocabulary:
        forms[wanted] = 1.0
    if forms or len(wanted) < 4:
        return forms
    from difflib import get_close_matches

    return {word: _TYPO for word in get_close_matches(wanted, list(vocabulary), n=3, cutoff=0.75)}


def _share_stem(word: str, wanted: str) -> bool:
    # Both ways, so that "titles" finds "title" and "tit" finds "titles".
    return word.startswith(wanted) or (len(word) >= 4 and wanted.startswith(word))
