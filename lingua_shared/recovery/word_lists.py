r"""Words that recovery never inserts: they turn the meaning of an answer, or they give instructions.

One entry for each language of `lingua_shared.text.languages`, and "other" for some more. An entry is a list of regular
expressions separated by white space, matched without case against whole words; `_` stands for a space, TLD for a
top-level domain, and \p{L}* at the end for any ending. Languages that write no spaces are in tables of their own,
matched anywhere in the text.

The lists are by judgement. They are broad on purpose: a word too many costs one restored gap, a word too few can
reverse an answer.
"""

from collections.abc import Mapping
from types import MappingProxyType

POLARITY: Mapping[str, str] = MappingProxyType(
    {
        "en": r"""
            not no(?!\.) never neither nor none nobody nothing nowhere cannot without except\p{L}* exclud\p{L}*
            unless only merely solely hardly barely scarcely rarely seldom almost nearly
            (?:all|any|anyone|anything|everyone|everything|no_one|nobody|none|nothing)_but if lest
            (?:other|rather|less|fewer|more)_than rather instead apart aside barring despite false\p{L}* fake\p{L}*
            untrue wrong\p{L}* incorrect\p{L}* mistaken\p{L}* myth\p{L}* alleged\p{L}* suppos\p{L}* purported\p{L}*
            reportedly reputed\p{L}* ostensibl\p{L}* seeming\p{L}* apparent\p{L}* presum\p{L}* hypothetical\p{L}*
            rumou?r\p{L}* claim\p{L}* pseudo\p{L}* so-called would-be refut\p{L}* disprov\p{L}* debunk\p{L}*
            disput\p{L}* denied denies deny denying refus\p{L}* fail\p{L}* lack\p{L}*
            un(?:able|likely|willing)\p{L}* impossib\p{L}* \p{L}+n['’]t dont doesnt didnt isnt wasnt werent cant
            wont perhaps maybe possibly probably might unlike non prohibit\p{L}* forb[aio]d\p{L}* less fewer
            opposite contrary
        """,
        "de": r"""
            nicht nichts kein\p{L}* nie niemals niemand\p{L}* nirgend\p{L}* weder noch ohne außer\p{L}* ausser\p{L}*
            ausgenommen ausschließlich ausschliesslich nur lediglich bloß bloss kaum fast beinahe falsch\p{L}*
            angeblich\p{L}* vermeintlich\p{L}* mutmaßlich\p{L}* vielleicht sondern statt anstatt sofern selten
            wenig\p{L}* un(?:möglich|wahr)\p{L}* nein
        """,
        "es": r"""
            no(?!\.) nunca jamás jamas ni nada nadie ningún ningun\p{L}* ninguna tampoco sin salvo excepto menos
            apenas casi solo sólo solamente únicamente unicamente fals\p{L}* supuest\p{L}* presunt\p{L}* quizá\p{L}*
            quiza\p{L}* sino rara
        """,
        "fr": r"""
            ne n['’]\p{L}+ pas non jamais rien aucun\p{L}* nul nulle\p{L}* ni sans sauf hormis excepté\p{L}*
            seul\p{L}* uniquement guère presque peine plutôt faux fauss\p{L}* prétendu\p{L}* peut-être sinon moins
        """,
        "it": r"""
            non no(?!\.) ne (?<!\p{N}_)mai(?!_\p{N}) nulla niente nessun\p{L}* neanche nemmeno neppure senza tranne
            eccetto salvo solo soltanto solamente unicamente appena quasi fals\p{L}* presunt\p{L}* forse bensì meno
        """,
        "pt": r"""
            não nao nem nunca jamais nada ninguém ninguem nenhum\p{L}* sem exceto excepto salvo menos apenas só
            somente unicamente quase fals\p{L}* supost\p{L}* talvez senão
        """,
        "nl": r"""
            niet niets geen nooit nergens niemand noch zonder behalve tenzij uitgezonderd slechts alleen enkel maar
            nauwelijks bijna vals\p{L}* zogenaamd\p{L}* vermeend\p{L}* misschien mits onmogelijk zelden
        """,
        "ro": r"""
            nu n-\p{L}+ nici niciun\p{L}* nicio niciodată niciodata nimic nimeni nicăieri fără fara decât decat doar
            numai exceptând exceptand excepția afară abia aproape fals\p{L}* presupus\p{L}* dacă
        """,
        "tr": r"""
            değil yok yoktu hiç hiçbir\p{L}* asla ne sadece yalnız\p{L}* ancak hariç dışında olmadan olmaksızın
            neredeyse sözde sahte belki eğer
            \p{L}{2,}(?:m[ae]d[ıi](?:l[ae]r|k|m)?|m[ae]m[ıi]ş\p{L}*|m[ae]y[ae]n|m[ıiuü]yor\p{L}*
            |[bcçdfgğhklnprsştvyz]m[ae]z(?:l[ae]r)?|s[ıiuü]z)
        """,
        "vi": r"""
            không chẳng chưa chả đừng chớ trừ chỉ hiếm hầu suýt giả nếu có_lẽ thiếu vô
        """,
        "ru": r"""
            не ни нет без кроме никогда никто никого никому никем ничто ничего ничему никак\p{L}* нигде никуда
            нельзя невозможно только лишь едва почти исключая исключением помимо якобы ложн\p{L}* мнимы\p{L}*
            возможно если вместо неверно редко нету
        """,
        "el": r"""
            δεν δε μη μην όχι ούτε μήτε ποτέ κανείς κανένα\p{L}* καμία κανέναν τίποτα τίποτε πουθενά χωρίς δίχως
            εκτός πλην παρά μόνο μόνον μόλις σχεδόν δήθεν ψευδ\p{L}* ίσως αν αδύνατο\p{L}* σπάνια
        """,
        "ar": r"""
            [وف]?(?:لا|لم|لن|ليس|ليست|ليسوا|لست|غير|بدون|دون|إلا|الا|ألا|سوى|عدا|فقط|ما|قط|أبدا|أبداً|لولا|كلا
            |بلا|باستثناء|ربما|إذا|مزعوم\p{L}*|زائف\p{L}*|نادرا|نادراً|تقريبا|تقريباً)
        """,
        "hi": r"""
            नहीं नही न ना मत बिना बगैर सिवाय सिवा केवल सिर्फ़ सिर्फ मात्र अलावा छोड़कर शायद अगर यदि लगभग कथित
            झूठ\p{L}* गलत कभी बजाय
        """,
        "ko": r"""
            \p{L}*(?:않|못하|못했|못한|아니|아닌|아닙|없|말고|제외|외에는|이외)\p{L}* 안 못 결코 전혀 오직 단지 거의
            절대 \p{L}+뿐 거짓\p{L}* 아마 만약
        """,
        "other": r"""
            inte ingen ingenting aldrig utan ikke ingen aldri uden uten nie bez tylko не нема без лише tidak bukan
            tanpa hanya kecuali ei ilman vain nem soha nélkül csak לא אין בלי ללא אל רק מלבד אסור נה نه نیست بدون
            هرگز جز
        """,
    }
)
"""Negation, exceptions, limits and hedges, by language."""

