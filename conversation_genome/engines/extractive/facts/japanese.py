# ruff: noqa: RUF001 - Japanese is what is read
"""Japanese, which leaves the first person out: what states, asks nothing, agrees with nothing and is not polite is of the speaker.

Honorific words (`ご主人`, `お住まい`) and sentences that end in asking for assent speak of the other; the plain words for
family (`夫`, `うちの子`) are said of one's own alone.
"""

import re
from collections.abc import Iterator
from typing import Final

from conversation_genome.annotation import FactKind
from conversation_genome.engines.extractive.facts.english import Said

_KIN: Final = (
    "子供|子ども|娘|息子|夫|主人|旦那|妻|嫁|母|父|両親|祖母|祖父|兄|弟|姉|妹|双子|犬|猫|うさぎ|ハムスター|ペット"
)
_STATES: Final = r"(?:い?ます|いる|る|い?まして|おります)(?:ん(?:です|だ))?(?:ね|よ|けど|が|し|ので|から)?$"
_DEED: Final = (
    "習って|通って|見て|観て|読んで|聴いて|聞いて|作って|飲んで|食べて|集めて|練習して|勉強して|育てて|使って|やって|"
    "プレイして|購入して|買って|書いて|描いて|弾いて|歌って|走って|続けて|参加して|編んで|撮って|して"
)
_PATTERNS: Final = tuple(
    (kind, confidence, re.compile(pattern))
    for kind, confidence, pattern in (
        (FactKind.PLACE, 0.85, r"(?:に|で)(?:住んで|暮らして|引っ越し(?:て|た|まし))|在住(?:です|で|の|なの|して)|出身(?:です|で|なの|なん|は)|(?:生まれ|育ち)(?:です|で、|なん|なの|だ)|(?:で|に)(?:生まれ(?:まし|て)|育(?:ち|って))"),
        (FactKind.ROLE, 0.85, r"(?:会社員|教師|教員|学生|大学生|大学院生|院生|高校生|主婦|主夫|看護師|医師|エンジニア|プログラマー?|デザイナー|公務員|保育士|介護士|美容師|調理師|自営業?|フリーランス|在宅ワーク|在宅勤務|パート|アルバイト|バイト|薬剤師|翻訳者?|講師|事務職?|営業職?|販売員|研究者)(?:です|をし|をやっ|なので|な(?:もの|物)で|なん|なの|だ)|(?:で|として|に)(?:働い|勤め|勤務し)|(?:の|な|る)仕事を(?:し|やっ)て|(?:の|を)勉強(?:を)?して(?:い?ます|いる|る)|を専攻"),
        (FactKind.PREFERENCE, 0.75, r"(?:苦手|嫌い)(?:です|なん|なの|だ|で)|好きじゃな|好きではな|食べられな|飲めな|(?:しか|は)(?:食べ|飲み|見)ません"),
        (FactKind.PERSON, 0.8, rf"(?:{_KIN})(?:が|と|は|も|を).{{0,10}}(?:い(?:ます|る|て|まし)|飼っ|住ん|暮らし)|飼って(?:い?ます|いる|る|い?まし)|(?:[一二三四五六七八九十\d]人)(?:兄弟|姉妹|家族)|一人暮らし|(?:車|バイク|自転車|楽器|ギター|ピアノ|家|免許)(?:を|は|も)持って(?:い?ます|いる|る)"),
        (FactKind.PERSON, 0.7, r"^(?:夫|主人|旦那|妻|嫁|我が家|うちの(?:夫|主人|旦那|妻|嫁|子|猫|犬|母|父|両親|娘|息子|\w{1,3}))(?:は|も|が).{2,24}(?:です|ます|ている|てる|でした|ました)(?:ね|よ)?$"),
        (FactKind.INTEREST, 0.75, r"(?<!て)好き(?:です|なん|なの|だ|で|でした)|趣味(?:は|で|が)(?!何|ある|あり|なん)|が趣味|得意(?:です|なん|だ|で)|(?:ハマ|はま)って|特技|好物(?:です|は|なん)"),
        (FactKind.INTEREST, 0.7, r"(?:毎日|毎朝|毎晩|毎週|毎年|毎月|週末|休日|休みの日|いつも|普段|ふだん|週[一二三四五六\d]|日課|年に[一二三\d]).{1,24}(?:ます|ました|てる|ている)(?:ね|よ)?$|[\d一二三四五六七八九十]+年(?:間|ほど|くらい|ぐらい|以上)?.{0,8}(?:住んで|働いて|勤めて|続けて|習って|やって|して)"),
        (FactKind.INTEREST, 0.7, r"(?:よく|たまに|時々|ときどき|しょっちゅう).{0,14}(?:行き|行っ|食べ|飲み|見|観|読み|作り|作っ|聴き|聞き|し|買い|使い)(?:に行き)?(?:ます|てます|ています|てる)(?:ん(?:です|だ))?(?:ね|よ|けど|が|し)?$"),
        (FactKind.PERSON, 0.7, r"[一-龥ァ-ヶー]+.{0,10}[ただ]ことが?(?:あります|ある(?:ん|の|け|し)|ない(?:です|ん|の|け|し)|ありません)"),
        (FactKind.INTEREST, 0.65, rf"[をにもではと一-龥ァ-ヶーA-Za-z](?:たくさん|よく|少し|時々|たまに|ちょこちょこ)?(?:{_DEED}){_STATES}"),
    )
)  # fmt: skip
_SENTENCE: Final = re.compile(r"[^。！!？?\n♪]+[。！!？?]?")
_OF_THE_OTHER: Final = re.compile(
    r"[？?「」]|(?:か|よね|かな|かね|でしょう?|そう|らしい|かも|かもしれません|聞きました|たら|れば|なら|ください|ましょう|っけ)[。！!ー～~]*$|あなた|さん(?:は|が|も|の)|お(?:好き|住まい|子さん|仕事|休み|持ち|宅)|ご(?:出身|趣味|家族|主人|自宅|両親|兄弟)|ですか|ますか|みたい|そうです|様(?:は|が|も)|される|なさ"
)  # fmt: skip
_ASSENT: Final = re.compile(r"(?:です|ます|ました|でした|てる|ている)?ね[。！!ー～~]*$")
"""Asking for assent, unless the speaker says of whom they talk."""
_MYSELF: Final = re.compile(r"(?:私|僕|俺|自分|うち|我が家)(?:は|も|の|が|、|,)")
_NOT_SELF: Final = re.compile(
    r"(?:なら|たら|[えけげせてねべめれ]ば|ても|ので仕方)|かも|人の|(?:夫|主人|旦那|妻|嫁|父|母|姉|妹|兄|弟|娘|息子|子供)が.{0,3}(?:大?好き|嫌い|苦手)|^(?:私も|私|、|いまだに|まだ|一度も?|意外と|両方|全然)*(?:食べ|見|行っ|やっ|聞い|飲ん|作っ|買っ)[ただ]こと|たことが$|^(?:最近|今|凄く|すごく|よく|は|も)*(?:聞き|食べ|見|飲み|食べて|見て|聞いて|飲んで)(?:い?ます)|^(?:皆|みんな)|自由に|^普段通り|大丈夫|思い?(?:ます|った|いました)|仕方な|(?:くて|やかで|的で|ごくて)(?:大)?好き|^(?:あの|その|この|それ|これ|あれ|本当に)|我慢|高騰|お話し|気がし|(?:友達|友人|知り合い|同僚|先輩|後輩|みんな|皆|人たち|世間)(?:は|が|も)|(?:たい|たく)(?:です|て|な)|今日|昨日|明日|さっき|先ほど|今から|ちょうど今|今朝|昨夜|一昨日|おととい|この前|(?:楽しみ|参考|気)にして|応援して|と(?:言|聞)って|ことはな|(?:聞いた|試した)こと|^(?:今|昔|前|たまたま|本当|とても|すごく|かなり|結構|私|一番)*(?:は|も|に|から)?(?:大|一番)?(?:好き|嫌い|苦手|ハマ|はま|飼って|得意)"
)  # fmt: skip
_LEAD: Final = re.compile(
    r"^(?:はい|の|ええ|うーん|うん|いえ|いいえ|ねー*|よね|そうなんです(?:よね|ね)?|いいですね|あ+[、，,！!ー]|えっと|そう(?:です|なんです)?|でも|ただ|まあ|あとは?|笑|なので|だから|実は|それと|ちなみに|私[はもの]?|僕[はもの]?|自分[はもの]?)[、，,]?"
)
_COMMAS: Final = "、，,"
_SHORTEST: Final = 5
_LONGEST: Final = 40


