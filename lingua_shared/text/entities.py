"""Finds entities in a text: names, dates, numbers, URLs, e-mail addresses, links and tags, identifiers, quoted ids.

Compression keeps an entity whole or drops it whole. There is one regular expression for each kind. Every repetition in
them is possessive or bounded, so the search takes linear time on any text. No model is used.
"""

from functools import lru_cache

import regex as re

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_NUMBER = r"\d++(?:[.,:/ \u00a0\u202f]\d{3}(?!\d))*+(?:[.,]\d++)?"
_BLANK = r"[ \t\u00a0\u2000-\u200a\u202f\u3000]"  # an entity does not run over a line break
_UNIT = (
    rf"(?:%|‰|°{_BLANK}?[CFK]?|per{_BLANK}?cent|percent|thousand|million|billion|trillion|dozen|hundred|dollars?|euros?|pounds?|yen|"
    r"[kKMGTmµnc]?(?:m|g|s|W|Hz|B|b|V|A|J|L|l|Pa|bar|eV|Wh)(?:[²³23]|/\p{L}{1,4})?|mph|rpm|ft|feet|foot|inch(?:es)?|"
    r"miles?|yards?|acres?|hectares?|tons?|tonnes?|lbs?|oz|met(?:re|er)s?|kilomet(?:re|er)s?|kilograms?|grams?|"
    r"lit(?:re|er)s?|hours?|hrs?|minutes?|mins?|seconds?|secs?|days?|weeks?|months?|years?|centur(?:y|ies)|"
    r"a\.?m\.?|p\.?m\.?|AM|PM|AD|BC|BCE|CE)(?![\p{L}\p{N}])"
)
_COUNTED = (
    r"[万亿億兆千百十]{0,2}(?:平方(?:公里|千米|米)|立方米|公里|千米|厘米|毫米|公斤|千克|公吨|公顷|海里|米|吨|克|升|度|倍|世紀|世纪|"
    r"美元|欧元|英镑|日元|元|円|人|名|位|岁|歳|才|年|[个か箇ヶ]月|月|日|天|小时|小時|時間|分钟|分鐘|秒钟|时|時|点|點|分|秒|"
    r"次|回|个|個|只|隻|艘|座|层|層|階|本|枚|台|件|章|页|頁|条|條|号|號|番|度|匹|頭|杯)"
    r"|[万億千]?[\p{Katakana}ー]{1,12}+|개월|개|명|년|월|일|시간|시|분|초|원|미터|킬로미터|번|살|층"
)
"""What numbers count in Chinese, Japanese and Korean, written without a space."""

_BEGINS_SENTENCE = (
    r"(?!(?:The|This|That|These|Those|It|Its|He|She|They|We|You|His|Her|Their|There|Then|In|On|At|By|For|From|With|After|"
    r"Before|During|When|While|Where|If|But|And|Or|As|An|However|Most|Some|All|Many|Not|No|Since|To|So|Although|Because|A(?!\.)|"
    r"Der|Die|Das|Ein|Eine|Er|Sie|Es|Im|Am|Und|Les|Une|Elle|Dans|Los|Las|Una|En|Он|Она|Они|Это|На|Но|После)\b)"
)
"""A common word behind an initial begins a sentence, as in "vitamin C. The trial"."""

