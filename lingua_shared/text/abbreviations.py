"""Abbreviations of many languages that are written with a full stop, by what may follow them.

They are data; `lingua_shared.text.full_stops` has the rules. All are in lower case and without the last full stop;
those of several parts have no spaces, so "z. B." is "z.b".
"""

from dataclasses import dataclass
from functools import cache

_INSIDE = {
    "": "vs viz e.g i.e cf p.ex p.ej p.es z.b d.h bzw vgl bijv aprox approx tzw tzn np m.in např tzv esim m.a.w "
    "d.w.z f.eks t.ex bl.a д-р т.е т.к т.н c.-à-d",
    "de": "ca sog u.u i.d.r v.a z.t o.g i.a ggf evtl inkl exkl zzgl insb bes mind max gegr geb gest ehem eigtl lt "
    "gem m.e z.zt i.allg betr verh allg abk beil einschl urspr franz engl lat griech hl zit",
    "fr": "env av ex",
    "es": "ej",
    "it": "es cfr ca",
    "pt": "ex",
    "nl": "o.a t.o.v i.v.m a.u.b m.b.t n.a.v zgn zg resp incl excl evt ca ong o.l.v i.p.v t.a.v",
    "pl": "tj ok ob św ul al im tzn zob por",
    "cs": "tj mj zvl popř cca resp sv nám ul tř",
    "sv": "d.v.s dvs s.k fr.o.m t.o.m ca resp exkl inkl f.d o.dyl jfr",
    "da": "d.v.s dvs s.k pga ca ifm mht jf evt inkl ekskl fhv hhv",
    "no": "d.v.s dvs s.k pga ca ifm mht jf evt inkl ekskl",
    "fi": "mm ns ts eaa ent nk",
    "hu": "pl kb ún ill vö ld",
    "tr": "örn bkz yak mö ms",
    "ro": "cca resp",
    "ru": "т.о им см напр ср св ок ул гор пос обл просп пер пл наб бул рис табл",
    "uk": "ім див напр св вул просп рис табл",
    "el": "δηλ βλ π.χ αγ",
    "th": "ดร นพ พญ รศ ผศ ศ พล.อ พ.ต.อ ต อ จ",
    "hi": "डॉ प्रो पं कु श्री",
    "ar": "د م أ أ.د",
    "id": "jl hlm dkk",
    "vi": "ts ths gs pgs bs tp ks",
}
"""Stand inside a sentence, whatever follows. Those of "" hold in every language."""

_BEFORE_NAMES = {
    "": "dr dra drs mr mrs ms mx prof profa mme mmes mlle mlles messrs sra srta dott dipl ing mgr mgr.ing dr.med "
    "dr.phil dr.rer.nat dipl.-ing lt sgt capt col gen maj rev hon cmdr mudr judr phdr rndr inż dhr mevr sig "
    "sigg dott.ssa prof.ssa avv srtas exmo ilmo özv doç",
    "en": "al mt ft sen rep gov pres supt adm fr",
    "de": "hr hrn fr frl frhr gebr st rer nat med phil jur hrsg",
    "fr": "m mm dre pr me st ste mgr gén",
    "es": "sr sres d dña lic arq gral cnel cap sto sta mons fr avda",
    "it": "sig sigg sig.ra sig.na dott.ssa prof.ssa avv arch geom rag on cav mons s ss",
    "pt": "sr srs sres eng arq d dom exmo exma ilmo gal cel cap pe av",
    "nl": "mw ir ds st jhr",
    "pl": "hab ks bp abp p płk kpt por red pl os ppłk",
    "cs": "p pí doc bc st plk kpt",
    "sv": "hr kapt st",
    "da": "hr fr frk kapt sct skt",
    "no": "hr fr frk kapt st",
    "fi": "tri hra rva toht",
    "hu": "özv ifj id szt",
    "tr": "doç av sn yrd alb",
    "ro": "dl dna d-na d-l acad sf str",
    "ru": "г проф акад доц г-н г-жа ген полк кап о оз р с д дер ст тов м",
    "uk": "м проф акад доц п с р ген",
    "el": "κ κα κος καθ",
    "id": "ir bpk tn ny hj",
}
"""Stand before a name."""