def japanese_facts(text: str) -> Iterator[Said]:
    """Yield what a line of Japanese says of its speaker; at most one fact a sentence."""
    for found in _SENTENCE.finditer(text):
        sentence = found[0].strip().rstrip("笑wｗ♪ ")
        if _OF_THE_OTHER.search(sentence) or (_ASSENT.search(sentence) and not _MYSELF.match(sentence)):
            continue
        said = next(_readings(sentence), None)
        if said is not None:
            yield said


def _readings(sentence: str) -> Iterator[Said]:
    for kind, confidence, pattern in _PATTERNS:
        for clause in _clauses(sentence):
            known = pattern.search(clause)
            if known is None or _NOT_SELF.search(clause) or not _SHORTEST <= len(clause) <= _LONGEST:
                continue
            if not pattern.match(clause.removeprefix("大")) or kind in {FactKind.PERSON, FactKind.ROLE}:
                yield Said(kind, clause, confidence)


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the parts between commas, each without what it begins with; joined to the next where one is very short."""
    parts, held = re.split(f"[{_COMMAS}]", sentence), ""
    for number, part in enumerate(parts):
        held = f"{held}、{part}" if held else part
        if len(_plain(held)) < _SHORTEST and number + 1 < len(parts):
            continue
        yield _plain(held)
        held = ""


def _plain(clause: str) -> str:
    clause = clause.strip().rstrip("。！!、，,ー～~笑 ")
    while (shorter := _LEAD.sub("", clause)) != clause:
        clause = shorter
    return clause
