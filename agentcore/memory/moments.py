"""Time in words: of which day a message is, whether it tells of a time, whether a question asks
for one.
"""

# ruff: noqa: RUF001 (letters of other scripts look like Latin ones)

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from agentcore.clock import Micros, as_datetime

_MONTHS = (
    "january jan januar enero janvier gennaio janeiro januari styczeń stycznia ocak январь января",
    "february feb februar febrero février febbraio fevereiro februari luty lutego şubat февраль"
    " февраля",
    "march mar märz marzo mars março maart marzec marca mart март марта",
    "april apr abril avril aprile kwiecień kwietnia nisan апрель апреля",
    "may mai mayo maggio maio mei maj maja mayıs май мая",
    "june jun juni junio juin giugno junho czerwiec czerwca haziran июнь июня",
    "july jul juli julio juillet luglio julho lipiec lipca temmuz июль июля",
    "august aug agosto août augustus augusti sierpień sierpnia ağustos август августа",
    "september sep sept septiembre septembre settembre setembro wrzesień września eylül сентябрь"
    " сентября",
    "october oct oktober octubre octobre ottobre outubro październik października ekim октябрь"
    " октября",
    "november nov noviembre novembre novembro listopad listopada kasım ноябрь ноября",
    "december dec dezember diciembre décembre dicembre dezembro grudzień grudnia aralık декабрь"
    " декабря",
)
_DAYS = (
    "monday montag lunes lundi lunedì segunda-feira maandag måndag poniedziałek pazartesi"
    " понедельник",
    "tuesday dienstag martes mardi martedì terça-feira dinsdag tisdag wtorek salı вторник",
    "wednesday mittwoch miércoles mercredi mercoledì quarta-feira woensdag onsdag środa çarşamba"
    " среда среду",
    "thursday donnerstag jueves jeudi giovedì quinta-feira donderdag torsdag czwartek perşembe"
    " четверг",
    "friday freitag viernes vendredi venerdì sexta-feira vrijdag fredag piątek cuma пятница"
    " пятницу",
    "saturday samstag sonnabend sábado samedi sabato zaterdag lördag sobota cumartesi суббота"
    " субботу",
    "sunday sonntag domingo dimanche domenica zondag söndag niedziela pazar воскресенье",
)
CALENDAR = {word: names.split()[0] for names in (*_MONTHS, *_DAYS) for word in names.split()}
"""The names of months and days in many languages, each with the one that messages are found by."""

_MONTH_NAMES = [names.split()[0] for names in _MONTHS]
_DAY_NAMES = [names.split()[0] for names in _DAYS]

_RELATIVE = """
yesterday today tonight tomorrow ago last next week weekend month year years months weeks days
recently since morning evening night just
gestern vorgestern heute morgen übermorgen letzte letzten letzter nächste nächsten woche wochen
monat monate jahr jahre jahren seit
ayer hoy mañana semana semanas meses año años hace
aujourd'hui demain semaine semaines mois ans année dernier dernière depuis
ieri oggi domani settimana settimane mese mesi anno anni fa scorso scorsa
ontem hoje amanhã mês ano anos atrás passado passada
gisteren vandaag week weken maand maanden jaar geleden vorige
igår idag imorgon vecka veckor månad år
wczoraj dziś dzisiaj jutro tydzień tygodniu miesiąc rok roku temu
dün bugün yarın hafta yıl önce geçen
вчера сегодня завтра неделя неделе неделю месяц месяце год году лет назад
أمس اليوم غدا أسبوع شهر سنة منذ
कल आज सप्ताह महीने साल पहले
어제 오늘 내일 지난주
"""


def _any_of(words: Iterable[str]) -> str:
    """A pattern for each of these words, by first letters: it tries one branch after the other."""
    by_letter = groupby(sorted(words), key=lambda word: word[0])
    branches = {first: "|".join(re.escape(word[1:]) for word in each) for first, each in by_letter}
    return "|".join(f"{first}(?:{rest})" for first, rest in branches.items())


_TELLS = re.compile(
    rf"\b(?:\d{{4}}|{_any_of({*_RELATIVE.split(), *CALENDAR} - {'mar', 'may'})})\b"
    r"|[昨今明去来先上下][日天年月週周]|\d[年月日]|เมื่อวาน|วันนี้|พรุ่งนี้",
)
_ASKS = re.compile(
    r"\b(?:when|how long|(?:what|which) (?:date|day|week|month|year|time)|since when"
    r"|wann|wie lange|welche[mnrs]? (?:datum|tag|woche|monat|jahr)|cuándo|cuando|cuánto tiempo"
    r"|quand|combien de temps|quel(?:le)? (?:jour|date|mois|année)|quando|da quanto|quanto tempo"
    r"|wanneer|hoe lang|när|hur länge|kiedy|jak długo|ne zaman|когда|как долго|متى|कब)\b"
    r"|什么时候|什麼時候|何时|多久|いつ|何年|何月|何日|언제|เมื่อไ"
)
_ISO = re.compile(r"\b\d{4}-(\d\d)-\d\d\b|\b(\d{1,2})月")


def date_words(moment: Micros, zone: ZoneInfo | None) -> tuple[str, str, str, str]:
    """Day, month, year and day of the week: what a message is found by on its date.
    `zone` None: in UTC.
    """
    return _words(as_datetime(moment, zone))


def _words(day: datetime) -> tuple[str, str, str, str]:
    return str(day.day), _MONTH_NAMES[day.month - 1], str(day.year), _DAY_NAMES[day.weekday()]


def months_in(query: str) -> list[str]:
    """Months that a query writes as a number in a date."""
    numbers = (int(iso or plain) for iso, plain in _ISO.findall(query))
    return [_MONTH_NAMES[number - 1] for number in numbers if 1 <= number <= 12]


def tells_time(text: str) -> bool:
    """Whether the (lower-case) text says when something was or how long."""
    return _TELLS.search(text) is not None


def asks_time(query: str) -> bool:
    """Whether the (lower-case) query asks when or how long."""
    return _ASKS.search(query) is not None