_BEFORE_NUMBERS = {
    "": "no nos nr vol vols fig figs art p pp op tel ca aprox approx jan feb mar apr jun jul aug sep sept oct okt "
    "nov dec",
    "en": "eq eqs est sec ch chap par para ed tab c ver pt",
    "de": "abs s bd bde kap abb tab ziff aufl tel jun dez anm rn rdnr sp",
    "fr": "n nº t chap éd janv févr avr juil déc tél vers apr",
    "es": "n núm nº arts pág págs cap ene abr ago dic av c",
    "it": "n nn artt pag pagg cap sec gen mag giu lug ago set ott dic par",
    "pt": "n nº núm arts pág págs cap séc fev abr ago set out dez r",
    "nl": "blz afb tab hfdst mrt",
    "pl": "poz pkt ust str s t tab rys tel wyd godz r",
    "cs": "č čl odst písm str s obr tab kap r",
    "sv": "s sid kap tab kl st",
    "da": "s stk kap tab tlf kl pkt",
    "no": "s kap tab tlf kl pkt",
    "fi": "nro n s ks klo puh",
    "hu": "sz o old",
    "tr": "s sf md yy",
    "ro": "alin pag cap",
    "ru": "стр с п пп ст рис табл гл т тт вып ок тел кв д см",
    "uk": "стор с п ст рис табл т вип тел кв",
    "el": "αρ αριθ σελ σ τ άρθρ παρ εικ πίν τηλ κεφ",
    "th": "พ.ศ ค.ศ ร.ศ โทร เลขที่ ม",
    "hi": "रु सं क्र",
    "id": "hlm",
}
"""Stand before a number."""

_MAY_END = {
    "": "etc inc ltd co corp jr sr bros usw al ecc ltda cia cie st ave blvd",
    "en": "rd dept esq univ assn",
    "de": "str jh jhd jhdt bzgl u.a o.ä u.ä v.chr n.chr",
    "fr": "apr.j.-c av.j.-c",
    "es": "ee.uu cía ud uds vd a.c d.c",
    "it": "a.c d.c",
    "pt": "a.c d.c",
    "nl": "enz e.d e.a n.v b.v v.chr n.chr",
    "pl": "itd itp in r w zł gr tys mln mld",
    "cs": "atd apod aj kč s.r.o a.s spol",
    "sv": "osv m.m m.fl",
    "da": "osv mv m.m m.fl",
    "no": "osv mv m.m m.fl",
    "fi": "jne ym yms ekr jkr",
    "hu": "stb kft zrt bt",
    "tr": "vb vd şti a.ş",
    "ro": "ș.a s.a s.r.l",
    "ru": "гг вв в т.д т.п др пр руб коп тыс млн млрд н.э",
    "uk": "р рр ст ін т.д т.п грн коп тис млн млрд",
    "el": "κ.λπ κλπ κ.ά κ.α μ.χ",
    "th": "น กม ม",
    "id": "dll dsb dst tbk",
}
"""May end a sentence; the word after them tells."""


@dataclass(frozen=True)
class Abbreviations:
    """The abbreviations of one language, by what may follow them.

    Attributes:
        inside: never end a sentence.
        before_names: end none before a name.
        before_numbers: end none before a number.
        may_end: end one before a common word with a capital letter.
    """

    inside: frozenset[str]
    before_names: frozenset[str]
    before_numbers: frozenset[str]
    may_end: frozenset[str]

    def __contains__(self, word: str) -> bool:
        """Whether a word without its last full stop, in lower case, is an abbreviation."""
        return any(word in known for known in (self.inside, self.before_names, self.before_numbers, self.may_end))


@cache
def abbreviations(language: str) -> Abbreviations:
    """Return the abbreviations of a language, given as its code of two letters, and those that hold in all."""
    tables = (_INSIDE, _BEFORE_NAMES, _BEFORE_NUMBERS, _MAY_END)
    return Abbreviations(*(frozenset(f"{table['']} {table.get(language, '')}".split()) for table in tables))
