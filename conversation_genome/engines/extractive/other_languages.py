"""Languages without a tagger here: phrases between stop words, or runs of script where words are not spaced."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from conversation_genome.engines.extractive.east_asian import chinese_mentions, japanese_mentions
from conversation_genome.engines.extractive.facts.grammars import grammar_of
from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.words import word_list
from conversation_genome.spacy_library import stop_words_of

_MAX_WORDS: Final = 3
_TOKEN: Final = re.compile(r"[^\W_]+(?:['\u2019\-+#][^\W_]+)*\+{0,2}|[^\w\s]|\n")
_NUMBER: Final = re.compile(r"^[\d.,:%]+$")
_LINKERS: Final = frozenset(["van", "de", "del", "des", "du", "di", "of", "von", "do", "da"])
_DETERMINERS: Final[dict[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "es": "el la los las un una unos unas mi mis tu tus su sus este esta estos estas ese esa del al nuestro nuestra cada otro otra",
        "pt": "o a os as um uma uns umas meu minha meus minhas seu sua seus suas este esta esse essa do da dos das no na nosso nossa",
        "fr": "le la les un une des du mon ma mes ton ta tes son sa ses ce cet cette ces notre nos votre vos leur leurs au aux chaque",
        "it": "il lo la i gli le un uno una mio mia miei mie tuo tua suo sua questo questa quel quella del della dei delle nel nella al alla",
        "nl": "de het een mijn jouw je uw zijn haar ons onze hun dit dat deze die geen elk elke ieder iedere",
        "de": "der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine sein seine ihr ihre unser unsere kein keine keinen im am zum zur vom beim jede jeder jedes diese dieser dieses",
    }.items()
}  # fmt: skip
"""What stands in front of a noun: without a tagger the surest sign of one."""
_ELIDED: Final = re.compile(r"\b(?:[jmtsnc]|qu)['\u2019][^\W_]+|\b[dl]['\u2019]", re.IGNORECASE)
_GERMAN_ADJECTIVE: Final = re.compile(r"^[a-zäöüß]{3,}(?:e|en|er|es|em)$")
_VERB_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "es": ("amos", "emos", "imos", "aron", "ieron", "ando", "iendo", "aba", "aban", "ábamos", "aría", "ería", "aste", "iste", "aré", "eré", "ado"),
    "pt": ("amos", "emos", "aram", "eram", "iram", "ando", "endo", "indo", "ava", "avam", "aria", "eria", "ou", "ei"),
    "fr": ("ons", "ez", "aient", "ait", "ais", "erai", "eront", "issent", "ant"),
    "it": ("iamo", "ano", "ono", "ando", "endo", "avo", "ava", "avano", "erò", "ato", "uto"),
    "de": ("iere", "iert", "test"),
    "pl": ("uję", "ujesz", "uje", "ujemy", "ują", "ałem", "ałam", "iłem", "iłam", "yłem", "yłam", "ęłam", "ąłem", "aliśmy", "iliśmy", "yliśmy", "ować", "ywać", "iwać", "asz"),
    "ru": ("аю", "яю", "ею", "ую", "ает", "яет", "ует", "еет", "ают", "яют", "уют", "еют", "ешь", "ишь", "ться", "тся", "лся", "лась", "лись", "овать", "ывать"),
}  # fmt: skip
_BARE: Final = frozenset({"pl", "ru"})
"""Languages without articles, where a verb stands beside a noun as often as not."""
_REMEMBERED_WORDS: Final = 10_000
_KOREAN_ENDING: Final = re.compile(
    r"(?:에서는|에서|으로|이라고|라고|까지|부터|에게|처럼|보다|은|는|이|가|을|를|의|에|로|와|과|도|만|요)$"
)
_KOREAN_VERB: Final = re.compile(r"(?:다|요|죠|까|네|고|서|면|지|니|ㅋ+|ㅎ+)$")
_MAX_RUN: Final = 16
_PLURAL_S: Final = frozenset({"es", "fr", "pt", "ca", "gl"})
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+#.\-]{1,}")
_OTHER_RUN: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{3,24}")


def spaced_mentions(text: str, language: str) -> Iterator[Mention]:
    """Yield the phrases of up to three words between stop words."""
    if language in {"fr", "it"}:
        text = _ELIDED.sub(" la ", text)
    phrase: list[str] = []
    is_first, before = True, ""
    for found in _TOKEN.findall(text):
        word = _without_ending(found, language)
        if _is_content(word, language) or (phrase and word.lower() in _LINKERS):
            phrase.append(word.lower() if is_first and word[1:].islower() else word)
        else:
            yield from _phrase_mentions(phrase, before, language)
            phrase, before = [], found.lower()
        is_first = found in ".!?\u00bf\u00a1\n"
    yield from _phrase_mentions(phrase, before, language)


def unspaced_mentions(text: str, language: str) -> Iterator[Mention]:
    """Yield the nouns of a script without blanks, or its runs of characters where no dictionary is at hand."""
    stop = stop_words(language)
    if language == "ja":
        yield from japanese_mentions(text, stop)
    elif language == "zh":
        yield from chinese_mentions(text, stop)
    else:
        for run in _OTHER_RUN.findall(text) + _LATIN.findall(text):
            if 1 < len(run) <= _MAX_RUN and run.lower() not in stop:
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
    if language in _BARE and _is_of_first_person(lowered, language):
        return False
    return not (len(word) > 4 and lowered.endswith(_VERB_ENDINGS.get(language, ())))


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _is_of_first_person(word: str, language: str) -> bool:
    """Return whether a word is a verb by which people speak of themselves (see `facts.grammars`)."""
    known = grammar_of(language)
    verbs = (
        known.be,
        known.live,
        known.we_live,
        known.work,
        known.like,
        known.dislike,
        known.do,
        known.past,
        known.own,
    )
    return any(pattern.fullmatch(word) for pattern in verbs)


def _phrase_mentions(phrase: list[str], before: str, language: str) -> Iterator[Mention]:
    """Yield the runs of one to three words of a phrase.

    Args:
        phrase: Words that are no stop words, and linkers between them.
        before: The word in front of the phrase, in lower case.
        language: Two letters.
    """
    determiners = _DETERMINERS.get(language)
    for start in range(len(phrase)):
        is_determined = determiners is None or (start == 0 and before in determiners)
        for size in range(1, min(_MAX_WORDS, len(phrase) - start) + 1):
            words = phrase[start : start + size]
            if _may_be_phrase(words, language) and not _is_unit(words) and not _is_cut(words, phrase[start + size :]):
                yield _mention(words, language, is_determined=is_determined)


def _is_cut(words: list[str], rest: list[str]) -> bool:
    """Return whether a linked phrase goes on: `pieds de Cœur` is half of `pieds de Cœur de Bœuf`."""
    return bool(rest) and rest[0].lower() in _LINKERS and any(word.lower() in _LINKERS for word in words)


def _may_be_phrase(words: list[str], language: str) -> bool:
    if words[0].lower() in _LINKERS or words[-1].lower() in _LINKERS:
        return False
    if language == "de":
        is_noun = words[-1][:1].isupper()
        return is_noun and all(word[:1].isupper() or _GERMAN_ADJECTIVE.match(word) for word in words[:-1])
    is_linked = len(words) == 3 and words[1].lower() in _LINKERS
    is_name = all(word[:1].isupper() or word.lower() in _LINKERS for word in words)
    return len(words) == 1 or is_linked or is_name or language not in _DETERMINERS


def _is_unit(words: list[str]) -> bool:
    """Return whether a phrase is but a unit or a currency: `Euro`."""
    return all(word.lower() in word_list("units_other") for word in words)


def _one_number(word: str, language: str) -> str:
    """Return a word without the plural's s where a language has one."""
    return word[:-1] if language in _PLURAL_S and len(word) > 3 and word.endswith("s") else word


def _mention(words: list[str], language: str, *, is_determined: bool) -> Mention:
    """A word that neither follows a determiner nor has a capital is weak: it may as well be a verb."""
    is_name = words[0][:1].isupper() and language != "de"
    is_weak = not is_determined and not words[-1][:1].isupper()
    text = " ".join(words)[:64].strip()
    key = " ".join(_one_number(word, language) for word in text.lower().split())
    return Mention(key=key, text=text, kind=Kind.NAME if is_name else Kind.NOUN, is_weak=is_weak)