SPACELESS_POLARITY: Mapping[str, str] = MappingProxyType(
    {
        "zh": r"""
            不 没 沒 无 無 非(?![洲常]) 未(?![来來]) 勿 莫 (?<![特分区區级級性])[别別] 否 除 只 仅 僅 唯 假 谎 謊
            几乎 幾乎 差点 差點 据称 據稱 所谓 所謂 也许 也許 可能 如果
        """,
        "ja": r"""
            ない なかっ なけれ なく なし ません ぬ ずに ざる 以外 のみ だけ しか 除 不 非 無 未 否 偽 嘘 ほとんど
            かもしれ もし
        """,
        "th": r"""
            ไม่ มิ(?:ได้|ใช่|อาจ) ไร้ ปราศจาก ยกเว้น เว้นแต่ นอกจาก เพียง เท่านั้น แค่ ห้าม อย่า(?!ง) เกือบ แทบ
            อาจ(?!าร) ถ้า หาก ปลอม เท็จ
        """,
    }
)
"""The same for languages that write no spaces."""

INSTRUCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "en": r"""
            ignor(?:e|ing) disregard\p{L}* forget overrid\p{L}* bypass\p{L}* instruct(?:ions?)? prompts?
            jailbreak\p{L}* click\p{L}* visit download\p{L}* execute curl wget sudo subscribe password\p{L}* passwd
            credential\p{L}* api_key users? assistant chatbot you your yours yourself please must should
            (?:and|then|now|please|also)_(?:tell|say|send|write|call|reply|respond|answer|print|output|go|buy
            |sell|pay|follow|open|run|use|give|show|reveal|repeat|add|include|insert|make|do|act|pretend|contact
            |email|transfer|delete|remove|enter)
            (?:tell|inform|ask|urge|advise|warn|remind|order)_(?:the|them|him|her|everyone|people|all|readers?
            |me|us)
            (?<!(?:to|could|would|can|will|did|do|may|shall|they|we|who|which|that|helped|let)_)(?:send|transfer
            |wire|reveal|delete|remove|open|run|write|print|output|say|tell|go|buy|sell|pay|follow|call|contact
            |email|repeat|act|enter|submit|post|share|give|show|use|copy|paste|install|update|sign|read|output
            |add|insert|append|include|replace|stop|start|make|answer)_(?:the|all|this|that|these|any|every
            |everyone|everything|me|us|him|her|them|it|out|in|up|a|an|to|as|with|on|only|money|funds)
            (?<!(?:to|could|would|can|will|did|do|may|shall|they|we|who|which|that|helped|let)_)(?:send|transfer
            |wire|pay|remit|deposit|donate)(?:_(?!of_)\p{L}+)?_[$€£¥₽]?\p{N}[\p{L}\p{N}.,]*
            respond reply pretend say_that answer_(?:with|that|only) above_text following_text language_model dot
            slash h[tx]{2}ps? s?ftps? www com javascript mailto
        """,
        "de": r"""
            ignorier\p{L}* missacht\p{L}* vergiss vergesst vergessen_sie anweisung\p{L}* befehl\p{L}* klick\p{L}*
            besuch(?:e|en_sie|t) benutzer\p{L}* nutzer\p{L}* passw\p{L}* bitte dein\p{L}* sag sage sagen_sie
            punkt_TLD überweis\p{L}* antworte\p{L}*
        """,
        "es": r"""
            ignor(?:a|e|en|ar|ad) olvid(?:a|e|en|ar) instrucci\p{L}* clic haz visit(?:a|e|en) usuari\p{L}*
            contraseñ\p{L}* usted ustedes transfiera transfiere tú tus dile diga punto_TLD responde
        """,
        "fr": r"""
            ignor(?:e|ez|er) oubli(?:e|ez|er) instructions? consignes? cliqu\p{L}* visit(?:e|ez) utilisateur\p{L}*
            vous votre virez versez dis dites réponds répondez point_TLD veuillez
        """,
        "it": r"""
            ignor(?:a|ate|are) dimentic(?:a|ate|are) istruzion\p{L}* clicc\p{L}* visit(?:a|ate) utent\p{L}* password
            tuo tua tuoi trasferisci dì dite rispondi rispondete punto_TLD
        """,
        "pt": r"""
            ignor(?:e|em|ar) esque[çc]\p{L}* instruç\p{L}* instruc\p{L}* cli(?:que|car) visit(?:e|em) usuári\p{L}*
            utilizador\p{L}* senha você vocês transfira diga responda ponto_TLD
        """,
        "nl": r"""
            neg(?:eer|eren) vergeet instructies? opdracht\p{L}* klik\p{L}* bezoek gebruiker\p{L}* wachtwoord\p{L}*
            jij jouw uw overmaken zeg antwoord punt_TLD
        """,
        "ro": r"""
            ignor(?:ă|a|ați|ati) uită uitați instrucțiuni\p{L}* instructiuni\p{L}* clic vizit(?:ează|ați|ati)
            utilizator\p{L}* parol\p{L}* dumneavoastră tău spune spuneți punct_TLD
        """,
        "tr": r"""
            yok_say\p{L}* görmezden unut talimat\p{L}* komut\p{L}* tıkla\p{L}* ziyaret kullanıcı\p{L}* parola\p{L}*
            şifre\p{L}* siz senin sizin söyle\p{L}* lütfen nokta_TLD
        """,
        "vi": r"""
            bỏ_qua phớt_lờ hướng_dẫn chỉ_thị lệnh nhấp nhấn truy_cập người_dùng mật_khẩu bạn hãy chấm_TLD
        """,
        "ru": r"""
            игнориру\p{L}* проигнориру\p{L}* забудь\p{L}* инструкци\p{L}* указани\p{L}* команд[аыу] нажми\p{L}*
            кликн\p{L}* посети\p{L}* пользовател\p{L}* парол\p{L}* ты вы вам вас ваш\p{L}* твой скажи\p{L}*
            ответь\p{L}* переведи\p{L}* перечисли(?:те)? точка_TLD
        """,
        "el": r"""
            αγνό\p{L}* ξέχνα ξεχάστε οδηγί\p{L}* εντολ\p{L}* κλικ επισκεφ\p{L}* επισκέψου χρήστη\p{L}* κωδικ\p{L}*
            εσύ εσείς σου σας πες πείτε τελεία_TLD
        """,
        "ar": r"""
            تجاهل\p{L}* انس انسى (?:ال)?تعليمات\p{L}* أوامر انقر اضغط زر زوروا (?:ال|لل)?مستخدم\p{L}* كلمة_المرور
            أنت أنتم قل قولوا أخبر نقطة_TLD
        """,
        "hi": r"""
            अनदेखा नज़रअंदाज़ नजरअंदाज निर्देश\p{L}* आदेश\p{L}* क्लिक उपयोगकर्ता\p{L}* पासवर्ड तुम आप आपका आपके
            तुम्हारा बताओ बताएं कहो डॉट
        """,
        "ko": r"""
            \p{L}*(?:무시|지시|명령|클릭|방문하|사용자|비밀번호|프롬프트|송금|하세요|하십시오|해라|당신)\p{L}* 닷 점_TLD
        """,
    }
)
"""Instructions to a reader or a model, words that address one, and addresses spelled out, by language."""

SPACELESS_INSTRUCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "zh": r"""
            忽略 忽视 忽視 无视 無視 指令 指示 提示词 提示詞 点击 點擊 访问 訪問 用户 用戶 使用者 密码 密碼 你 您 请
            請 转账 轉帳 转帐 汇款 匯款 [点點]TLD
        """,
        "ja": r"""
            無視 指示 命令 プロンプト クリック アクセス ユーザー パスワード あなた ください なさい 送金 振り?込 ドット
        """,
        "th": r"""
            เพิกเฉย ละเว้น คำสั่ง คลิก เยี่ยมชม ผู้ใช้ รหัสผ่าน คุณ(?!ภาพ) กรุณา โปรด จุดคอม
        """,
    }
)
"""The same for languages that write no spaces."""
