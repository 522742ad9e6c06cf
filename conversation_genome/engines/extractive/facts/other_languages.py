# ruff: noqa: RUF001 - Japanese is what is read
"""How people speak of themselves in Spanish, German, French and Japanese: the plainest ways alone.

A fact is what was said, in the language in which it was said. There is no grammar here: the patterns name the
first person themselves, and in Japanese, which leaves it out, a clause is left alone where it asks, agrees or is
polite, since then it speaks of the other.
"""

import re
from collections.abc import Iterator
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.english import Said

_WORDS: Final = r"(?!(?:que|qu|wenn|dass|es|das|ça|cela|esto|eso|lo|mucho|beaucoup|bien|sehr|auch|tu|du|te|dir|dich|le fait)\b)[^\W\d_][\w'\-]*(?:\s+(?!(?:y|e|pero|porque|cuando|und|aber|weil|wenn|et|mais|parce|car|quand|que|muy|sehr|très|también|auch|aussi)\b)[\w'\-]+){0,3}"
_PROPER: Final = (
    r"[A-ZÁÉÍÓÚÑÄÖÜÀÂÇÈÊÎÔÛ][\w'\-]+(?:\s+(?:de\s+|la\s+|del\s+|am\s+)?[A-ZÁÉÍÓÚÑÄÖÜÀÂÇÈÊÎÔÛ][\w'\-]+){0,2}"
)
_JOB_ES: Final = r"(?:profesora?|maestr[oa]|médic[oa]|enfermer[oa]|ingenier[oa](?: \w+)?|abogad[oa]|estudiante(?: de \w+)?|programadora?|desarrolladora?|diseñadora?|camarer[oa]|cociner[oa]|arquitect[oa]|periodista|músic[oa]|escritora?|contadora?|conductora?|vendedora?|policía|bomber[oa]|panader[oa]|veterinari[oa]|actor|actriz|fotógraf[oa]|jardiner[oa]|agricultora?)\b"
_JOB_FR: Final = r"(?:professeure?|prof|institut(?:eur|rice)|médecin|infirmi(?:er|ère)|ingénieure?|avocate?|étudiante?|développeu(?:r|se)|graphiste|serveu(?:r|se)|cuisini(?:er|ère)|architecte|journaliste|musicien(?:ne)?|écrivaine?|comptable|chauffeur|vendeu(?:r|se)|boulang(?:er|ère)|vétérinaire|act(?:eur|rice)|photographe|coiffeu(?:r|se)|pompier|agriculteur)(?: en \w+)?\b"
_JOB_DE: Final = r"[A-ZÄÖÜ]\w*(?:er|erin|or|orin|ist|istin|ent|entin|ant|antin|arzt|ärztin|mann|frau|kraft|eur|eurin|koch|köchin|wirt|wirtin)\b(?!\s+(?:von|des|der)\b)"

