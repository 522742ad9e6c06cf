"""How people speak of themselves in Spanish, German, French and Japanese: the plainest ways alone.

What is found is said with the same English verb everywhere ("likes fútbol"), so that facts of all languages compare.
"""

import re
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.fact_pattern import FactPattern

_WORDS: Final = r"((?!(?:que|qu|wenn|dass|es|das|ça|cela|esto|eso|lo|mucho|beaucoup|bien|sehr|auch|tu|du|te|dir|dich|le fait)\b)[^\W\d_][\w'\-]*(?:\s+(?!(?:y|e|pero|porque|cuando|und|aber|weil|wenn|et|mais|parce|car|quand|que|muy|sehr|très|también|auch|aussi)\b)[\w'\-]+){0,3})"
_PROPER: Final = (
    r"([A-ZÁÉÍÓÚÑÄÖÜÀÂÇÈÊÎÔÛ][\w'\-]+(?:\s+(?:de\s+|la\s+|del\s+|am\s+)?[A-ZÁÉÍÓÚÑÄÖÜÀÂÇÈÊÎÔÛ][\w'\-]+){0,2})"
)
_JOB_ES: Final = r"((?:profesora?|maestr[oa]|médic[oa]|enfermer[oa]|ingenier[oa](?: \w+)?|abogad[oa]|estudiante(?: de \w+)?|programadora?|desarrolladora?|diseñadora?|camarer[oa]|cociner[oa]|arquitect[oa]|periodista|músic[oa]|escritora?|contadora?|conductora?|vendedora?|policía|bomber[oa]|panader[oa]|veterinari[oa]|actor|actriz|fotógraf[oa]|jardiner[oa]|agricultora?))\b"
_JOB_FR: Final = r"((?:professeure?|prof|institut(?:eur|rice)|médecin|infirmi(?:er|ère)|ingénieure?|avocate?|étudiante?|développeu(?:r|se)|graphiste|serveu(?:r|se)|cuisini(?:er|ère)|architecte|journaliste|musicien(?:ne)?|écrivaine?|comptable|chauffeur|vendeu(?:r|se)|boulang(?:er|ère)|vétérinaire|act(?:eur|rice)|photographe|coiffeu(?:r|se)|pompier|agriculteur)(?: en \w+)?)\b"
_JOB_DE: Final = r"([A-ZÄÖÜ]\w*(?:er|erin|or|orin|ist|istin|ent|entin|ant|antin|arzt|ärztin|mann|frau|kraft|eur|eurin|koch|köchin|wirt|wirtin))\b(?!\s+(?:von|des|der)\b)"
_JOB_JA: Final = r"((?:高校|大学|小学校の|中学校の|保育|看護|介護)?(?:会社員|教師|先生|学生|大学生|大学院生|主婦|専業主婦|看護師|医師|医者|エンジニア|プログラマー?|デザイナー|公務員|保育士|介護士|美容師|調理師|自営業|フリーランス|ライター|営業|事務))"
_RUN_JA: Final = (
    r"([\u4e00-\u9fff々]{1,8}|[\u30a0-\u30ffー]{2,12}|[\u4e00-\u9fff々\u30a0-\u30ffー]{2,12}|[A-Za-z]{3,20})"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_I, _P, _R, _L, _W = FactKind.INTEREST, FactKind.PREFERENCE, FactKind.ROLE, FactKind.PLACE, FactKind.PERSON

OTHER_FACTS: Final[dict[str, tuple[FactPattern, ...]]] = {
    "es": (
        FactPattern(_R, _compiled(r"\b(?:soy|trabajo (?:como|de))\s+(?:una?\s+)?" + _JOB_ES), "{0}", 0.9),
        FactPattern(_R, re.compile(r"\b[Tt]rabajo\s+(?:en|para)\s+(?:el\s+|la\s+)?" + _PROPER), "works at {0}", 0.8),
        FactPattern(_L, re.compile(r"\b[Vv]ivo\s+en\s+" + _PROPER), "lives in {0}", 0.9),
        FactPattern(_L, re.compile(r"\b[Ss]oy\s+de\s+" + _PROPER), "from {0}", 0.9),
        FactPattern(_I, _compiled(r"\bme\s+(?:gustan?|encantan?|fascinan?)\s+(?:mucho\s+)?(?:el\s+|la\s+|los\s+|las\s+)?" + _WORDS), "likes {0}", 0.8),
        FactPattern(_P, _compiled(r"\b(?:odio|detesto|no me gustan?)\s+(?:el\s+|la\s+|los\s+|las\s+)?" + _WORDS), "dislikes {0}", 0.8),
        FactPattern(_P, _compiled(r"\bprefiero\s+(?:el\s+|la\s+|los\s+|las\s+)?" + _WORDS), "prefers {0}", 0.8),
        FactPattern(_W, re.compile(r"\b[Mm]i\s+(esposa|esposo|marido|mujer|hij[oa]|herman[oa]|novi[oa]|madre|padre|perr[oa]|gat[oa]),?\s+(?:se llama\s+)?" + _PROPER), "{0} {1}", 0.85),
    ),
    "de": (
        FactPattern(_R, re.compile(r"\b[Ii]ch\s+(?:bin|arbeite als)\s+(?:ein\s+|eine\s+)?" + _JOB_DE), "{0}", 0.85),
        FactPattern(_R, re.compile(r"\b[Ii]ch\s+arbeite\s+(?:bei|für)\s+(?:der\s+|dem\s+)?" + _PROPER), "works at {0}", 0.8),
        FactPattern(_L, re.compile(r"\b(?:[Ii]ch\s+)?(?:wohne|lebe)\s+(?:ich\s+)?(?:jetzt\s+|seit \w+ \w+\s+)?in\s+" + _PROPER), "lives in {0}", 0.9),
        FactPattern(_L, re.compile(r"\b[Ii]ch\s+komme\s+(?:ursprünglich\s+)?aus\s+" + _PROPER), "from {0}", 0.9),
        FactPattern(_I, re.compile(r"\b[Ii]ch\s+(?:mag|liebe)\s+(?:sehr\s+|gerne?\s+)?(?:den\s+|die\s+|das\s+|mein\w*\s+)?" + _WORDS), "likes {0}", 0.8),
        FactPattern(_P, re.compile(r"\b[Ii]ch\s+hasse\s+(?:den\s+|die\s+|das\s+)?" + _WORDS), "dislikes {0}", 0.8),
        FactPattern(_W, re.compile(r"\b[Mm]eine?\s+(Frau|Mann|Sohn|Tochter|Bruder|Schwester|Freundin|Freund|Mutter|Vater|Hund|Katze),?\s+(?:heißt\s+)?" + _PROPER), "{0} {1}", 0.6),
    ),
    "fr": (
        FactPattern(_R, _compiled(r"\bje\s+(?:suis|travaille comme)\s+(?:une?\s+)?" + _JOB_FR), "{0}", 0.9),
        FactPattern(_R, re.compile(r"\b[Jj]e\s+travaille\s+(?:chez|pour|à)\s+(?:la\s+|le\s+)?" + _PROPER), "works at {0}", 0.8),
        FactPattern(_L, re.compile(r"\b(?:[Jj]'habite|[Jj]e\s+vis)\s+(?:à|en|au)\s+" + _PROPER), "lives in {0}", 0.9),
        FactPattern(_L, re.compile(r"\b[Jj]e\s+(?:viens|suis originaire)\s+d(?:e\s+|u\s+|')" + _PROPER), "from {0}", 0.85),
        FactPattern(_I, _compiled(r"\bj'(?:aime|adore)\s+(?:bien\s+|beaucoup\s+|trop\s+)?(?:le\s+|la\s+|les\s+|l')?" + _WORDS), "likes {0}", 0.8),
        FactPattern(_P, _compiled(r"\b(?:je\s+déteste|je\s+n'aime\s+pas)\s+(?:le\s+|la\s+|les\s+|l')?" + _WORDS), "dislikes {0}", 0.8),
        FactPattern(_P, _compiled(r"\bje\s+préfère\s+(?:le\s+|la\s+|les\s+|l')?" + _WORDS), "prefers {0}", 0.8),
        FactPattern(_W, re.compile(r"\b(?:ma|mon)\s+(femme|mari|fils|fille|frère|sœur|copine|copain|mère|père|chien|chat),?\s+(?:s'appelle\s+)?" + _PROPER), "{0} {1}", 0.85),
    ),
    "ja": (
        FactPattern(_R, re.compile(_JOB_JA + r"(?:です|をして|をやって|として働|なので|なん)"), "{0}", 0.8),
        FactPattern(_L, re.compile(_RUN_JA + r"(?:県|市|府)?に住んで"), "lives in {0}", 0.85),
        FactPattern(_L, re.compile(_RUN_JA + r"(?:の)?出身(?:です|なん|で、)"), "from {0}", 0.8),
        FactPattern(_I, re.compile(_RUN_JA + r"(?:が|は|も)(?:大好き|好き)(?:です|なん|で、|なので|でして)(?!か)"), "likes {0}", 0.75),
        FactPattern(_I, re.compile(r"趣味は、?" + _RUN_JA), "likes {0}", 0.85),
        FactPattern(_I, re.compile(_RUN_JA + r"が趣味(?:です|なん|で、)"), "likes {0}", 0.85),
        FactPattern(_P, re.compile(_RUN_JA + r"(?:が|は)(?:苦手|嫌い)(?:です|なん|で、|なので)(?!か)"), "dislikes {0}", 0.75),
    ),
}  # fmt: skip
