"""Which language a text is in, as far as its words tell, and what that means for a word: its stem,
and whether it is too common to look for.

A script decides where it can (Cyrillic is stemmed as Russian, Greek as Greek …). Among the Latin
ones the language with the most function words and letters of its own wins; a tie is no answer.
"""

# ruff: noqa: RUF001 (letters of other scripts look like Latin ones)

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Protocol

ENGLISH = "en"

_ENGLISH_STOP_WORDS = """
a about above after again against all am an and any are aren't as at be because been before being
below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't
down during each few for from further had hadn't has hasn't have haven't having he he'd he'll he's
her here here's hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't it
it's its itself let's me more most mustn't my myself no nor not of off on once only or other ought
our ours ourselves out over own same shan't she she'd she'll she's should shouldn't so some such
than that that's the their theirs them themselves then there there's these they they'd they'll
they're they've this those through to too under until up us very was wasn't we we'd we'll we're
we've were weren't what what's when when's where where's which while who who's whom why why's will
with won't would wouldn't you you'd you'll you're you've your yours yourself yourselves
"""

_STOP_WORDS = {
    "en": _ENGLISH_STOP_WORDS,
    "de": "aber als am an auch auf aus bei bin bist da damit dann das dass dein deine dem den der"
    " des dich die dir doch du ein eine einem einen einer er es euch für hab habe haben hast hat"
    " hatte ich ihm ihn ihr im in ist ja jetzt kann kein keine mal man mein meine meinem meinen"
    " meiner mich mir mit nach nicht noch nur oder schon sehr sein seine sich sie sind so um und"
    " uns unser vom von vor war waren was wenn wer werden wie wir wird wo zu zum zur über",
    "es": "al algo como con cual cuál cuando cuándo de del desde donde dónde el ella en era es esa"
    " ese eso esta este esto está estoy fue ha hay he la las le les lo los me mi mis mucho muy más"
    " no nos o para pero por porque que qué quien quién se ser si sin sobre son soy su sus también"
    " te tengo ti tiene todo tu tus un una y ya yo",
    "fr": "ai as au aux avec avez avoir avons c'est ce ces cette d'un d'une dans de des du elle en"
    " es est et eu il ils j'ai je la le les leur lui m'a ma mais me mes moi mon même n'est ne"
    " nos notre nous on ont ou où par pas plus pour qu'est quand que quel quelle qui quoi sa sans"
    " se ses son sont suis sur ta te tes toi ton très tu un une vos votre vous y à été",
    "it": "abbiamo ai al alla anche che chi ci come con cosa cui da dal dalla dei del della delle"
    " di dove e ed era gli ha hai hanno ho i il in io la le lei lo loro lui ma mi mia mie miei mio"
    " molto nel nella no noi non o per perché più quale quando quanto questa questo se sei si sono"
    " su sua sul suo ti tu tua tuo un una uno vi è",
    "pt": "a ao aos as até com como da das de dela dele do dos e ela ele em era essa esse esta"
    " estou está eu foi há isso isto já mais mas me meu meus minha minhas muito na nas no nos não"
    " o onde os ou para pela pelo por porque qual quando que quem se sem ser seu sua são também te"
    " tem tenho teu tua um uma você à é",
    "nl": "aan al als bij ben bent dan dat de deze die dit door dus een en er haar had hebben hebt"
    " heb heeft het hij hoe hun ik in is je jij jouw kan maar me meer met mij mijn naar niet nog nu"
    " of om onze ook op over te toen tot uit van veel voor waar wanneer waren was wat we wel wie"
    " wij wordt ze zich zij zijn zo",
    "sv": "alla att av bara blev blir de dem den det dig din ditt du där efter ej eller en er ett"
    " för från ha hade han har hon hur här i icke inte ja jag kan man med men mig min mina mitt"
    " mycket när och om oss på sig sin ska som så till upp ut var vad vem vi vid vill är",
    "pl": "ale bo być był była było co czy dla do gdy gdzie i ich ja jak jako jego jej jest jestem"
    " już ją kiedy kto który która ma mam mi mnie moja moje może mój my na nie o od on ona oraz po"
    " pod przez się są ta tak też to twoja twój ty tylko w we z za ze że",
    "tr": "ama ben beni benim bir biz bu bunu da daha de değil diye en gibi hangi hem için ile ise"
    " kadar ki kim mi mu mı ne neden nerede o olarak onu onun sen senin siz var ve veya ya yok çok"
    " şey şu",
    "ru": "а без бы был была были было быть в вам вас во вот все всё вы где да для до его ее её"
    " если есть еще ещё же за и из или им их к как какой когда кто ли меня мне мой моя моё мои мы на"
    " не нет ни но о об он она они от по под при с со так там тебя тебе то только ты у уже чем что"
    " это этот я",
    "el": "αυτό για δεν εγώ είμαι είναι εσύ η και με μου να ο οι πού πότε που σε στη στην στο στον"
    " τα τη την της τι τις το του τον των ως",
    "ar": "أن أنا أنت إلى إن التي الذي أين أي على عن في قد كان كانت كل كيف لا لم لي ما مع من متى"
    " نحن هذا هذه هل هو هي و يا",
    "hi": "और का की के को क्या कब कहाँ कौन था थी थे पर पास भी मुझे में मेरा मेरी मेरे मैं यह ये"
    " वह वे से हम है हैं हूँ हो ही ने नहीं तो तुम आप एक",
}
STOP_WORDS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}

