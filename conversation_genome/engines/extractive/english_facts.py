"""How people speak of themselves in English; patterns expect a sentence without typographic quotes."""

import re
from collections.abc import Callable
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.fact_pattern import FactPattern
from conversation_genome.engines.extractive.words import phrase_list, word_list

_OCCUPATION_ENDING: Final = re.compile(
    r"(?:[a-z]{3}(?:ologist|ician|keeper|maker|writer|worker|master|monger)|[a-z]{4,}(?:ist|eer|yer|grapher|entist|mancer))$"
)
_NOT_AN_OCCUPATION: Final = frozenset(
    {"beer", "deer", "list", "mist", "peer", "career", "player", "racist", "twist", "fist", "sheer", "layer", "lover"}
)
_VAGUE: Final = frozenset(
    [
        *("it", "that", "this", "them", "him", "her", "you", "these", "those", "one", "what", "how", "when", "where", "who"),
        *("everything", "anything", "nothing", "something", "all", "both", "me", "us", "to", "your", "the", "a", "an", "if"),
        *("there", "here", "so", "too", "as", "because", "being", "having", "his", "their", "he", "she", "they", "i", "we"),
        *("until", "in", "at", "on", "for", "with", "by", "from", "of", "out", "up", "down", "over", "about", "into", "off"),
        *("said", "mean", "say", "think", "know", "not", "just", "some", "any", "every", "another", "its", "it's", "that's"),
    ]
)  # fmt: skip

_VAGUE_DEEDS: Final = frozenset(
    [
        "go",
        "do",
        "have",
        "be",
        "get",
        "make",
        "take",
        "use",
        "try",
        "work",
        "help",
        "keep",
        "start",
        "come",
        "talk",
        "say",
        "give",
        "put",
        "look",
        "imagine",
        "joke",
        "pretend",
        "add",
        "ask",
    ]
)

_ADVERB: Final = r"(?:(?:really|also|just|actually|absolutely|totally|definitely|still|always|do|too|truly|only|personally|mostly|usually|particularly|especially|kinda|simply|honestly)\s+){0,2}"
_NOT_ASKED: Final = r"(?<!\bdo )(?<!\bif )(?<!\bdid )(?<!\bwould )(?<!\bshould )(?<!\bcan )(?<!\bcould )(?<!\bam )(?<!\bwhen )(?<!\bwish )(?<!\bwhat )(?<!\bthat )"
_I: Final = _NOT_ASKED + r"\bi\s+" + _ADVERB
_AM: Final = _NOT_ASKED + r"\bi(?:'?m|\s+am)\s+" + _ADVERB
_OBJECT: Final = r"((?!\d)[\w'+#\-]+(?:\s+(?!(?:and|but|because|so|when|which|that|if|since|though|although|cause|cuz|while|as|until|or|then|too|very|lol|i|you|he|she|we|they|it|is|are|was|for|with|myself|a lot|at all|as well|right now|who|after|before|where|than|these|also|especially|do)\b)[\w'+#\-]+){0,4})"
_NAME: Final = r"([A-Z][\w'\-]+(?:\s+(?:de|la|of|the|van|von)?\s*[A-Z][\w'\-]+){0,3})"
_PLACE: Final = r"((?:(?:a|the)\s+(?:small\s+|big\s+|little\s+)?(?:town|city|village|farm|suburb|suburbs|country|countryside|mountains|coast|north|south|east|west|midwest)(?:\s+(?:in|of|near)\s+)?)?(?:[\w'\-]+(?:\s+(?:city|states|kingdom|zealand|england|york|jersey|carolina|dakota|virginia|africa|korea|america|francisco|angeles|diego|antonio|orleans|vegas|hampshire|mexico|coast|bay|area|island|islands|(?-i:[A-Z][\w'\-]+))){0,3})?)"
_KIN: Final = r"(wife|husband|girlfriend|boyfriend|partner|fianc[ée]e?|spouse|son|daughter|kid|child|baby|brother|sister|twin|mom|mother|mum|dad|father|parents?|grandma|grandmother|grandpa|grandfather|aunt|uncle|cousin|niece|nephew|friend|best friend|roommate|boss|dog|cat|puppy|kitten|horse|parrot|hamster|rabbit)"