_I, _P, _R, _L, _W = FactKind.INTEREST, FactKind.PREFERENCE, FactKind.ROLE, FactKind.PLACE, FactKind.PERSON
_Patterns = tuple[tuple[FactKind, float, re.Pattern[str]], ...]


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_SPACED: Final[dict[str, _Patterns]] = {
    "es": (
        (_R, 0.9, _any_case(r"\b(?:soy|trabajo (?:como|de))\s+(?:una?\s+)?" + _JOB_ES)),
        (_R, 0.8, re.compile(r"\b[Tt]rabajo\s+(?:en|para)\s+(?:el\s+|la\s+)?" + _PROPER)),
        (_L, 0.9, re.compile(r"\b[Vv]ivo\s+en\s+" + _PROPER)),
        (_L, 0.9, re.compile(r"\b[Ss]oy\s+de\s+" + _PROPER)),
        (_P, 0.8, _any_case(r"\b(?:odio|detesto|no me gustan?)\s+(?:el\s+|la\s+|los\s+|las\s+)?" + _WORDS)),
        (_I, 0.8, _any_case(r"(?<!no )\bme\s+(?:gustan?|encantan?|fascinan?)\s+(?:mucho\s+)?(?:el\s+|la\s+|los\s+|las\s+)?" + _WORDS)),
        (_P, 0.8, _any_case(r"\bprefiero\s+(?:el\s+|la\s+|los\s+|las\s+)?" + _WORDS)),
        (_P, 0.85, _any_case(r"\bmi\s+\w+\s+favorit[oa]\s+es\s+(?:el\s+|la\s+)?" + _WORDS)),
        (_W, 0.85, _any_case(r"\btengo\s+(?:una?|dos|tres|cuatro|\d)\s+(?:hij[oa]s?|herman[oa]s?|perr[oa]s?|gat[oa]s?|niet[oa]s?)\b")),
        (_W, 0.85, re.compile(r"\b[Mm]i\s+(?:esposa|esposo|marido|mujer|hij[oa]|herman[oa]|novi[oa]|madre|padre|perr[oa]|gat[oa])\s+se\s+llama\s+" + _PROPER)),
    ),
    "de": (
        (_R, 0.85, re.compile(r"\b[Ii]ch\s+(?:bin|arbeite als)\s+(?:ein\s+|eine\s+)?" + _JOB_DE)),
        (_R, 0.8, re.compile(r"\b[Ii]ch\s+arbeite\s+(?:bei|für)\s+(?:der\s+|dem\s+)?" + _PROPER)),
        (_L, 0.9, re.compile(r"\b[Ii]ch\s+(?:wohne|lebe)\s+(?:jetzt\s+|seit \w+ \w+\s+)?in\s+" + _PROPER)),
        (_L, 0.9, re.compile(r"\b[Ii]ch\s+komme\s+(?:ursprünglich\s+)?aus\s+" + _PROPER)),
        (_P, 0.8, re.compile(r"\b[Ii]ch\s+(?:mag|liebe)\s+kein(?:e|en)?\s+" + _WORDS)),
        (_I, 0.8, re.compile(r"\b[Ii]ch\s+(?:mag|liebe)\s+(?!kein)(?:sehr\s+|gerne?\s+)?(?:den\s+|die\s+|das\s+|mein\w*\s+)?" + _WORDS)),
        (_P, 0.8, re.compile(r"\b[Ii]ch\s+hasse\s+(?:den\s+|die\s+|das\s+)?" + _WORDS)),
        (_W, 0.85, re.compile(r"\b[Ii]ch\s+habe\s+(?:eine?n?|zwei|drei|vier|\d)\s+(?:Kind(?:er)?|Söhne?|Sohn|Töchter|Tochter|Brüder|Bruder|Schwestern?|Hunde?|Katzen?)\b")),
        (_W, 0.7, re.compile(r"\b[Mm]eine?\s+(?:Frau|Mann|Sohn|Tochter|Bruder|Schwester|Freundin|Freund|Mutter|Vater|Hund|Katze)\s+heißt\s+" + _PROPER)),
    ),
    "fr": (
        (_R, 0.9, _any_case(r"\bje\s+(?:suis|travaille comme)\s+(?:une?\s+)?" + _JOB_FR)),
        (_R, 0.8, re.compile(r"\b[Jj]e\s+travaille\s+(?:chez|pour|à)\s+(?:la\s+|le\s+)?" + _PROPER)),
        (_L, 0.9, re.compile(r"\b(?:[Jj]'habite|[Jj]e\s+vis)\s+(?:à|en|au)\s+" + _PROPER)),
        (_L, 0.85, re.compile(r"\b[Jj]e\s+(?:viens|suis originaire)\s+d(?:e\s+|u\s+|')" + _PROPER)),
        (_I, 0.8, _any_case(r"\bj'(?:aime|adore)\s+(?!pas\b)(?:bien\s+|beaucoup\s+|trop\s+)?(?:le\s+|la\s+|les\s+|l')?" + _WORDS)),
        (_P, 0.8, _any_case(r"\b(?:je\s+déteste|je\s+n'aime\s+pas)\s+(?:le\s+|la\s+|les\s+|l')?" + _WORDS)),
        (_P, 0.8, _any_case(r"\bje\s+préfère\s+(?:le\s+|la\s+|les\s+|l')?" + _WORDS)),
        (_W, 0.85, _any_case(r"\bj'ai\s+(?:une?|deux|trois|quatre|\d)\s+(?:enfants?|fils|filles?|frères?|sœurs?|chiens?|chats?)\b")),
        (_W, 0.85, re.compile(r"\b[Mm](?:a|on)\s+(?:femme|mari|fils|fille|frère|sœur|copine|copain|mère|père|chien|chat)\s+s'appelle\s+" + _PROPER)),
    ),
}  # fmt: skip

