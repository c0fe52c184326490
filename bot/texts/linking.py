"""What `/link` and `/unlink` give back, and what is told to the other side."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.link_code": (
        "Your code: {code}\n\n"
        "Within ten minutes, write /link {code} to me on the other platform, where you are alone "
        "with me. There I first show you what would come together. Give the code to nobody: "
        "whoever brings it to me can become one person with you."
    ),
    "reply.link_how": (
        "/link gives you a code. Bring it to me on the other platform with /link and the code, and "
        "I am the same for you there and here. /unlink shows what is linked."
    ),
    "reply.link_wrong_code": (
        "I don't know that code. It has eight letters and digits, and a new one takes the place of "
        "the old. /link gives you one on the platform where you are known already."
    ),
    "reply.link_used_code": (
        "That code was used already. /link on the other platform gives you a new one."
    ),
    "reply.link_expired_code": (
        "That code has run out: it is good for ten minutes. /link on the other platform gives you "
        "a new one."
    ),
    "reply.link_own_code": (
        "That code is your own, for the other platform: write it to me there. "
        "If that is where you are, you are one person here already; /unlink shows it."
    ),
    "reply.link_too_many": "Too many wrong codes. In an hour you can try again.",
    "reply.link_already": "That is done already: /unlink shows what is linked.",
    "reply.link_gone": (
        "There is nothing to confirm, or not any more. Begin anew: /link on the other platform "
        "gives you a code, which you bring to me here."
    ),
    "reply.link_incognito": (
        "In one of the two places you are in a conversation that I forget. End it with "
        "/incognito off, then bring me the code once more."
    ),
    "reply.link_preview": (
        "Only go on if you asked for this code yourself, on {other}. Both places would belong to "
        "one person, and I would know in both what either was told.\n\n"
        "Here ({here}):\n{mine}\n\n"
        "There ({other}):\n{theirs}\n\n"
        "{stays}"
    ),
    "reply.link_changed": (
        "A memory has changed since I showed it to you, so nothing is linked yet. Now it is:\n\n"
        "{preview}"
    ),
    "reply.link_memory": "{title}:\n{lines}",
    "reply.link_memory_more": "… and {more} more",
    "reply.link_memory_empty": "Nothing is kept in mind yet.",
    "reply.link_no_agent": "Nothing yet.",
    "reply.link_stays_here": (
        "I stay, and answer there too. What is kept in mind there comes to me; what was said there, "
        "I can find."
    ),
    "reply.link_stays_there": (
        "The one who answers you on {other} stays, and answers here too. What I keep in mind comes "
        "along; what we said can be found."
    ),
    "reply.link_confirm": ("Shall I link them? For thirty days /unlink can take it back."),
    "reply.linked": (
        "Done. What belongs together now: {platforms}. The same one answers you everywhere and knows "
        "what either place was told. /unlink takes it back until {until}."
    ),
    "access.link_shown": (
        "Your code was brought to me ({platform}), and I showed there what I keep in mind here. "
        "Nothing is linked yet. If that wasn't you, write /link: then that code is good for "
        "nothing any more."
    ),
    "access.linked": (
        "Accounts of yours are linked now ({platforms}): the same one answers you everywhere and knows "
        "what either place was told. If that wasn't you, take it back; that can be done until {until}."
    ),
    "reply.links": "What is linked with you:\n{lines}",
    "reply.link_line": "{number}: {platforms}, since {since}; /unlink {number} takes it back until {until}",
    "reply.link_line_final": "{number}: {platforms}, since {since}, for good",
    "reply.links_none": (
        "Nothing is linked. /link gives you a code with which I know you on another platform, too."
    ),
    "reply.link_unknown": "There is no such link. /unlink shows those that there are.",
    "reply.link_final": (
        "That can't be taken back any more: it could until {until}. What I am to forget, /forget "
        "takes out; /delete erases everything."
    ),
    "reply.parted": (
        "Taken back. On {went}, whoever answered there before does so again, with the memory from "
        "then. What came from there is out of the memory here again. What was said meanwhile stays "
        "with the one who heard it."
    ),
    "reply.parted_left": (
        "These lines were written over since, so they stay. /forget takes them out:\n{lines}"
    ),
    "access.parted": (
        "{went} isn't linked with {stayed} any more: each has an own memory again, and what was said "
        "meanwhile stays with the one who heard it. /link links them again."
    ),
    "reply.platform_web": "the web page",
    "reply.platform_terminal": "the terminal",
    "reply.platform_api": "the API",
    "reply.platforms_and": "{first} and {last}",
}

GERMAN: Texts = {
    "reply.link_code": (
        "Dein Code: {code}\n\n"
        "Schreib mir innerhalb von zehn Minuten auf der anderen Plattform, wo du mit mir allein "
        "bist: /link {code}. Dort zeige ich dir zuerst, was zusammenkäme. Gib den Code niemandem: "
        "Wer ihn mir bringt, kann mit dir eine Person werden."
    ),
    "reply.link_how": (
        "/link gibt dir einen Code. Bring ihn mir auf der anderen Plattform mit /link und dem Code, "
        "und ich bin dort und hier derselbe für dich. /unlink zeigt, was verbunden ist."
    ),
    "reply.link_wrong_code": (
        "Diesen Code kenne ich nicht. Er hat acht Buchstaben und Ziffern, und ein neuer ersetzt den "
        "alten. /link gibt dir einen auf der Plattform, auf der du schon bekannt bist."
    ),
    "reply.link_used_code": (
        "Dieser Code wurde schon benutzt. /link auf der anderen Plattform gibt dir einen neuen."
    ),
    "reply.link_expired_code": (
        "Dieser Code ist abgelaufen: Er gilt zehn Minuten. /link auf der anderen Plattform gibt dir "
        "einen neuen."
    ),
    "reply.link_own_code": (
        "Dieser Code ist dein eigener, für die andere Plattform: Schreib ihn mir dort. "
        "Falls du schon dort bist, bist du hier bereits dieselbe Person; /unlink zeigt es."
    ),
    "reply.link_too_many": "Zu viele falsche Codes. In einer Stunde kannst du es wieder versuchen.",
    "reply.link_already": "Das ist schon geschehen: /unlink zeigt, was verbunden ist.",
    "reply.link_gone": (
        "Es gibt nichts zu bestätigen, oder nicht mehr. Fang neu an: /link auf der anderen Plattform "
        "gibt dir einen Code, den du mir hierher bringst."
    ),
    "reply.link_incognito": (
        "An einem der beiden Orte bist du in einem Gespräch, das ich vergesse. Beende es mit "
        "/incognito off und bring mir den Code dann noch einmal."
    ),
    "reply.link_preview": (
        "Mach nur weiter, wenn du diesen Code selbst geholt hast ({other}). Beide Orte würden "
        "einer Person gehören, und ich wüsste an beiden, was an einem gesagt wurde.\n\n"
        "Hier ({here}):\n{mine}\n\n"
        "Dort ({other}):\n{theirs}\n\n"
        "{stays}"
    ),
    "reply.link_changed": (
        "Ein Gedächtnis hat sich geändert, seit ich es dir gezeigt habe; verbunden ist noch nichts. "
        "Jetzt ist es so:\n\n{preview}"
    ),
    "reply.link_memory": "{title}:\n{lines}",
    "reply.link_memory_more": "… und {more} weitere",
    "reply.link_memory_empty": "Noch ist nichts gemerkt.",
    "reply.link_no_agent": "Noch nichts.",
    "reply.link_stays_here": (
        "Ich bleibe und antworte auch dort. Was dort gemerkt ist, kommt zu mir; was dort gesagt "
        "wurde, kann ich finden."
    ),
    "reply.link_stays_there": (
        "Wer dir dort antwortet ({other}), bleibt und antwortet auch hier. Was ich mir gemerkt habe, "
        "kommt mit; was wir gesagt haben, lässt sich finden."
    ),
    "reply.link_confirm": (
        "Soll ich sie verbinden? Dreißig Tage lang kann /unlink es zurücknehmen."
    ),
    "reply.linked": (
        "Fertig. Was jetzt zusammengehört: {platforms}. Überall antwortet dir derselbe und weiß, was "
        "an einem der Orte gesagt wurde. /unlink nimmt es zurück, bis {until}."
    ),
    "access.link_shown": (
        "Dein Code wurde mir gebracht ({platform}), und ich habe dort gezeigt, was ich mir hier "
        "gemerkt habe. Verbunden ist noch nichts. Wenn du das nicht warst, schreib /link: Dann gilt dieser "
        "Code nicht mehr."
    ),
    "access.linked": (
        "Konten von dir sind jetzt verbunden ({platforms}): Überall antwortet dir derselbe und weiß, "
        "was an einem der Orte gesagt wurde. Wenn du das nicht warst, nimm es zurück; das geht bis "
        "{until}."
    ),
    "reply.links": "Was mit dir verbunden ist:\n{lines}",
    "reply.link_line": "{number}: {platforms}, seit {since}; /unlink {number} nimmt es zurück, bis {until}",
    "reply.link_line_final": "{number}: {platforms}, seit {since}, endgültig",
    "reply.links_none": (
        "Nichts ist verbunden. /link gibt dir einen Code, mit dem ich dich auch auf einer anderen "
        "Plattform kenne."
    ),
    "reply.link_unknown": "Diese Verbindung gibt es nicht. /unlink zeigt, welche es gibt.",
    "reply.link_final": (
        "Das lässt sich nicht mehr zurücknehmen: Es ging bis {until}. Was ich vergessen soll, nimmt "
        "/forget heraus; /delete löscht alles."
    ),
    "reply.parted": (
        "Zurückgenommen. Dort ({went}) antwortet wieder, wer dort vorher geantwortet hat, mit dem "
        "Gedächtnis von damals. Was von dort kam, ist aus dem Gedächtnis hier wieder heraus. Was "
        "inzwischen gesagt wurde, bleibt bei dem, der es gehört hat."
    ),
    "reply.parted_left": (
        "Diese Zeilen wurden seither überschrieben und bleiben deshalb. /forget nimmt sie heraus:\n"
        "{lines}"
    ),
    "access.parted": (
        "Nicht mehr verbunden: {went} mit {stayed}. Jeder Ort hat wieder ein eigenes Gedächtnis, "
        "und was inzwischen gesagt wurde, bleibt bei dem, der es gehört hat. /link verbindet sie "
        "wieder."
    ),
    "reply.platform_web": "Webseite",
    "reply.platform_terminal": "Terminal",
    "reply.platform_api": "API",
    "reply.platforms_and": "{first} und {last}",
}