def _compiled(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.IGNORECASE)


def _fact(
    kind: FactKind,
    triggers: str,
    pattern: re.Pattern[str],
    template: str,
    confidence: float,
    accepts: Callable[[str], bool] = bool,
) -> FactPattern:
    return FactPattern(kind, pattern, template, confidence, frozenset(triggers.split()), accepts)


def _is_said(text: str) -> bool:
    words = text.lower().split()
    return bool(words) and words[0] not in _VAGUE and not (len(words) == 1 and words[0] in word_list("empty_heads"))


def _is_deed(text: str) -> bool:
    """Return whether `to ...` names something to do, not merely going, doing or having."""
    words = text.lower().split()
    return len(words) > 2 or words[-1] not in _VAGUE_DEEDS


def _is_occupation(text: str) -> bool:
    words = text.lower().split()
    if not words or words[0] in word_list("weak_modifiers"):
        return False
    last, two = words[-1], " ".join(words[-2:])
    if last in phrase_list("occupations") or two in phrase_list("occupations"):
        return True
    return last not in _NOT_AN_OCCUPATION and _OCCUPATION_ENDING.search(last) is not None


def _is_place(text: str) -> bool:
    return (
        _is_said(text) and text[:1].isalpha() and text.split(maxsplit=1)[0].lower() not in word_list("weak_modifiers")
    )


def _is_name(text: str) -> bool:
    return text[:1].isupper() and text.split(maxsplit=1)[0].lower() not in _VAGUE


_KIN_WORDS: Final = "wife husband girlfriend boyfriend partner fiancé fiancée fiancee spouse son daughter kid child baby brother sister twin mom mother mum dad father parent parents grandma grandmother grandpa grandfather aunt uncle cousin niece nephew friend roommate boss dog cat puppy kitten horse parrot hamster rabbit"  # fmt: skip
_THE: Final = r"(?:the\s+(?=(?-i:[A-Z])|(?:beach|outdoors|ocean|mountains|gym|sea|rain|snow|cold|heat|sun|forest|theater|theatre|movies|country)\b))?"
"""A name or what there is one of; with any other `the` people speak of what is at hand."""
_ARTICLE: Final = r"(?:an?|the|one of the|your)\s+"

