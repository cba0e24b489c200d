"""Words that turn or bound what a sentence says, by language: negations, exceptions, limits, permission, obligation.

They are data for `lingua_shared.text.protected_words`. An entry is a list of words in lower case, and of expressions
with `_` for white space; `*` at the end stands for any ending. The lists are by judgement, and broad on purpose: a
word too many costs a few tokens, a word too few can reverse a sentence.
"""

from collections.abc import Mapping
from types import MappingProxyType

CLEAR: Mapping[str, str] = MappingProxyType(
    {
        "en": "not never neither nor none nobody nothing nowhere cannot without except excepting excluding "
        "exclusively unless only solely must should shall may until within prohibit* forbid* forbade "
        "forbidden permitted allowed required mandatory obligatory optional maximum minimum barely hardly "
        "scarcely lest no_longer no_more no_one not_yet not_only not_any at_most at_least at_the_latest "
        "at_the_earliest up_to more_than less_than fewer_than no_more_than no_less_than no_fewer_than "
        "no_later_than no_earlier_than not_more_than not_less_than longer_than shorter_than greater_than "
        "larger_than smaller_than higher_than lower_than older_than younger_than other_than earlier_than "
        "later_than rather_than apart_from aside_from except_for except_in except_when except_if if_not "
        "instead_of as_long_as provided_that on_condition_that only_if only_when only_after need_not "
        "have_to has_to had_to ought_to not_be not_have far_from anything_but all_but subject_to in_no_case "
        "under_no_circumstances by_no_means doesnt didnt isnt wasnt arent cant wont shouldnt",
        "de": "nicht nichts kein* niemals niemand* nirgend* weder ohne außer ausser außerhalb ausgenommen "
        "ausschließlich ausschliesslich nur lediglich darf dürfen darfst durfte durften muss muß müssen "
        "musste mussten müsste müssten sollte sollten höchstens mindestens maximal spätestens frühestens "
        "verboten untersagt erlaubt gestattet zulässig unzulässig verpflichtet verpflichtend zwingend "
        "erforderlich sofern solange statt anstatt kaum nicht_mehr noch_nicht nicht_nur bis_zu mehr_als "
        "weniger_als länger_als kürzer_als größer_als kleiner_als höher_als niedriger_als älter_als "
        "jünger_als es_sei_denn auf_keinen_fall unter_keinen_umständen weder_noch zu_unterlassen wenn_nicht "
        "nur_wenn",
        "fr": "jamais aucun aucune nul nulle sauf hormis excepté exceptée uniquement seulement interdit interdite "
        "interdits interdites autorisé autorisée autorisés obligatoire obligatoires doit doivent devra "
        "devront devait devrait peut peuvent pourra pourront faut sinon guère ne_pas au_plus au_moins "
        "au_plus_tard au_plus_tôt jusqu'à jusqu’à plus_de moins_de pas_encore à_moins_que à_moins_de "
        "à_condition_que à_l'exception à_l’exception en_aucun_cas il_faut sous_réserve tant_que plutôt_que "
        "au_lieu_de au_maximum au_minimum ni_l'un ni_l’un",
        "es": "nunca jamás nadie ningún ninguna ninguno tampoco salvo excepto únicamente solamente sólo debe "
        "deben deberá deberán debería deberían debía puede pueden podrá podrán prohibido prohibida prohíbe "
        "prohíben permitido permitida permite obligatorio obligatoria apenas ya_no todavía_no aún_no "
        "no_más_de al_menos por_lo_menos a_lo_sumo como_máximo como_mínimo a_más_tardar más_de menos_de "
        "menos_que más_que a_menos_que siempre_que a_no_ser_que con_la_condición en_ningún_caso en_vez_de "
        "en_lugar_de hay_que tiene_que tienen_que",
        "it": "nessun nessuno nessuna nemmeno neanche neppure senza tranne eccetto salvo soltanto solamente "
        "unicamente deve devono dovrà dovranno dovrebbe doveva possono potrà potranno vietato vietata "
        "vietati vietano consentito consentita permesso obbligatorio obbligatoria bisogna purché non_più "
        "non_ancora al_massimo al_più almeno fino_a più_di meno_di entro a_meno_che a_condizione "
        "in_nessun_caso invece_di",
        "pt": "não nunca jamais ninguém nenhum nenhuma tampouco sem exceto excepto salvo apenas somente "
        "unicamente só deve devem deverá deverão deveria pode podem poderá poderão proibido proibida "
        "proibidos permitido permitida obrigatório obrigatória já_não ainda_não pelo_menos ao_menos "
        "no_máximo no_mínimo mais_de menos_de até_a a_menos_que a_não_ser desde_que em_nenhum_caso "
        "em_vez_de tem_de têm_de tem_que",
        "nl": "niet niets geen nooit nergens niemand zonder behalve tenzij uitgezonderd slechts uitsluitend mogen "
        "moet moeten moest moesten hoeft hoeven zou_moeten verboden toegestaan verplicht hoogstens minstens "
        "ten_minste tenminste ten_hoogste maximaal minimaal mits niet_meer nog_niet meer_dan minder_dan "
        "langer_dan korter_dan groter_dan kleiner_dan uiterlijk in_geen_geval in_plaats_van",
        "pl": "nigdy nikt nikogo żaden żadna żadne żadnych bez oprócz poza_tym z_wyjątkiem chyba_że tylko jedynie "
        "wyłącznie może mogą musi muszą powinien powinna powinno powinni wolno należy zabronion* zakazan* "
        "dozwolon* obowiązkow* najwyżej co_najmniej przynajmniej co_najwyżej maksymalnie minimalnie już_nie "
        "jeszcze_nie więcej_niż mniej_niż ponad_to nie_więcej_niż nie_później_niż o_ile zamiast "
        "pod_warunkiem",
        "cs": "není nejsou nebyl nebyla nebylo nebyli nemá nemají nesmí nesmějí nemůže nemohou nemusí nikdy nikdo "
        "nic žádný žádná žádné bez kromě ledaže pokud_ne pouze jen jenom výhradně smí smějí může mohou musí "
        "mají_povinnost zakázán* zakazuje dovoleno povinn* nejvýše nejméně alespoň maximálně minimálně "
        "už_ne ještě_ne více_než méně_než nejpozději místo_toho s_výjimkou za_podmínky",
        "sv": "inte aldrig ingen inget inga ingenting varken utan förutom undantag* såvida endast enbart måste "
        "får bör skall förbjud* förbjöd tillåt* obligatorisk* högst minst maximalt inte_längre ännu_inte "
        "mer_än mindre_än längre_än fler_än färre_än senast tidigast i_stället_för med_undantag",
        "da": "ikke aldrig ingen intet hverken undtagen undtaget medmindre udelukkende skal bør forbudt tilladt "
        "påkrævet obligatorisk højst mindst maksimalt ikke_længere endnu_ikke mere_end mindre_end "
        "længere_end færre_end senest i_stedet_for forudsat med_undtagelse",
        "no": "ikke aldri ingen ingenting verken uten unntatt unntak* medmindre kun utelukkende skal bør forbudt "
        "tillatt påkrevd obligatorisk høyst minst maksimalt ikke_lenger ennå_ikke mer_enn mindre_enn "
        "lenger_enn færre_enn senest i_stedet_for forutsatt med_mindre",
        "fi": "eivät emme ette älä älkää ei_enää ei_vielä ilman paitsi lukuun_ottamatta ellei elleivät vain "
        "ainoastaan saavat täytyy pitää on_pakko kielletty kiellett* sallittu sallit* pakollinen enintään "
        "vähintään korkeintaan ainakin viimeistään koskaan kukaan mikään edellyttäen sen_sijaan "
        "enemmän_kuin vähemmän_kuin",
        "hu": "soha senki semmi nincs nincsenek nélkül kivéve hacsak csak csupán kizárólag kell lehet szabad "
        "tilos köteles kötelező megengedett legfeljebb legalább maximum már_nem még_nem több_mint "
        "kevesebb_mint legkésőbb helyett feltéve",
        "tr": "değil değildir yok yoktur hiç hiçbir asla hariç dışında sadece yalnız yalnızca ancak gerekir "
        "gerekmez zorunlu* yasak* izin en_fazla en_az en_geç en_çok artık_değil henüz daha_fazla daha_az "
        "olmadan olmaksızın eğer yerine",
        "ro": "nici niciun nicio niciodată nimeni nimic fără decât exceptând doar numai trebuie poate interzis* "
        "obligatoriu cel_mult cel_puțin nu_mai încă_nu mai_mult_de mai_puțin_de până_la cu_excepția "
        "în_afară cu_condiția în_loc",
        "id": "tidak bukan belum jangan tanpa kecuali hanya harus wajib boleh dilarang diizinkan paling_lama "
        "maksimal minimal sekurang-kurangnya setidaknya selambat-lambatnya tidak_lagi lebih_dari "
        "kurang_dari asalkan",
        "vi": "không chưa chẳng đừng chỉ trừ ngoại_trừ nếu_không phải nên được_phép cấm bắt_buộc tối_đa tối_thiểu "
        "ít_nhất nhiều_nhất không_còn hơn trừ_khi",
        "ru": "не ни нет никогда никто ничего нигде нельзя без кроме исключая исключением только лишь должен "
        "должна должно должны обязан* может могут можно следует необходимо запрещ* разреш* допуск* максимум "
        "минимум больше_не ещё_не еще_не не_более не_менее не_позднее не_ранее более_чем менее_чем "
        "больше_чем меньше_чем если_не вместо за_исключением при_условии как_минимум по_меньшей_мере уже_не "
        "до_тех_пор",
        "uk": "не ні немає ніколи ніхто нічого без крім окрім лише тільки повинен повинна повинні мусить може "
        "можуть можна слід заборон* дозвол* обов'язков* максимум мінімум більше_не ще_не не_більше не_менше "
        "не_пізніше більше_ніж менше_ніж якщо_не замість за_винятком за_умови",
        "el": "δεν δε μη μην όχι ούτε ποτέ κανείς κανένας καμία κανένα τίποτα χωρίς δίχως εκτός μόνο μόνον πρέπει "
        "μπορεί μπορούν επιτρέπ* απαγορεύ* υποχρεω* τουλάχιστον πολύ_πιο μέχρι το_πολύ περισσότερο_από "
        "λιγότερο_από όχι_πια εφόσον αντί_για με_εξαίρεση",
        "ar": "لا ولا فلا لم ولم لن ولن ليس ليست وليس غير بدون دون إلا سوى عدا باستثناء فقط يجب ويجب ينبغي يجوز "
        "يمكن يحظر ممنوع محظور مسموح أبدا أبداً قط حتى_الآن على_الأقل على_الأكثر لا_يزيد أكثر_من أقل_من "
        "ما_لم بشرط",
        "he": "לא אין אינו אינה אינם בלי ללא מבלי רק אלא חייב חייבת חייבים מותר אסור רשאי צריך לפחות לכל_היותר "
        "למעט מלבד אלא_אם כבר_לא עדיין_לא יותר_מ פחות_מ בתנאי",
        "fa": "نه نیست نیستند هرگز بدون جز مگر فقط باید نباید می‌تواند نمی‌تواند ممنوع مجاز حداکثر حداقل دست_کم "
        "بیش_از کمتر_از",
        "hi": "नहीं नही न ना मत बिना बगैर सिवाय छोड़कर केवल सिर्फ सिर्फ़ मात्र चाहिए अनिवार्य वर्जित निषिद्ध "
        "अनुमति अधिकतम न्यूनतम कम_से_कम अधिक_से_अधिक से_अधिक से_कम जब_तक",
    }
)
"""Words that are taken in a text of any language: few others are spelled like them, or those say the same."""

