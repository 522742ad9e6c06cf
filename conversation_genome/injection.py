"""Injection: what in a talk is an order to the machine that reads it, told by its form; small, and below all that reads.

Two questions are answered. `said_to_people(text)` is what is left of a line when the order and all that follows it
in that line are cut off: whoever makes tags, facts or numbers of quality reads that. `is_addressed_to_machine(text)`
is whether anything was cut off. What people tell each other about instructions, prompts and models stays.
"""

import re
from functools import lru_cache
from typing import Final

MAX_READ_CHARACTERS: Final = 20_000
"""No line is read further for orders."""

_REPLY: Final = (
    r"(?:repl(?:y|ies)|responses?|answers?|outputs?|completions?|tags?|summary|final message|your (?:message|text))"
)
_CHANGED: Final = (
    r"(?:add|append|augment|anagram|adjust|alter|change|conclude|compose|craft|embed|encrypt|encode|end|enhance|enrich|finish|fill|"
    r"format|give|highlight|include|incorporate|infuse|inject|insert|integrate|interject|introduce|jumble|mention|misspell|"
    r"modify|obfuscate|omit|promote|present|prefix|produce|provide|put|remove|render|replace|rewrite|scramble|send|shuffle|start|"
    r"substitute|supplement|swap|swop|transform|use|utili[sz]e|weave|write)"
)
_LINE_START: Final = r"^\W*"
_START: Final = r"(?:^\W*|(?<=\s)(?=(?-i:[A-Z])))"
"""Of an order: a new line or sentence, or a capital after text that nobody closed with a full stop."""
_ORDERS: Final = re.compile(
    "|".join(
        f"(?:{pattern.replace(_LINE_START, _START)})"
        for pattern in (
            # told to forget what it was told, in some languages
            (
                r"\b(?:ignore|disregard|forget|override|bypass|skip|neglect|drop)\b[^.!?]{0,40}\b(?:previous|above|prior|earlier|preceding|"
                r"your|all|any|these)\b[^.!?]{0,30}\b(?:instruction|prompt|message|rule|direction|guideline|command|context|"
                r"task|request|restriction|training|conversation|transcript|text)s?\b"
            ),
            r"\b(?:ignore|disregard|forget)\b (?:all |everything )?(?:of )?(?:the )?(?:conversation |chat |talk |text |transcript )?(?:above|previous|prior|foregoing)\b",
            r"^\W*forget (?:about )?(?:that|this|it|everything|your instructions)\b\W*(?=(?:can|could|please|and|now|instead)\b)",
            r"\bregardless of (?:the |any |all )?(?:previous|prior|earlier|your) (?:task|instruction|prompt|rule)s?\b",
            (
                r"\b(?:ignorez|oubliez|ignora|olvida|ignoriere|vergiss|vergessen sie|ignori|dimentica|ignore|esque\u00e7a)\b[^.!?]{0,40}"
                r"\b(?:instructions|instrucciones|anweisungen|istruzioni|instru\u00e7\u00f5es|pr\u00e9c\u00e9dentes|anteriores|vorherigen|precedenti)\b"
            ),
            # told what it is
            r"\byou are (?:now |about to )?(?:an? |the )?(?:AI|DAN|do anything now|language model|unrestricted|assistant|chatbot|bot\b|immerse)",
            r"\b(?:act|behave|respond|pretend|roleplay) (?:as|to be|like) (?:an? |the )?(?:AI|DAN|LLM|language model|unfiltered|unrestricted|developer mode)\b",
            r"\bas an AI (?:language model|assistant|developed|trained|model|chatbot)\b|\bas an AI,|\bdo anything now\b|\bjailbreak(?:ed)? mode\b|\boverride[_ ]mode\b|\b(?:maintenance|developer|debug|god|admin|root|system) mode\b[^.!?]{0,60}\b(?:enabled|on|active|entering|confirm|password|you must)\b",
            r"\bI(?:'m| am) (?:your|the) (?:developer|creator|administrator|admin|system)\b[^.!?]{0,80}",
            # what only machines are shown
            r"\b(?:system|developer) ?(?:prompt|message|override|instruction)s?\s*[:=]|^\W*(?:system|developer|assistant|instruction)\s*:\s",
            r"<\/?(?:system|conversation|transcript|instructions?|assistant|user|im_start|im_end|window|code|html|script|iframe)\b[^>]{0,80}>|<\|[^|>]{1,30}\|>|<!--",
            r"\[\[?\s*(?:end of (?:the )?(?:transcript|conversation|prompt|input|document)|system|INST|new instructions?)\b",
            r"[{\[]\s*[\"'](?:tags?|score|quality|labels?|weight|output|role|content|profiles?|embedding)[\"']\s*:",
            r"\b(?:note|message|memo|attention|hint|instructions?)\s+(?:to|for) (?:the )?(?:annotator|tagger|grader|judge|model|AI|LLM|assistant|validator|miner|labell?er|evaluator|moderator bot|summari[sz]er|rater|reviewer bot)s?\b",
            r"\bnew (?:task|instructions?|orders?) (?:for (?:the )?(?:tagger|model|AI|assistant|annotator|judge|you)\b|:)",
            r"\bground[ -]truth tags?\b|\b(?:is|be|being|are|was) (?:tagged|labell?ed) (?:as |with |only )?['\"\u2018\u201c]|\bevery (?:window|conversation|line) must be (?:tagged|labell?ed|scored|rated|graded)\b",
            r"\b(?:use|write|repeat|output|print|return|emit|say|give)\b[^.!?]{0,30}\b(?:exactly |only |just )?(?:that|this|the following|these|the) (?:tag|label|keyword)s?\b",
            r"\b(?:answer|respond|reply|output|tag|score|rate|label|classify|grade) (?:only |just |it |this |everything |all )*(?:with|this|as|the (?:tag|word|phrase))\b[^.!?]{0,60}(?:1\.0|10/10|\b(?:scores?|tags?|json|highest|maximum|perfect|excellent)\b|['\"])",
            # told how to write
            rf"^\W*(?:please |also |then |now |always |finally )*{_CHANGED}\b[^.!?]{{0,140}}\b(?:in|into|to|of|with|by|within|throughout|for|using)\b (?:all |each |every )?(?:your|the|its|this) (?:\w+ ){{0,2}}{_REPLY}\b",
            rf"^\W*(?:please |also |then |now |always )*(?:{_CHANGED}|anagrammati[sz]e|encode|reverse|misspell|shuffle) (?:\w+ ){{0,4}}(?:your|the) (?:\w+ ){{0,2}}{_REPLY}\b",
            rf"\b(?:in|throughout|within) your (?:\w+ )?{_REPLY}\b[,:]? (?:please )?(?:{_CHANGED}|suggest|encourage|recommend|advise|claim|state|say)\b",
            r"^\W*(?:replace|substitute|swap|shift|omit|remove|reverse|group|misspell|jumble|scramble|double|anagram|interlace|interchange|alternate)\b[^.!?]{0,60}\b(?:letters?|vowels?|consonants?|characters?|words?|spaces?|spacing|punctuation|symbols?|alphabet|digits?|numbers?|keywords?)\b",
            r"\b(?:interlace|split) (?:the|part|your|them|it)\b[^.!?]{0,60}\b(?:part|parts|character level)\b|\b(?:homophonic substitution|caesar cipher|base ?64|rot ?13|leetspeak)\b",
            # asked for what it must not tell
            r"\b(?:what(?:'s| is| are)|tell me|give me|share|reveal|confirm|repeat|show me|provide|guess|state|know)\b[^.!?]{0,60}\b(?:your|our system'?s?|the secret|the system'?s?|the user'?s) ?(?:\w+ )?(?:password|secret key|access code|passcode|credentials|system prompt|user'?s (?:name|initials|birth ?day|birth date|e-?mail|address|age|phone))\b",
            r"\b(?:the )?users?'s? (?:initials|birth ?day|birth date|e-?mail address|first name|last name|full name|home address|phone number|password)\b",
            r"\b(?:poem|haiku|story|song|verse|sentence) (?:about|for|that (?:includes|contains|rhymes with)) (?:the|your|a|our) (?:secret|password|key)\b",
            r"\bfull access to your account\b|^[^.!?]{0,200}\b(?:dein|ihr|ihre|il tuo|la tua|tu|su|votre|ton|sua|sua) (?:passwor[dt]\w*|contrase\u00f1a|mot de passe|senha)\b|\b(?:la|cu\u00e1l es la) contrase\u00f1a\b|\ble mot de passe\b|\bdas passwort\b",
            # set to work on something that is not part of the talk
            r"^\W*(?:summari[sz]e|translate|classify|create action items|write a personali[sz]ed|proofread|rewrite|paraphrase|debug|decode)\b[^.!?]{0,80}\b(?:webpage|web page|e-?mail|article|paper|text|document|code|resume|passage|sentence|review|paragraph|following|this)\b",
            r"\bwhat (?:is|are|will be|would be) the (?:output of this code|main conclusions of this paper|main (?:points|idea) of this (?:text|article))\b|\bwhat is the sentiment of\b",
            r"\bcan you (?:please )?(?:translate (?:the|this)|decode this|write a (?:poem|haiku|story|function|program|script|python)|show me a simple python)\b",
            r"\bQ:\s.{2,200}\bA:\s",
            (
                r"^\W*(?:please )?(?:write|compose|draft|generate|create|craft)(?: me)? (?:an? |the |some )?(?:[\w\-]+ ){0,2}(?:story|letter|essay|poem|haiku|song|e-?mail|"
                r"introduction|article|script|function|program|speech|tweet|blog post|recipe|review|headline|advert)\b"
            ),
            r"^\W*(?:what(?:'s| is)|how do (?:you|I) say) ['\"\u2018\u201c][^'\"\u2019\u201d]{2,60}['\"\u2019\u201d] in [A-Z]\w+|\bgiven this (?:Wikipedia )?(?:article|text|document)\b",
            r"^\W*(?:imagine|suppose|pretend|let's say|hypothetically) ?,? (?:that )?(?:we're|we are|you're|you are|I wanted|I am|a world|in a)\b",
            r"^\W*(?:integrate|incorporate|embed|weave|infuse|interject)\b[^!?]{0,120}\byour (?:\w+ )?(?:reply|response|answer|message|output)\b",
            r"\b(\w+(?:\s\w+){0,3})(?:\s+\1){9,}",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
_SIGN: Final = re.compile(
    r"ignor|disregard|forget|overrid|bypass|instru|prompt|\bai\b|\bdan\b|\bbot\b|assistant|language model|developer|system|mode\b|repl(?:y|ies)|"
    r"respon|answer|output|\btags?\b|tagg|summar|message|passw|contrase|mot de passe|secret|credential|access|users?'|letter|vowel|"
    r"character|word|spac|punctuation|symbol|part|cipher|base ?64|webpage|web page|paper|email|code|translat|q:|[<{\[]|annotator|"
    r"ground|regardless|vergiss|vergess|olvid|oubli|dimentica|anweisung|you are|imagine|suppose|pretend|let's say|hypothet|write|compose|"
    r"draft|generate|create|craft|given this| in [a-z]|substitution|unrestricted|task|new |repeat|senha|your "
)
"""One of these is, in lower case, in every order: most lines hold none, and are read once."""
_SENTENCE_START: Final = re.compile(r"(?:^|(?<=[.!?\u3002\uff01\uff1f])(?=\s)|(?<=[\u3002\uff01\uff1f\]>\n]))[\s\"'(]*")


def said_to_people(text: str) -> str:
    """Return a line up to the sentence that gives the machine an order; the whole line where none does."""
    if not _may_hold_order(text):
        return text
    place = _first_order(text)
    return text if place is None else text[:place].rstrip()


def is_addressed_to_machine(text: str) -> bool:
    """Return whether a line, or part of it, gives orders to what reads it."""
    return _may_hold_order(text) and _first_order(text) is not None


def _may_hold_order(text: str) -> bool:
    return len(text) > 8 and _SIGN.search(text.casefold()) is not None


@lru_cache(maxsize=4_096)
def _first_order(text: str) -> int | None:
    """Return where the first sentence that holds an order begins."""
    read = text[:MAX_READ_CHARACTERS]
    starts = sorted({found.end() for found in _SENTENCE_START.finditer(read)} | {0})
    for start, end in zip(starts, [*starts[1:], len(read)], strict=True):
        found = _ORDERS.search(read[start:end])
        if found is not None:
            return _beginning(read, start, start + found.start())
    found = _ORDERS.search(read)  # one that runs over the end of a sentence
    return None if found is None else max(start for start in starts if start <= found.start())


def _beginning(text: str, sentence: int, order: int) -> int:
    """Return where an order begins: what was said before it in a sentence that nobody closed was said to people."""
    begins = text[order - 1 : order].isspace() and (text[order].isupper() or text[order] in "<[{")
    return order if begins else sentence