ENGLISH_FACTS: Final = (
    _fact(FactKind.ROLE, "i'm im am", _compiled(_AM, _ARTICLE, r"((?:[\w'+#\-]+\s+){0,3}?[\w\-]+)(?=\s*(?:[.,!?;:)]|$|\s(?:at|for|by|in|from|with|who|and|of|on|so|but|too|now|here|working|living|myself)\b))"), "{0}", 0.9, _is_occupation),
    _fact(FactKind.ROLE, "work worked working", _compiled(_I, r"(?:work|worked|am working)\s+(?:as|being)\s+(?:an?|the)?\s*", _OBJECT), "{0}", 0.9, _is_said),
    _fact(FactKind.ROLE, "used", _compiled(_I, r"used to (?:be|work as) an?\s+", _OBJECT), "former {0}", 0.8, _is_occupation),
    _fact(FactKind.ROLE, "work worked working", re.compile(r"\bI(?:'m|\s+am)?\s+(?:work|worked|working)\s+(?:at|for)\s+(?:the\s+)?" + _NAME), "works at {0}", 0.85, _is_name),
    _fact(FactKind.ROLE, "work", _compiled(_I, r"work\s+in\s+(?:the\s+|an?\s+)?", _OBJECT), "works in {0}", 0.8, _is_said),
    _fact(FactKind.ROLE, "job occupation profession", _compiled(r"\bmy (?:job|occupation|profession|current job) is\s+(?:as\s+)?(?:an?\s+|being an?\s+)?", _OBJECT), "{0}", 0.85, _is_said),
    _fact(FactKind.ROLE, "teach", _compiled(_I, r"teach\s+", _OBJECT), "teaches {0}", 0.8, _is_said),
    _fact(FactKind.ROLE, "studying majoring taking", _compiled(_AM, r"(?:studying|majoring in|taking classes in)\s+(?!up\b)", _OBJECT), "studies {0}", 0.8, _is_said),
    _fact(FactKind.ROLE, "study major majored", _compiled(_I, r"(?:study|major(?:ed)? in)\s+", _OBJECT), "studies {0}", 0.8, _is_said),
    _fact(FactKind.ROLE, "run own founded co-founded started", _compiled(_I, r"(?:run|own|founded|co-founded|started)\s+(?:my own|a|an|the)\s+((?:[\w\-]+\s+){0,2}(?:company|business|shop|store|startup|restaurant|farm|studio|bakery|agency|blog|podcast|channel|salon|bar|cafe|gym))\b"), "runs a {0}", 0.85, _is_said),
    _fact(FactKind.INTEREST, "fan", _compiled(_AM, r"(?:an?\s+)?(?:(?:huge|big|massive|great|avid|die-?hard|lifelong|long-?time)\s+)?fan of\s+(?:the\s+)?", _OBJECT), "likes {0}", 0.85, _is_said),
    _fact(FactKind.INTEREST, "fan lover person enthusiast nerd geek buff addict", _compiled(_AM, r"an?\s+(?:(?:huge|big|massive|avid|real)\s+)?([\w\-]+) (?:fan|lover|person|enthusiast|nerd|geek|buff|addict)\b"), "likes {0}", 0.75, lambda text: text.lower() not in word_list("weak_modifiers") and text.lower() not in {"huge", "people", "morning", "night"}),
    _fact(FactKind.INTEREST, "into interested passionate fond keen crazy obsessed fascinated", _compiled(_AM, r"(?:(?:very|so|super|pretty|more|really|always been)\s+)?(?:into|interested in|passionate about|fond of|keen on|crazy about|obsessed with|fascinated by)\s+", _THE, _OBJECT), "likes {0}", 0.8, _is_said),
    _fact(FactKind.INTEREST, "love like enjoy adore", _compiled(_I, r"(?:love|like|enjoy|adore)\s+(?:the\s+)?(?:idea of\s+)?(?!to\s+(?:think|see|say|know|believe|hear|call|be)\b)(to\s+[\w\-]+(?:\s+(?!and\b|but\b|because\b|so\b|when\b|with\b|i\b|it\b|that\b)[\w'\-]+){0,3})"), "likes {0}", 0.75, _is_deed),
    _fact(FactKind.INTEREST, "love like enjoy adore", _compiled(_I, r"(?:love|like|enjoy|adore)\s+", _THE, _OBJECT), "likes {0}", 0.75, _is_said),
    _fact(FactKind.INTEREST, "play", _compiled(_I, r"(?:play)\s+(?:the\s+)?((?:[\w\-]+\s+)?(?:guitar|piano|violin|drums?|bass|cello|flute|saxophone|trumpet|ukulele|banjo|keyboard|chess|football|soccer|basketball|baseball|tennis|golf|hockey|volleyball|badminton|rugby|cricket|poker|games|video games|videogames|sports|cards))\b"), "plays {0}", 0.85),
    _fact(FactKind.INTEREST, "collect", _compiled(_I, r"(?:collect)\s+", _OBJECT), "collects {0}", 0.85, _is_said),
    _fact(FactKind.INTEREST, "go went going", _compiled(_I, r"(?:go|went|going)\s+(hiking|climbing|fishing|swimming|running|camping|skiing|surfing|sailing|cycling|dancing|kayaking|hunting|skating|jogging|snowboarding|biking|diving|bowling|golfing)\b"), "likes {0}", 0.75),
    _fact(FactKind.INTEREST, "hobby hobbies passion pastime interest interests", _compiled(r"\bmy (?:favou?rite )?(?:hobby|hobbies|passion|pastime|interests?)\s+(?:is|are|include)\s+", _OBJECT), "likes {0}", 0.85, _is_said),
    _fact(FactKind.PREFERENCE, "hate dislike despise detest loathe stand don't dont not never", _compiled(_I, r"(?:hate|dislike|despise|detest|loathe|can'?t stand|cannot stand|don'?t (?:really\s+)?(?:like|enjoy|care for)|do not (?:like|enjoy)|never liked)\s+(?:the\s+)?(?!to\s+(?:say|see|hear|be|tell)\b)", _OBJECT), "dislikes {0}", 0.8, _is_said),
    _fact(FactKind.PREFERENCE, "prefer", _compiled(_I, r"prefer\s+(?:the\s+)?(?:to\s+(?!be\b))?", _OBJECT), "prefers {0}", 0.85, _is_said),
    _fact(FactKind.PREFERENCE, "favorite favourite", _compiled(r"\bmy (?:all[- ]time )?favou?rite ([\w\-]+(?:\s+[\w\-]+)?) (?:is|are|was|has to be|would be)\s+(?:probably\s+|definitely\s+)?(?:the\s+)?", _OBJECT), "favorite {0}: {1}", 0.9, _is_said),
    _fact(FactKind.PERSON, _KIN_WORDS, re.compile(r"\b[Mm]y " + _KIN + r"(?:,|'s name is|\s+is (?:called|named)|\s+named|\s+called)?\s+" + _NAME), "{0} {1}", 0.85),
    _fact(FactKind.PERSON, "have", _compiled(_I, r"have\s+((?:an?|one|two|three|four|five|six|\d)\s+(?:(?:little|older|younger|big|small|young|old|twin|baby|teenage)\s+)?(?:kids?|children|child|sons?|daughters?|brothers?|sisters?|siblings?|dogs?|cats?|boys|girls|horses?|puppy|puppies|kittens?|grandchildren|pets?))\b"), "has {0}", 0.85),
    _fact(FactKind.PERSON, _KIN_WORDS, _compiled(r"\bmy (wife|husband|son|daughter|brother|sister|mom|mother|mum|dad|father)\s+(?:is|was|works as)\s+(?:an?\s+)((?:[\w\-]+\s+)?[\w\-]+)(?=\s*[.,!?;]|$|\s(?:at|for|in|and|who|so|too)\b)"), "{0} is a {1}", 0.8),
    _fact(FactKind.PLACE, "live lived living reside", _compiled(_I, r"(?:live|lived|am living|reside)\s+(?:right\s+)?(?:in|near|outside|on)\s+(?:the\s+(?!country|suburb|mountain|coast|city))?", _PLACE), "lives in {0}", 0.9, _is_place),
    _fact(FactKind.PLACE, "living based", _compiled(_AM, r"(?:living|based)\s+in\s+(?:the\s+)?", _PLACE), "lives in {0}", 0.9, _is_place),
    _fact(FactKind.PLACE, "from", re.compile(r"\bI(?:'?m|\s+am)\s+(?:originally\s+)?from\s+(?:the\s+)?" + _NAME), "from {0}", 0.9, _is_name),
    _fact(FactKind.PLACE, "from", _compiled(_I, r"(?:come|hail)\s+from\s+(?:the\s+)?", _PLACE), "from {0}", 0.75, _is_name),
    _fact(FactKind.PLACE, "grew raised born", _compiled(_I, r"(?:grew up|was raised|was born|was born and raised)\s+(?:in|on|near)\s+(?:the\s+)?", _PLACE), "grew up in {0}", 0.85, _is_place),
    _fact(FactKind.PLACE, "moved", re.compile(r"\bI\s+(?:just\s+|recently\s+)?moved\s+(?:here\s+)?(?:to|from)\s+" + _NAME), "moved to {0}", 0.75, _is_name),
)  # fmt: skip