AMBIGUOUS: Mapping[str, str] = MappingProxyType(
    {
        "en": "no needs_to need_to",
        "de": "nie noch soll sollen mag bis falls",
        "fr": "ne n'* n’* pas plus rien sans ni seul seule seuls seules que_si non",
        "es": "no ni nada sin solo sino hasta",
        "it": "non no mai né solo può ma_non",
        "pt": "nem nada até",
        "nl": "mag noch enkel maar_niet tot alleen",
        "pl": "nie ani do",
        "cs": "ne ani už_ne",
        "sv": "ej bara kan_inte",
        "da": "uden må bare kun",
        "no": "uten må bare kun",
        "fi": "ei en et saa yli alle",
        "hu": "nem sem ne",
        "tr": "ne malı meli",
        "ro": "nu pot permis permisă",
        "ru": "до",
        "uk": "до",
    }
)
"""Words that are taken only in a text of their own language."""

_SPACELESS: tuple[str, ...] = (
    # Chinese
    r"(?:不|没|沒|未(?![来來知])|非(?![洲常营營盈])|[无無](?![论論线線料])|勿)\p{Han}?",
    r"(?<![特分区區级級性个個])[别別](?=\p{Han})|除非|除了|除外|以外|之外|[只仅僅唯]\p{Han}?",
    r"禁止|严禁|嚴禁|必须|必須|应当|應當|应该|應該|不得|允许|允許|准许|可以|最多|至多|至少|最少|最大|最小|最低|最高|超过|超過",
    r"以上|以下|以内|以內|之前|截至|从未|從未|尚未|不再|直到|至[迟遲]|几乎|幾乎",
    # Japanese
    r"[\p{Han}\p{Hiragana}]{0,2}(?:なければならない|てはならない|てはいけない|てもよい|なかった|なければ|ないで|なくて|ない|"
    r"ませんでした|ません|ざる|ずに)",
    r"\p{Han}?(?:のみ|だけ|しか)|以外|除く|除き|必ず|べき|ことができ[るま]|未満|以内|最低|最小|まで(?!も)|のうち",
    # Thai
    r"ไม่(?:เกิน|น้อยกว่า|มากกว่า|ได้|มี|ใช่)?|ห้าม|อย่า(?!ง)|อย่างน้อย|อย่างมาก|ยกเว้น|เว้นแต่|นอกจาก|เท่านั้น|เพียง|ต้อง|ควร|ปราศจาก|ไร้|"
    r"สูงสุด|ต่ำสุด|มากกว่า|น้อยกว่า|เกินกว่า",
    # Korean, in which they are parts of words
    r"\p{Hangul}{0,12}(?:않|못하|못했|못한|아니|아닌|아닙|없|말아|마십시오|마세요|금지|해야|하여야|이상|이하|미만|초과|까지|뿐|밖에)"
    r"\p{Hangul}{0,8}",
    r"(?<!\p{Hangul})(?:안|못|절대|결코|전혀|오직|단지|반드시|최대|최소|적어도|제외)(?:로|한|하고|하면)?(?!\p{Hangul})",
)
"""Regular expressions of words of scripts without spaces, and of Korean."""

