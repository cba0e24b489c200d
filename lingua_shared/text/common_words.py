"""Articles, pronouns, prepositions, conjunctions and auxiliary verbs of many languages, and the language they tell.

They are no names and no abbreviations. So one of them with a capital letter begins a sentence, and one at the end of a
line shows that the sentence goes on in the next line. No model is used.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import regex as re

from lingua_shared.text.languages import detect_language

_LISTS = {
    "en": "the a an and or but nor of to in on at by for from with into onto upon about after before between through "
    "during under over against without within this that these those he she it they we you his her its their "
    "our is are was were be been has have had do does did will would can could may might must shall should not "
    "no who whom whose which what when where while if because although though however then there here as than "
    "so such both each every all some any many most other another also only",
    "de": "der die das den dem des ein eine einer einem einen eines und oder aber sondern denn doch nicht kein keine "
    "in im an am auf aus bei beim mit nach von vom zu zum zur über unter vor hinter zwischen durch für gegen "
    "ohne um bis seit während wegen ab er sie es wir ihr ich man sich sein seine seiner ihre ihrem dieser "
    "diese dieses diesem ist sind war waren wird werden wurde wurden hat haben hatte hatten kann können muss "
    "müssen soll darf wenn weil dass ob als wie auch noch nur schon so da dort hier dann danach jedoch sowie "
    "bevor nachdem",
    "fr": "le la les un une des du de et ou mais donc ni car ne pas plus en dans sur sous par pour avec sans entre "
    "vers chez depuis pendant avant après contre au aux il elle ils elles on nous vous je ce cet cette ces son "
    "sa ses leur leurs est sont était étaient fut furent sera a ont avait avaient qui que quoi dont où quand "
    "comme si lorsque très aussi même tout tous toute toutes peut doit",
    "es": "el la los las un una unos unas lo del al y e o u pero ni sino que de en a con por para sin sobre entre "
    "desde hasta durante contra según tras él ella ellos ellas se su sus este esta estos estas ese esa esto es "
    "son era eran fue fueron será ha han había está están no como cuando donde quien cual si porque aunque "
    "también muy más ya le les puede debe",
    "it": "il lo la i gli le un uno una e ed o ma né di a da in con su per tra fra del dello della dei degli delle "
    "al allo alla ai agli alle dal dalla dai nel nella nei nelle sul sulla che chi cui qui non si ci è sono "
    "era erano fu furono sarà ha hanno aveva questo questa questi queste quello quella suo sua suoi loro come "
    "quando dove se perché anche più molto già può deve egli lui lei",
    "pt": "o a os as um uma uns umas e ou mas nem que de do da dos das em no na nos nas ao à aos às por pelo pela "
    "pelos pelas para com sem sobre entre desde até durante contra ele ela eles elas se seu sua seus suas este "
    "esta estes esse essa isto isso é são era eram foi foram será tem têm tinha há não como quando onde quem "
    "qual porque embora também muito mais já pode deve",
    "nl": "de het een en of maar want niet geen in op aan bij van voor met naar uit over onder tussen door tegen "
    "zonder om tot tijdens sinds na hij zij ze wij we jij ik men zich zijn haar hun deze dit die dat is was "
    "waren wordt werd werden heeft hebben had hadden kan kunnen moet moeten mag zal zou als wanneer waar wie "
    "wat omdat hoewel ook nog al er te dan toen",
    "pl": "i oraz lub albo ale ani że żeby aby w we na do od z ze za po pod przed nad przy przez dla bez o u między "
    "nie się jest są był była było byli być ma mają miał może mogą on ona ono oni jego jej ich ten ta to te "
    "tego tej który która które którzy co kto gdzie gdy kiedy jak jeśli jeżeli ponieważ jednak także tylko już "
    "jako",
    "cs": "a i nebo ale ani že aby v ve na do od z ze za po pod před nad při pro bez o u mezi podle ne není se si je "
    "jsou byl byla bylo byli být má mají měl může on ona ono oni jeho její jejich ten ta to tento tato toto "
    "který která které kteří co kdo kde když jak jestli protože však také jen již jako kdy",
    "sv": "en ett den det de och eller men inte i på av till från för med om vid under över efter före mellan genom "
    "mot utan hos sedan han hon dem vi jag man sig sin sitt sina hans hennes deras denna detta dessa är var "
    "blev har hade kan kunde ska skulle måste som när där vad vem hur att därför eftersom också även bara än "
    "så",
    "da": "en et den det de og eller men ikke i på af til fra for med om ved under over efter før mellem gennem mod "
    "uden hos siden han hun dem vi jeg man sig sin sit sine hans hendes deres denne dette disse er var blev "
    "har havde kan kunne skal skulle må som når hvor hvad hvem hvordan at fordi også kun end så",
    "no": "en ei et den det de og eller men ikke i på av til fra for med om ved under over etter før mellom gjennom "
    "mot uten hos siden han hun dem vi jeg man seg sin sitt sine hans hennes deres denne dette disse er var "
    "ble har hadde kan kunne skal skulle må som når hvor hva hvem hvordan at fordi også bare enn så",
    "fi": "ja tai mutta ei eivät että kun jos koska vaikka kuin myös vain on ovat oli olivat ole olla hän se he ne "
    "me te minä tämä tuo nämä joka jotka jonka jossa mikä mitä missä milloin miten hänen sen niiden kanssa "
    "ilman ennen jälkeen aikana mukaan sekä siis voi pitää",
    "hu": "a az egy és vagy de nem is hogy ha mert mint csak már még meg ki be el fel le van vannak volt voltak lesz "
    "lehet kell ő ők mi ti én ez azt ezt azok ezek aki amely ami ahol amikor után előtt alatt között szerint "
    "által nélkül pedig sem",
    "tr": "ve veya ya da ama fakat ancak ile için bir bu şu o onlar biz siz ben de ki ne değil gibi kadar göre sonra "
    "önce olarak olan oldu idi var yok en daha çok her hiç mi mı ise eğer çünkü nasıl nerede kim hangi",
    "ro": "și sau dar nici că să în pe la de din cu fără pentru prin între după până sub peste un o unei unui ale al "
    "ai a este sunt era erau fost are au avea nu se el ea ei ele lui lor acest această aceste care ce cine "
    "unde când cum dacă deși mai foarte numai poate trebuie",
    "id": "yang dan atau tetapi di ke dari pada untuk dengan oleh dalam tidak bukan adalah ini itu ia dia mereka "
    "kami kita akan telah sudah dapat bisa harus sebagai juga karena jika ketika antara seperti hanya para",
    "vi": "và hoặc nhưng của là không trong trên với cho từ đến được bị có các những một này đó khi nếu vì như cũng "
    "chỉ đã sẽ phải người ông bà tại theo do",
    "ru": "и а но или ни не что чтобы как в во на по к ко с со из от до за у о об под над при про для без между "
    "через после перед он она оно они его её ее их мы вы я это этот эта эти тот та те который которая которое "
    "которые был была было были есть быть если когда где кто так также только уже же бы ли может нельзя однако",
    "uk": "і й та а але або ні не що щоб як в у на по до з із зі від за про під над при для без між через після "
    "перед він вона воно вони його її їх ми ви я це цей ця ці той який яка яке які був була було були є бути "
    "якщо коли де хто так також тільки вже може",
    "el": "ο η το οι τα τον την του της των ένας μια μία ένα και ή αλλά δεν μη μην να θα που πως ότι αν όταν όπου "
    "γιατί επειδή σε στο στη στην στον στους στις στα από με για χωρίς μέχρι κατά μετά πριν προς είναι ήταν "
    "έχει έχουν είχε αυτός αυτή αυτό αυτοί τους όπως επίσης μόνο",
}

COMMON_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {language: frozenset(words.split()) for language, words in _LISTS.items()}
)
"""Common words of each language in lower case."""

_ANY = frozenset().union(*COMMON_WORDS.values())


def _votes() -> dict[str, list[tuple[str, float]]]:
    """For each word, its languages, with a weight that is small where there are many."""
    languages: dict[str, list[str]] = {}
    for language, words in COMMON_WORDS.items():
        for word in words:
            languages.setdefault(word, []).append(language)
    return {word: [(language, 1 / len(found)) for language in found] for word, found in languages.items()}


_VOTES = _votes()
_SAMPLED_WORDS, _SAMPLED_CHARACTERS = 100, 1_000
_WORD = re.compile(r"[\p{L}\p{M}]++")
_UKRAINIAN = re.compile(r"[іїєґІЇЄҐ]")


@lru_cache(maxsize=64)
def guess_language(text: str) -> str:
    """Return the most likely language of a text: by its script, then by its common words.

    Args:
        text: any text; its first words are read.

    Returns:
        A code of two letters, one of `COMMON_WORDS` or of `LANGUAGES`; "en" where no common word is found.
    """
    sample = text[:_SAMPLED_CHARACTERS]
    language = "en" if sample.isascii() else detect_language(sample)
    if language == "ru":
        return "uk" if _UKRAINIAN.search(sample) else "ru"
    return language if language != "en" else _by_common_words(sample)


def _by_common_words(text: str) -> str:
    votes = dict.fromkeys(COMMON_WORDS, 0.0)
    for word in _WORD.findall(text.lower())[:_SAMPLED_WORDS]:
        for language, weight in _VOTES.get(word, ()):
            votes[language] += weight
    return max(votes, key=votes.__getitem__)


def is_common(word: str, language: str) -> bool:
    """Whether a word in any case is a common word of a language, or of any one where there is no list of it."""
    return word.lower() in COMMON_WORDS.get(language, _ANY)