_CAPITALISED = r"(?<![\p{L}\p{M}\p{N}])\p{Lu}[\p{L}\p{M}\p{N}]*+(?:['’.\-–]\p{L}[\p{L}\p{M}\p{N}]*+){0,8}+"
_NO_DATE = rf"(?!(?i:{_MONTH})\s\d)"  # the date in "On January 20" is no part of a name
_INITIAL = r"(?<![\p{L}\p{M}\p{N}\-])\p{Lu}\."
_ABBREVIATED = (
    r"(?:(?<=\b(?:(?<!-)\p{Lu}|Dr|Mr|Mrs|Ms|St|Prof|Jr|Sr|Gen|Col|Lt|Sgt|Rev|Hon|Sen|Rep|Capt|No|Mt|Ft))\."
    rf"(?={_BLANK}{_BEGINS_SENTENCE}))?"
)
_PARTICLE = r"(?:of|the|de|del|della|der|den|di|da|do|dos|du|la|le|van|von|bin|ibn|al|el|y|e|und|and|&)"
_TRANSLITERATION = (
    "阿埃艾爱安奥巴贝本比彼毕别宾波伯勃博布查达戴丹德登邓狄迪蒂丁东杜敦顿多厄恩尔法范菲费芬弗佛夫福富盖甘冈格戈哥根古"
    "哈海汉赫亨胡华怀霍基吉季加贾金杰卡凯坎康考柯科可克肯孔库奎昆拉莱兰朗劳勒雷黎里理利莉丽莲列林琳龙隆卢鲁露伦罗洛马玛迈"
    "麦曼芒毛梅门蒙米密明摩莫墨默姆穆纳娜南内尼妮涅宁纽农努诺欧帕派潘庞佩彭皮平珀普齐奇契恰强乔切琼丘屈热仁日荣茹瑞若"
    "撒萨塞赛桑瑟森沙莎山珊尚绍舍申圣施什史士舒斯丝松苏索塔泰坦汤唐陶特腾提铁廷图托瓦万旺威韦维魏温文翁沃乌伍武西希席锡"
    "夏肖谢辛欣兴休雪雅亚扬杨耶叶伊易英尤约泽曾扎詹张珍芝朱兹佐"
)
"""Characters with which Chinese writes foreign names by their sound."""

_FOREIGN = (
    "埃奥巴贝彼宾勃布戴德蒂厄恩尔菲芬弗盖戈赫亨霍贾卡凯坎柯科克肯库奎拉莱兰劳勒雷莉伦罗洛玛迈曼蒙姆穆纳娜尼妮涅纽诺帕潘佩珀普"
    "恰乔琼萨塞桑瑟莎珊圣施史斯丝苏索塔坦特廷图托瓦韦维沃乌希锡肖谢辛休雅亚耶伊泽扎兹佐赛岛"
).replace("岛", "")
"""Those of them that few other words have."""

_NAME_PART = rf"(?:[{_TRANSLITERATION}]{{1,10}}|\p{{Han}}{{1,2}})"

_LABEL = r"(?:[^\[\]\n]|\n(?!\s*\n)|\[[^\[\]\n]{0,100}\](?:\([^()\s]{0,300}\))?){0,300}+"
_TARGET = (
    r"\((?:[^()\"\n]{0,500}+(?:\([^()\n]{0,100}\)[^()\"\n]{0,300}+){0,3}+(?:\"[^\"\n]{0,200}\"\s?)?|"
    r"[^()\s\"]{1,500}+\n[ \t]{0,20}\"[^\"\n]{0,200}\")\)"
)
_ATTRIBUTE = r"(?:[^<>\"'\n]|\"[^\"<]{0,300}\"|'[^'<]{0,300}'|['\"]|\n(?=[ \t]*[\w/>])){0,200}+"