_NAMES = {
    "ar": "arabic",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}

OTHER_LATIN = ("de", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr")

_COMMON_IN = {
    word: tuple(each for each in (ENGLISH, *OTHER_LATIN) if word in STOP_WORDS[each])
    for language in (ENGLISH, *OTHER_LATIN)
    for word in STOP_WORDS[language]
}
"""The languages in Latin letters in which a word is common."""

_LETTERS = {
    "de": re.compile("[äöüß]"),
    "es": re.compile("ñ"),
    "fr": re.compile("[èêœç]|^(?:[cdjlmnst]|qu)'"),
    "pl": re.compile("[ąćęłńśźż]"),
    "pt": re.compile("[ãõç]"),
    "sv": re.compile("[åäö]"),
    "tr": re.compile("[ğışç]"),
}
_SCRIPTS = (
    (re.compile("[\u0400-\u052f]"), "ru"),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), "el"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0900-\u097f]"), "hi"),
)
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_ELIDES = frozenset({"fr", "it"})


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 (the library's name)


def script_language(word: str) -> str | None:
    """The language that stands for the script of a word; None for Latin, digits and all others."""
    if word.isascii():
        return None
    return next((language for script, language in _SCRIPTS if script.search(word)), None)


def is_latin(word: str) -> bool:
    return _LATIN.search(word) is not None


def latin_language(words: Iterable[str]) -> str | None:
    """The language of the words in Latin letters; None: they don't tell."""
    votes = dict.fromkeys((ENGLISH, *OTHER_LATIN), 0)
    for word in words:
        for language in _COMMON_IN.get(word, ()):
            votes[language] += 1
        if not word.isascii() or "'" in word:
            for language, letters in _LETTERS.items():
                votes[language] += letters.search(word) is not None
    most = max(votes.values())
    leaders = [language for language, count in votes.items() if count == most]
    return leaders[0] if most and (len(leaders) == 1 or leaders[0] == ENGLISH) else None


def stem(word: str, language: str) -> str:
    """What the forms of a word have in common, without the accents that people leave out."""
    if language in _ELIDES:
        word = word.rpartition("'")[2] or word
    with _one_at_a_time:
        stemmed = _stemmer(language).stemWord(word) or word
    return _unaccented(stemmed) if _LATIN.search(stemmed) else stemmed


_one_at_a_time = threading.Lock()  # a stemmer keeps the word it works on


@cache
def _stemmer(language: str) -> _Stemmer:
    from snowballstemmer import stemmer  # noqa: PLC0415 (14 MB and a tenth of a second)

    found: _Stemmer = stemmer(_NAMES[language])
    return found


def _unaccented(word: str) -> str:
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