_JAPANESE: Final[_Patterns] = (
    (_L, 0.85, re.compile(r"(?:に|で)(?:住んで|暮らして)|在住|出身|(?:生まれ|育ち)(?:です|で、|なん|だ)")),
    (_R, 0.8, re.compile(r"(?:会社員|教師|学生|大学生|大学院生|高校生|主婦|看護師|医師|エンジニア|プログラマー?|デザイナー|公務員|保育士|介護士|美容師|調理師|自営業|フリーランス|在宅ワーク|パート|アルバイト)(?:です|をし|をやっ|なので|なん|だ)|(?:で|として)(?:働い|勤め)|仕事を(?:し|やっ)て|勉強(?:を)?して(?:い?ます|いる|る)")),
    (_P, 0.75, re.compile(r"(?:苦手|嫌い)(?:です|なん|なの|だ|で)|好きじゃな|食べられな|飲めな")),
    (_I, 0.75, re.compile(r"好き(?:です|なん|なの|だ|で)|趣味(?:は|で|が)|が趣味|得意|(?:ハマ|はま)って|特技|好物")),
    (_W, 0.75, re.compile(r"(?:子供|子ども|娘|息子|夫|主人|旦那|妻|嫁|兄|弟|姉|妹|犬|猫|ペット)(?:が|と|は|も).{0,8}(?:い(?:ます|る|て)|飼っ|住ん)|飼って(?:い?ます|いる|る)|持って(?:い?ます|いる|る)")),
    (_I, 0.65, re.compile(r"(?:習って|通って|やって|して|見て|読んで|聴いて|作って|飲んで|食べて|集めて)(?:い?ます|いる|る)|(?:よく|毎日|毎週|週末は).{2,20}(?:ます|ている|てる)")),
)  # fmt: skip
_JAPANESE_SENTENCE: Final = re.compile(r"[^。！!？?\n♪]+[。！!？?]?")
_OF_THE_OTHER: Final = re.compile(
    r"[？?]|(?:か|ね|よね|かな|でしょう|そう|らしい|らしいです|かも|かもしれません|聞きました|思いま(?:す|した)|たら|れば|なら|ください|ましょう)[。！!]?$|あなた|さん(?:は|が|も|の)|お(?:好き|住まい|子さん|仕事|休み|持ち)|ご(?:出身|趣味|家族|主人)|ですか|ますか|みたい|そうです"
)  # fmt: skip
_LEAD_JA: Final = re.compile(
    r"^(?:はい|ええ|うーん|うん|いえ|いいえ|ねー*|よね|そうなんです(?:よね|ね)?|いいですね|あ+[、,！!ー]|えっと|そう(?:です|なんです)?|でも|ただ|まあ|あと|私[はもの]?|僕[はも]?|自分[はも]?)[、,]?"
)
_MIN_JAPANESE: Final = 5
_MAX_JAPANESE: Final = 40

LANGUAGES: Final = frozenset([*_SPACED, "ja"])


def other_facts(text: str, language: str) -> Iterator[Said]:
    """Yield what a line says of its speaker; nothing where the language is not one of LANGUAGES."""
    if language == "ja":
        yield from _japanese(text)
        return
    for sentence in re.split(r"(?<=[.!?])\s+", text.replace("\u2019", "'")):
        if sentence.endswith("?"):
            continue
        for kind, confidence, pattern in _SPACED.get(language, ()):
            for found in pattern.finditer(sentence):
                said = found[0].strip(" ,.-")
                yield Said(kind, said[:1].upper() + said[1:], confidence)


def _japanese(text: str) -> Iterator[Said]:
    for found in _JAPANESE_SENTENCE.finditer(text):
        sentence = found[0].strip()
        if _OF_THE_OTHER.search(sentence) or "「" in sentence:
            continue
        for kind, confidence, pattern in _JAPANESE:
            known = pattern.search(sentence)
            if known is None:
                continue
            said = _clause_around(sentence, known.start(), known.end())
            if _MIN_JAPANESE <= len(said) <= _MAX_JAPANESE and not pattern.match(said.removeprefix("大")):
                yield Said(kind, said, confidence)
            break


def _clause_around(sentence: str, start: int, end: int) -> str:
    """Return the part between commas that holds a stretch; the whole as far as it goes where that is very short."""
    clause_start = max(sentence.rfind("、", 0, start), sentence.rfind(",", 0, start)) + 1
    clause_end = next((place for place in range(end, len(sentence)) if sentence[place] in "、,"), len(sentence))
    if start - clause_start < 2:
        clause_start = 0
    said = sentence[clause_start:clause_end]
    while (shorter := _LEAD_JA.sub("", said)) != said:
        said = shorter
    return said.rstrip("。！!、ー～~笑 ")
