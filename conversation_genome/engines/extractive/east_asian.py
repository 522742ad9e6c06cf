"""Japanese and Chinese: nouns and runs of nouns, as SudachiPy and jieba cut and tag them (both carry their dictionary)."""

import logging
import threading
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from conversation_genome.annotation import Aspect
from conversation_genome.engines.extractive.mention import Kind, Mention

_MAX_WORDS: Final = 4
_MAX_CHARACTERS: Final = 16
_LOCK: Final = threading.Lock()
_JAPANESE_NAMES: Final = "固有名詞"
_JAPANESE_NO_THEMES: Final = frozenset({"数詞", "助動詞語幹", "副詞可能"})
_CHINESE_NAMES: Final = frozenset({"nr", "ns", "nt", "nz", "eng", "nrt"})

_JAPANESE_ASPECTS: Final = {"地名": Aspect.PLACE, "人名": Aspect.ENTITY}
_CHINESE_ASPECTS: Final = {"ns": Aspect.PLACE, "nr": Aspect.ENTITY, "nrt": Aspect.ENTITY, "nt": Aspect.ORGANISATION}
_ORGANISATIONS: Final = (
    "大学",
    "大學",
    "高校",
    "会社",
    "公司",
    "銀行",
    "银行",
    "協会",
    "协会",
    "病院",
    "医院",
    "学会",
    "省庁",
    "研究所",
)

Word = tuple[str, bool, bool]
"""Text, whether it may be part of a tag, whether it is a name."""


def japanese_mentions(text: str, stop: frozenset[str]) -> list[Mention]:
    """Return the runs of nouns of one line."""
    with _LOCK:
        words = [_japanese_word(word) for word in _sudachi().tokenize(text)]
    return list(_runs(words, stop))


def chinese_mentions(text: str, stop: frozenset[str]) -> list[Mention]:
    """Return the runs of nouns of one line."""
    with _LOCK:
        words = [
            (pair.word, pair.flag[:1] == "n" or pair.flag in {"vn", "eng"}, pair.flag in _CHINESE_NAMES)
            for pair in _jieba().cut(text)
        ]
    return list(_runs(words, stop))


def japanese_name(text: str) -> Aspect | None:
    """Return what a name names, as far as the dictionary tells of each of its words; None where it does not."""
    with _LOCK:
        kinds = [word.part_of_speech() for word in _sudachi().tokenize(text)]
    if any(kind[1] == _JAPANESE_NAMES for kind in kinds) and text.endswith(_ORGANISATIONS):
        return Aspect.ORGANISATION
    told = {_JAPANESE_ASPECTS.get(kind[2]) if kind[1] == _JAPANESE_NAMES else None for kind in kinds}
    return told.pop() if len(told) == 1 else None


def chinese_name(text: str) -> Aspect | None:
    """Return what a name names, as far as the dictionary tells of each of its words; None where it does not."""
    with _LOCK:
        flags = [pair.flag for pair in _jieba().cut(text)]
    if flags[:1] == ["ns"] and text.endswith(_ORGANISATIONS):
        return Aspect.ORGANISATION
    told = {_CHINESE_ASPECTS.get(flag) for flag in flags}
    return told.pop() if len(told) == 1 else None


def _japanese_word(word: Any) -> Word:
    kind: Sequence[str] = word.part_of_speech()
    is_noun = kind[0] == "名詞" and not _JAPANESE_NO_THEMES & set(kind[1:3])
    is_joint = kind[0] in {"接頭辞", "接尾辞"} and kind[1] in {"名詞的", "*"}
    return word.surface(), is_noun or is_joint, kind[1] == _JAPANESE_NAMES


def _runs(words: Sequence[Word], stop: frozenset[str]) -> Iterator[Mention]:
    run: list[Word] = []
    for word in [*words, ("", False, False)]:
        if word[1] and word[0].strip() and word[0] not in stop and word[0].lower() not in stop:
            run.append(word)
        else:
            yield from _mention(run)
            run = []


def _mention(run: Sequence[Word]) -> Iterator[Mention]:
    kept = run[-_MAX_WORDS:]
    has_latin = all(text.isascii() for text, _, _ in kept)
    text = (" " if has_latin else "").join(text for text, _, _ in kept).strip()
    if 1 <= len(text) <= _MAX_CHARACTERS and any(letter.isalpha() for letter in text):
        is_name = bool(kept) and all(named for _, _, named in kept)
        kind = Kind.NAME if is_name else Kind.NOUN
        yield Mention(key=text.lower(), text=text, kind=kind, is_weak=len(text) == 1)


@cache
def _sudachi() -> Any:
    from sudachipy import Dictionary, SplitMode  # noqa: PLC0415 -- 0.3 s and a dictionary that only Japanese needs

    return Dictionary(dict="small").tokenizer(mode=SplitMode.C)


@cache
def _jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its regular expressions are written for older versions of Python
        import jieba  # noqa: PLC0415 -- a second and a dictionary that only Chinese needs
        import jieba.posseg  # noqa: PLC0415

        jieba.setLogLevel(logging.WARNING)
    return jieba.posseg.POSTokenizer()
