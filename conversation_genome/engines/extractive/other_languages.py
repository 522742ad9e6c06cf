"""Languages without a tagger here: phrases between stop words, or runs of script where words are not spaced."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.spacy_library import stop_words_of
from conversation_genome.engines.extractive.words import word_list

_MAX_WORDS: Final = 3
_TOKEN: Final = re.compile(r"[^\W_]+(?:['\u2019\-+#][^\W_]+)*\+{0,2}|[^\w\s]|\n")
_NUMBER: Final = re.compile(r"^[\d.,:%]+$")
_LINKERS: Final = frozenset(
    ["de", "del", "da", "do", "des", "du", "di", "della", "of", "von", "van", "der", "la", "le"]
)
_VERB_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "es": ("amos", "emos", "imos", "aron", "ieron", "ando", "iendo", "aba", "aban", "ábamos", "aría", "ería", "aste", "iste", "aré", "eré", "ado"),
    "pt": ("amos", "emos", "aram", "eram", "iram", "ando", "endo", "indo", "ava", "avam", "aria", "eria", "ou", "ei"),
    "fr": ("ons", "ez", "aient", "ait", "ais", "erai", "eront", "issent", "ant"),
    "it": ("iamo", "ano", "ono", "ando", "endo", "avo", "ava", "avano", "erò", "ato", "uto"),
    "de": ("iere", "iert", "test"),
}  # fmt: skip
_KOREAN_ENDING: Final = re.compile(
    r"(?:에서는|에서|으로|이라고|라고|까지|부터|에게|처럼|보다|은|는|이|가|을|를|의|에|로|와|과|도|만|요)$"
)
_KOREAN_VERB: Final = re.compile(r"(?:다|요|죠|까|네|고|서|면|지|니|ㅋ+|ㅎ+)$")
_JAPANESE: Final = re.compile(
    r"[\u4e00-\u9fff々]+[けりみきめいえべ]?(?=[をがはにでとのへもや、。\uff01\uff1f\s]|$)|[\u4e00-\u9fff々]{2,}|[\u30a0-\u30ffー]{2,}|[A-Za-z][A-Za-z0-9+#.\-]+"
)
_HAN_FUNCTION: Final = re.compile(
    "[的了是我你他她它们在有和不这那就也都很吗吧呢啊哦嗯呀还要会能可对好没什么怎样样个一二两三几多少说去来到想看做给让被把从跟与及或但而因为所以如果虽然然后其实已经非常比较觉得知道喜欢]|[^\u4e00-\u9fff]"
)
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+#.\-]{1,}")
_OTHER_RUN: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{3,24}")


def spaced_mentions(text: str, language: str) -> Iterator[Mention]:
    """Yield the phrases of up to three words between stop words."""
    phrase: list[str] = []
    is_first = True
    for found in _TOKEN.findall(text):
        word = _without_ending(found, language)
        if _is_content(word, language) or (phrase and word.lower() in _LINKERS):
            phrase.append(word.lower() if is_first and word[1:].islower() and language != "de" else word)
        else:
            yield from _phrase_mentions(phrase, language)
            phrase = []
        is_first = found in ".!?¿¡\n"
    yield from _phrase_mentions(phrase, language)


def unspaced_mentions(text: str, language: str) -> Iterator[Mention]:
    """Yield the runs of characters that carry meaning in a script without blanks."""
    if language == "ja":
        runs = _JAPANESE.findall(text)
    elif language == "zh":
        runs = [run for run in _HAN_FUNCTION.split(text) if run] + _LATIN.findall(text)
    else:
        runs = _OTHER_RUN.findall(text) + _LATIN.findall(text)
    stop = stop_words(language)
    for run in runs:
        if 2 <= len(run) <= 16 and run not in stop and run.lower() not in stop:
            kind = Kind.NAME if run[0].isascii() and run[0].isupper() else Kind.NOUN
            yield Mention(key=run.lower(), text=run, kind=kind)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return spaCy's stop words of a language and our own; those alone where spaCy does not know it."""
    return stop_words_of(language) | word_list("stop_words_other")


def _without_ending(word: str, language: str) -> str:
    if language != "ko" or len(word) < 3:
        return word
    return _KOREAN_ENDING.sub("", word)


def _is_content(word: str, language: str) -> bool:
    lowered = word.lower()
    if len(word) < (2 if language == "ko" else 3) and not (len(word) == 2 and word.isupper()):
        return False
    if not word[0].isalnum() or _NUMBER.match(word) or lowered in stop_words(language):
        return False
    if language == "ko":
        return not _KOREAN_VERB.search(word)
    return not (len(word) > 4 and lowered.endswith(_VERB_ENDINGS.get(language, ())))


def _phrase_mentions(phrase: list[str], language: str) -> Iterator[Mention]:
    while phrase and phrase[-1].lower() in _LINKERS:
        phrase.pop()
    for size in range(1, _MAX_WORDS + 1):
        for start in range(len(phrase) - size + 1):
            words = phrase[start : start + size]
            if words[0].lower() in _LINKERS or words[-1].lower() in _LINKERS:
                continue
            yield _mention(words, language)


def _mention(words: list[str], language: str) -> Mention:
    is_name = words[0][:1].isupper() and language != "de"
    is_weak = language == "de" and not words[-1][:1].isupper()
    text = " ".join(words)[:64].strip()
    return Mention(key=text.lower(), text=text, kind=Kind.NAME if is_name else Kind.NOUN, is_weak=is_weak)
