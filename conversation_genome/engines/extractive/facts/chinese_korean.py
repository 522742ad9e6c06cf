# ruff: noqa: RUF001 - Chinese and Korean are what is read
"""Chinese and Korean: clauses that name the speaker (`我`, `저는`), with what they like, do, have, are and where they live.

Neither language marks the person on the verb, so a clause without the word for the speaker is left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.english import Said

_SHORTEST: Final = 3
_LONGEST: Final = 60
_TAG_QUESTION: Final = 6
"""`你呢？` and `당신은요?`: what stands before it is a statement."""


@dataclass(frozen=True, slots=True)
class _Language:
    sentence: re.Pattern[str]
    clause: re.Pattern[str]
    lead: re.Pattern[str]
    never: re.Pattern[str]
    """What speaks of the other, asks, supposes, reports or is soon past."""
    patterns: tuple[tuple[FactKind, float, re.Pattern[str]], ...]


def _compiled(*rows: tuple[FactKind, float, str]) -> tuple[tuple[FactKind, float, re.Pattern[str]], ...]:
    return tuple((kind, confidence, re.compile(pattern)) for kind, confidence, pattern in rows)


_ME: Final = r"^我(?!们|的|国|觉得|想说|看)(?:[^，。的]{0,5}?)"
_KIN_ZH: Final = "孩子|儿子|女儿|哥哥|弟弟|姐姐|妹妹|老公|老婆|丈夫|妻子|男朋友|女朋友|爸爸|妈妈|父母|爷爷|奶奶|外公|外婆|狗|猫|兔子|仓鼠|乌龟|鹦鹉"
_CHINESE: Final = _Language(
    sentence=re.compile(r"[^。！!？?\n]+[。！!？?]?"),
    clause=re.compile(r"[，,；;、\s…~～]+|(?=但是?我|所以我|因为我|而且我|不过我)"),
    lead=re.compile(r"^(?:是的?|对|嗯+|哈+|啊|哦|好的?|真的|其实|不过|但是?|所以|因为|而且|然后|那|也|哎呀?|没有|谢谢)+(?=我)"),
    never=re.compile(r"你|您|如果|要是|可能|也许|大概|好像|说|觉得|听说|今天|明天|昨天|刚才|刚刚|马上|一会儿|等下|等会|吗|呢$|吧$|[“”\"「」]|喜欢(?:这个|那个|这样)|差点"),
    patterns=_compiled(
        (FactKind.PLACE, 0.85, _ME + r"(?:住在?|来自|老家(?:是|在)|出生(?:在|于)|在[^，。]{1,8}(?:长大|出生|定居|生活)|搬到|是[^，。]{1,5}人$)"),
        (FactKind.ROLE, 0.85, _ME + r"(?:是(?:一?[名个位])?[^，。的]{0,8}(?:老师|医生|护士|工程师|程序员|学生|研究生|博士生|设计师|律师|会计|司机|厨师|记者|翻译|教师|教练|销售|店员|警察|公务员|作家|画家|演员)|在[^，。]{1,10}(?:工作|上班|上学|读书|读研|实习|教书|当[^，。]{2,5}$)|学[^，。]{1,6}专业|做[^，。]{1,8}(?:工作|生意))"),
        (FactKind.PREFERENCE, 0.75, _ME + r"(?:不(?:太|怎么|大)?喜欢|讨厌|(?:从来)?不[吃喝]|更喜欢|最(?:爱|喜欢)|怕)[^，。]{1,}"),
        (FactKind.INTEREST, 0.8, _ME + r"(?:喜欢|爱|热爱|迷上了?)(?!你|他|她|这|那)[^，。]{1,}"),
        (FactKind.PERSON, 0.8, _ME + rf"(?:家里?)?(?:有|养了?|没有?)[^，。]{{0,6}}(?:{_KIN_ZH}|房子|车|驾照|花园|自行车|摩托车|钢琴|吉他)(?:[和跟][^，。]*)?$"),
        (FactKind.PERSON, 0.7, rf"^我(?:家)?的?(?:{_KIN_ZH})[^，。]{{0,4}}(?:是|叫|住|在[^，。]+(?:工作|上班|上学|读书)|喜欢|做|有)[^，。]{{1,}}"),
        (FactKind.INTEREST, 0.7, _ME + r"(?:会(?:弹|拉|说|游泳|做饭|画画|开车)|弹|在学|学[^，。]{1,6}[了年]|打(?:篮球|羽毛球|网球|乒乓球)|踢足球|每[天周年月晚早][^，。]{2,})"),
        (FactKind.INTEREST, 0.6, _ME + r"(?:想|打算|准备|计划)(?:学(?!校)|考|当|做一?[名个]|搬到|去[^，。]{1,6}(?:留学|工作|读书|生活))[^，。]{1,}"),
    ),
)  # fmt: skip
_ME_KO: Final = r"^(?:(?:\S+ )?(?:저는|저도|전|나는|난|나도|제가|내가|저희는|우리는|저희 집은|저희 집에|우리 집에|우리 집은) ).{0,40}?"
_KIN_KO: Final = "아이|아들|딸|형|누나|언니|오빠|동생|남편|아내|와이프|엄마|아빠|어머니|아버지|부모님|할머니|할아버지|남자친구|여자친구|강아지|고양이|개|토끼|햄스터|거북이"
_KOREAN: Final = _Language(
    sentence=re.compile(r"[^.!?\n]+[.!?]*"),
    clause=re.compile(r"[,;…~]+\s*|(?<=는데)\s+(?=(?:저|나|제가|내가)[는도]?\s)|(?<=지만)\s+|(?<=[고서])\s+(?=(?:저|나)[는도]\s)"),
    lead=re.compile(r"^(?:네|예|응|아니요?|음+|아+|와+|우와|맞아요?|진짜|사실|근데|그런데|그래서|하지만|그리고|ㅋ+|ㅎ+|오)[,!~.\s]+"),
    never=re.compile(r"\?|나요$|까요$|세요|당신|너[는도]|네가|니가|만약|[으]?면\s|오늘|내일|어제|방금|지금 (?:가|오|막|밥|집)|이따|곧|아마|것 같|[\"“”]|라고 |했대|래요$|대요$|주말에 뭐|그거|이거|저거"),
    patterns=_compiled(
        (FactKind.PLACE, 0.85, _ME_KO + r"(?:(?:에|에서) (?:혼자 |같이 |함께 )?(?:살(?:고 있|아|았|고|지만|며|다)|삽니다|산다|산 지|태어났|자랐|이사)|출신(?:이|입|인))"),
        (FactKind.ROLE, 0.85, _ME_KO + r"(?:(?:학생|대학생|대학원생|고등학생|회사원|직장인|교사|선생님|간호사|의사|개발자|프로그래머|디자이너|공무원|요리사|변호사|기자|작가|주부|약사|엔지니어|강사|자영업자|취준생)(?:이에요|예요|에요|입니다|이야|야|이고|인데|이다|이라)|(?:에서|로) (?:일하|일해|근무하|근무해|일한)|(?:을|를|학) (?:전공|공부)(?:하고|해요|합니다|했)|(?:에|를) 다니(?:고|는|며)|다녀요)"),
        (FactKind.PREFERENCE, 0.75, _ME_KO + r"(?:싫어(?:해|하|요)|안 좋아|못 먹|안 먹|못 마|안 마|무서워|별로 안)"),
        (FactKind.INTEREST, 0.8, _ME_KO + r"(?:좋아(?:해|하|합)|취미(?:는|가|예|에|이)|즐겨|배우고 있|배워요|[칠할탈] 줄 알|에 빠졌|팬이)"),
        (FactKind.PERSON, 0.8, _ME_KO + rf"(?:{_KIN_KO}).{{0,12}}(?:있(?:어|습|고|는데|다)|키워|키우|길러|기르|살아|없어|없습)"),
        (FactKind.PERSON, 0.7, rf"^(?:제|내|우리|저희) (?:{_KIN_KO})(?:은|는|이|가|도) .{{2,40}}"),
        (FactKind.INTEREST, 0.7, _ME_KO + r"(?:매일|매주|매년|매달|주말마다|아침마다|저녁마다|자주|\d+년째|\d+년 동안|취미로) .{2,}"),
        (FactKind.INTEREST, 0.6, _ME_KO + r"(?:되고 싶|배우고 싶|이사하고 싶|공부하고 싶|배울 거|이사할 거|될 거)"),
    ),
)  # fmt: skip


def chinese_facts(text: str) -> Iterator[Said]:
    """Yield what a line of Chinese says of its speaker."""
    return _facts(text, _CHINESE)


def korean_facts(text: str) -> Iterator[Said]:
    """Yield what a line of Korean says of its speaker."""
    return _facts(text, _KOREAN)


def _facts(text: str, language: _Language) -> Iterator[Said]:
    for found in language.sentence.finditer(text):
        sentence = found[0].strip()
        parts = language.clause.split(sentence)
        if sentence.endswith(("?", "？")):
            parts = parts[:-1] if len(parts[-1]) <= _TAG_QUESTION else []
        for part in parts:
            said = _said(part.strip(" 。.!！~～"), language)
            if said is not None:
                yield said


def _said(clause: str, language: _Language) -> Said | None:
    while (shorter := language.lead.sub("", clause)) != clause:
        clause = shorter
    if not _SHORTEST <= len(clause) <= _LONGEST or language.never.search(clause):
        return None
    read = ((kind, confidence) for kind, confidence, pattern in language.patterns if pattern.search(clause))
    kind, confidence = next(read, (None, 0.0))
    return None if kind is None else Said(kind, clause, confidence)