SPACELESS = "|".join(_SPACELESS)
"""One regular expression of them."""

CONDITIONS_AND_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "en": "if whether when whenever while suppose* assum* rumour* rumor* myth legend "
        "alleg* reportedly purported* claim* falsely false wrong* mistaken* according_to is_said_to are_said_to "
        "was_said as_long_as so_long_as provided providing on_condition until till once barring subject_to says "
        "in_case supposedly although though "
        "denie* deny doubt* would could might perhaps probably possibly almost nearly failed_to",
        "de": "wenn falls sofern ob angeblich gerücht* behaupt* laut zufolge soll sollen könnte* würde* "
        "vielleicht wahrscheinlich fast beinahe falsch* irrtümlich*",
        "fr": "si quand lorsque selon rumeur* prétend* serait aurait pourrait peut-être presque",
        "es": "si cuando según rumor* supuest* presunt* podría* sería* habría* quizá* casi",
        "it": "se quando secondo presunt* sarebbe avrebbe potrebbe forse quasi",
        "pt": "se quando segundo boato* suposto suposta seria teria poderia talvez quase",
        "nl": "als indien wanneer volgens vermeend* zou misschien bijna",
        "pl": "jeśli jeżeli gdy według podobno rzekom* może prawie",
        "sv": "om när enligt påstå* skulle kanske nästan",
        "ru": "если когда якобы слух* возможно почти",
    }
)
"""Conditions, doubts and sources of a statement. A sentence that holds one is kept whole or not at all."""

_MODALS = (
    "may can must should shall might could would darf dürfen muss müssen soll sollen kann können "
    "peut peuvent doit doivent puede pueden debe deben può possono deve devono pode podem devem "
    "mag mogen moet moeten kan kunnen może mogą musi muszą får ska måste skal må "
    "может могут должен должна должно должны"
)

MODALS = frozenset(_MODALS.split())
"""Words that allow or demand something. Alone they limit nothing."""