ENTITY_PATTERNS: dict[str, str] = {
    "link": (
        rf"!?\[{_LABEL}\](?:{_TARGET}|\[[^\[\]\n]{{0,100}}\])(?:\{{[^{{}}\n]{{0,100}}\}})?"
        rf"|<(?:(?i:https?|ftp|mailto):[^<>\s]{{1,500}}+|/?[A-Za-z][\w:\-]{{0,40}}(?:[\s,/]{_ATTRIBUTE})?)>|<!--(?:[^-]|-(?!->)){{0,500}}-->"
        r"|:[\w:+.\-]{1,40}:`[^`\n]{1,200}`|`[^`<>\n]{1,200}<[^`<>\s]{1,300}>`__?"
    ),
    "url": r"(?<!\w)(?:(?i:https?|ftp|file)://|www\.)[^\s<>\"'）】」]++",
    "email": r"(?<![\w.+\-])[\w.+\-]{1,64}+@[\w\-]{1,63}+(?:\.[\w\-]{1,63}+){1,8}+",
    "code": (
        r"`[^`\n]{1,80}`|(?a:\b[A-Za-z_]\w*+(?:(?:\.|::|->|/|\\)\w++)++(?:\(\))?|\b[A-Za-z0-9]++(?:_++[A-Za-z0-9]++)++)"
    ),
    "date": (
        rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th|\.)?{_BLANK}(?:of{_BLANK})?{_MONTH}(?:,?{_BLANK}\d{{4}})?\b"
        rf"|\b{_MONTH}{_BLANK}\d{{1,2}}(?:st|nd|rd|th)?(?:,?{_BLANK}\d{{4}})?\b|\b{_MONTH},?{_BLANK}\d{{4}}\b)"
        r"|\d{1,4} ?[年년](?: ?\d{1,2} ?[月월])?(?: ?\d{1,2} ?[日일])?|\d{1,2} ?[月월] ?\d{1,2} ?[日일]"
        r"|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b"
    ),
    "number": rf"(?:[$€£¥₹#№]{_BLANK}?)?{_NUMBER}(?:{_BLANK}?[-–]{_BLANK}?{_NUMBER})?"
    rf"(?:(?:{_BLANK}|-)?(?:thousand|million|billion|trillion))?(?:{_BLANK}?{_UNIT}|{_COUNTED})?",
    "quoted": (
        r"\"[^\"\s]{1,60}\"|“[^”\s]{1,60}”|'[^'\s]{1,60}'|« ?[^»\n]{1,40} ?»|「[^」\n]{1,40}」|『[^』\n]{1,40}』"
        r"|《[^》\n]{1,40}》"
    ),
    "bracketed": (
        r"（[^（）\n]{1,40}）|【[^【】\n]{1,40}】|〈[^〈〉\n]{1,40}〉|〔[^〔〕\n]{1,40}〕|［[^［］\n]{1,40}］|｢[^｢｣\n]{1,40}｣"
        r"|(?<=[\p{Han}\p{Hiragana}\p{Katakana}])\([^()\n]{1,40}\)"
    ),
    "foreign_name": (
        rf"[\p{{Katakana}}ー]++(?:[・･＝=·][\p{{Katakana}}ー]++)*+"
        rf"|(?:[A-Z][·•・‧]){{0,3}}+{_NAME_PART}(?:[·•・‧]{_NAME_PART}){{1,5}}+|[{_FOREIGN}]{{3,12}}+"
    ),
    "name": (
        rf"{_CAPITALISED}(?:{_ABBREVIATED}[ \u00a0](?:{_PARTICLE}[ ]){{0,2}}{_NO_DATE}{_CAPITALISED}){{1,5}}"
        rf"|(?:{_INITIAL}[ \u00a0]?){{1,4}}{_BEGINS_SENTENCE}{_CAPITALISED}"
    ),
}
"""Regular expression of each kind of entity. At each position they are tried in this order."""

_FIRST = r"(?=[\w!\[<:.+\-`$€£¥₹#№\"“'«「『《（【〈〔［｢(])"
"""Lookahead for a character that an entity can begin with; white space and most punctuation are skipped at once."""

_CJK_ONLY = ("bracketed", "foreign_name")
_CJK = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")

_ENTITY = re.compile(f"{_FIRST}(?:{'|'.join(ENTITY_PATTERNS.values())})", flags=re.VERSION1)
_WITHOUT_CJK = "|".join(pattern for kind, pattern in ENTITY_PATTERNS.items() if kind not in _CJK_ONLY)
_ENTITY_WITHOUT_CJK = re.compile(f"{_FIRST}(?:{_WITHOUT_CJK.replace(_COUNTED, '(?!)')})", flags=re.VERSION1)


_MAX_CACHED_LENGTH = 10_000  # characters


def find_entities(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) character spans of the entities of a text, sorted and without overlap."""
    return list(cached_entities(text) if len(text) <= _MAX_CACHED_LENGTH else _find_entities(text))


def _find_entities(text: str) -> tuple[tuple[int, int], ...]:
    pattern = _ENTITY if _CJK.search(text) else _ENTITY_WITHOUT_CJK
    return tuple(match.span() for match in pattern.finditer(text))


cached_entities = lru_cache(maxsize=16)(_find_entities)
"""The same with a cache: sentences and words of a text both ask for them."""
