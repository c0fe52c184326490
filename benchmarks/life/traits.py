"""What there is to know of the person of the scripted year, and of those around them.

In the texts, `{v}` is the value, `{o}` the one before it, `{n}` whose it is. `states` say it for
the first time, and again with another value without a word about the one before; `changes` name
both. `line` is what a good note of it says, `query` what it is looked for with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trait:
    """`over`: how it comes to an end; empty where it doesn't."""

    name: str
    values: tuple[str, ...]
    states: tuple[str, ...]
    changes: tuple[str, ...]
    asks: tuple[str, ...]
    line: str
    query: str
    over: tuple[str, ...] = ()


def _trait(*texts: str) -> Trait:
    """A trait from texts in the order of its fields, those that are several with bars between."""
    name, values, states, changes, asks, line, query, *over = texts
    return Trait(
        name, _s(values), _s(states), _s(changes), _s(asks), line, query, _s("".join(over))
    )


def _s(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split("|") if each.strip())


OWN = (
    _trait(
        "home",
        "Lisbon | Porto | Graz | Aarhus | Leeds | Bilbao | Ghent | Trieste | Tartu",
        "I live in {v}. | Home is {v} for me. | I have a small flat in {v}.",
        "I have moved from {o} to {v}. | We gave up the flat in {o}; it is {v} from now on.",
        "Which city do I live in? | Where is my home these days?",
        "Lives in {v}.",
        "live home flat city moved",
    ),
    _trait(
        "work",
        "baker | cartographer | school librarian | tram driver | piano tuner | park ranger | optician",
        "I work as a {v}. | By trade I am a {v}. | They pay me to be a {v}, can you believe it.",
        "I stopped being a {o}; I work as a {v} since Monday. | New job: {v} instead of {o}.",
        "What do I do for a living? | What is my job at the moment?",
        "Works as a {v}.",
        "work job trade since",
    ),
    _trait(
        "employer",
        "Halvard & Sons | the Lindqvist Institute | Ostermann Works | Bellweather Ltd | Casa Ribeiro",
        "My employer is {v}. | {v} signs my pay slips. | I am with {v}.",
        "I left {o} and signed with {v}. | It is {v} that employs me now, no longer {o}.",
        "Who employs me? | Which firm am I with?",
        "Employer: {v}.",
        "employer firm signed pay slips",
    ),
    _trait(
        "boss",
        "Ms Okafor | Mr Tanaka | Dr Weiland | Mrs Castellani | Mr Dubrovsky",
        "My boss is {v}. | I report to {v}. | {v} is who I answer to at work.",
        "{o} retired, and {v} is my boss now. | I report to {v} since {o} went upstairs.",
        "Who is my boss? | Whom do I report to?",
        "Boss: {v}.",
        "boss report to retired",
    ),
    _trait(
        "commute",
        "the number 12 tram | the ferry | my old bicycle | the night bus | the car pool",
        "I get to work by {v}. | My way to work: {v}. | Every morning I take {v}.",
        "I gave up {o}; I commute by {v}. | No more {o} for me, I take {v} to work.",
        "How do I get to work? | What do I take in the morning to get to work?",
        "Gets to work by {v}.",
        "get to work morning commute take",
    ),
    _trait(
        "dog",
        "Biscuit | Mosquito | Captain | Pickles | Waffle",
        "My dog is called {v}. | The dog listens to the name {v}. | We adopted a dog: {v}.",
        "The new dog is called {v}; {o} lives with my parents now.",
        "What is my dog called? | How do I call the dog?",
        "Dog: {v}.",
        "dog called name adopted",
        "We had to give {o} away, so there is no dog any more.",
    ),
    _trait(
        "car",
        "green Volvo | red Fiat Panda | grey Skoda estate | yellow Renault van",
        "I drive a {v}. | My car is a {v}. | There is a {v} in my garage.",
        "I traded the {o} in for a {v}. | The {o} is gone, I drive a {v}.",
        "What car do I drive? | What stands in my garage?",
        "Drives a {v}.",
        "car drive garage traded",
        "I sold the {o} and live without a car.",
    ),
    _trait(
        "coffee",
        "flat white with oat milk | black filter coffee | double espresso | mint tea | chai",
        "I always order {v}. | My drink in a café is {v}. | Nothing wakes me like {v}.",
        "I am off {o}; it is {v} for me now. | I switched from {o} to {v}.",
        "What do I order in a café? | What is my drink in the morning?",
        "Orders {v} in a café.",
        "order drink café wakes",
    ),
    _trait(
        "breakfast",
        "porridge with plums | rye bread and cheese | yoghurt with walnuts | cold pizza",
        "For breakfast I have {v}. | My breakfast: {v}. | I start the day with {v}.",
        "I eat {v} for breakfast instead of {o}.",
        "What do I have for breakfast? | What do I start the day with?",
        "Has {v} for breakfast.",
        "breakfast eat start the day",
    ),
    _trait(
        "allergy",
        "hazelnuts | shellfish | birch pollen | penicillin",
        "I am allergic to {v}. | {v} make me ill, it is an allergy. | I carry tablets because of {v}.",
        "The doctor says it isn't {o} that I am allergic to but {v}.",
        "What am I allergic to? | Which allergy do I have?",
        "Allergic to {v}.",
        "allergic allergy doctor tablets",
    ),
    _trait(
        "sport",
        "rowing | bouldering | table tennis | lane swimming | fencing",
        "My sport is {v}. | I do {v} twice a week. | {v} keeps me sane.",
        "I dropped {o} and took up {v}. | It is {v} now; {o} hurt my shoulder.",
        "Which sport do I do? | What keeps me fit?",
        "Sport: {v}.",
        "sport twice a week took up",
        "I have given up {o} and do no sport at all.",
    ),
    _trait(
        "instrument",
        "cello | banjo | accordion | bass clarinet | vibraphone",
        "I play the {v}. | In the evening I practise the {v}. | There is a {v} in my bedroom.",
        "I sold the {o} and bought a {v}. | I play the {v} now, the {o} was too loud.",
        "Which instrument do I play? | What do I practise in the evening?",
        "Plays the {v}.",
        "play instrument practise evening",
    ),
    _trait(
        "language",
        "Welsh | Portuguese | Finnish | Japanese | Basque",
        "I am learning {v}. | I take evening classes in {v}. | My {v} is still awful, but I go to class.",
        "I gave up on {o} and learn {v}. | The class is {v} this term, no longer {o}.",
        "Which language am I learning? | What class do I take in the evening?",
        "Learns {v}.",
        "learning language class evening",
    ),
    _trait(
        "book",
        "The Salt Almanac | A Year of Lighthouses | The Glass Ferry | Nine Winters | Cold Orchard",
        "I am reading {v}. | On my bedside table lies {v}. | The book at the moment is {v}.",
        "I finished {o} and began {v}. | After {o} I am reading {v}.",
        "What am I reading? | Which book lies on my bedside table?",
        "Reads {v}.",
        "reading book bedside began",
    ),
    _trait(
        "series",
        "Harbour Nights | The Long Frost | Paper Kings | Station Nine",
        "We watch {v} in the evening. | I am hooked on {v}. | The series is {v}.",
        "We are through with {o} and watch {v}. | {v} is our series now, {o} got silly.",
        "Which series do we watch? | What am I hooked on in the evening?",
        "Watches {v}.",
        "series watch hooked evening",
    ),
    _trait(
        "doctor",
        "Dr Amsel | Dr Nakamura | Dr Ferreira | Dr Lund",
        "My doctor is {v}. | I see {v} when I am ill. | {v} is our family doctor.",
        "{o} closed the practice, so I see {v} now.",
        "Who is my doctor? | Whom do I see when I am ill?",
        "Doctor: {v}.",
        "doctor ill practice see",
    ),
    _trait(
        "bank",
        "Nordbank | the Co-operative | Banco Azul | Sparkasse",
        "I bank with {v}. | My account is at {v}. | {v} is my bank.",
        "I moved my account from {o} to {v}.",
        "Which bank am I with? | Where is my account?",
        "Banks with {v}.",
        "bank account moved",
    ),
    _trait(
        "holiday",
        "the Faroe Islands | Puglia | the Black Forest | Hokkaido | the Azores",
        "We go to {v} in the summer. | The holiday is booked: {v}. | This year's holiday is {v}.",
        "Not {o} after all: we booked {v}. | We swapped {o} for {v}, it was cheaper.",
        "Where do we go on holiday? | What holiday have we booked?",
        "Holiday booked: {v}.",
        "holiday booked summer",
        "We cancelled {o}; there is no holiday this year.",
    ),
    _trait(
        "team",
        "the Rovers | Sporting | the Herons | Union Berlin",
        "I support {v}. | My team is {v}. | I never miss a match of {v}.",
        "I can't watch {o} any more, I am with {v} now.",
        "Which team do I support? | Whose matches do I never miss?",
        "Supports {v}.",
        "team support match",
    ),
    _trait(
        "landlord",
        "Mrs Petrescu | Mr Haddad | the Birgersson family | Mr O'Leary",
        "My landlord is {v}. | The flat belongs to {v}. | I pay the rent to {v}.",
        "{o} sold the house, and {v} is the landlord now.",
        "Who is my landlord? | To whom do I pay the rent?",
        "Landlord: {v}.",
        "landlord rent flat belongs house",
    ),
    _trait(
        "plant",
        "quince tree | fig in a pot | climbing rose | bed of artichokes",
        "In the garden I look after a {v}. | My pride is a {v}. | The {v} is doing well on the terrace.",
        "The {o} died in the frost, so I planted a {v}.",
        "What do I grow? | What is the pride of my garden?",
        "Grows a {v}.",
        "garden grow planted pride terrace",
    ),
    _trait(
        "choir night",
        "Monday | Tuesday | Wednesday | Thursday",
        "The choir meets on {v}. | My choir night is {v}. | On {v} evenings I sing in the choir.",
        "The choir has moved from {o} to {v}.",
        "When does the choir meet? | Which evening do I sing?",
        "Choir on {v}.",
        "choir meets evening sing",
        "I have left the choir; {o} evenings are free again.",
    ),
)

OTHERS = (
    _trait(
        "job",
        "nurse | welder | notary | florist | beekeeper | radio host | surveyor | midwife | locksmith",
        "{n} works as a {v}. | {n} is a {v}, you know. | For a living {n} is a {v}.",
        "{n} is no longer a {o} but a {v}. | {n} gave up being a {o} and became a {v}.",
        "What does {n} do for a living? | What is the job of {n}?",
        "{n} works as a {v}.",
        "{n} work job living became",
    ),
    _trait(
        "city",
        "Oslo | Zagreb | Valencia | Cork | Utrecht | Gdansk | Naples | Tampere | Basel",
        "{n} lives in {v}. | {n} has a place in {v}. | I visited {n} at home in {v}.",
        "{n} has moved from {o} to {v}. | {n} left {o} for {v}.",
        "Where does {n} live? | In which city is {n} at home?",
        "{n} lives in {v}.",
        "{n} live home city moved",
    ),
    _trait(
        "birthday",
        "3 March | 14 May | 9 June | 27 July | 2 August | 19 September | 30 October | 11 November",
        "{n} has a birthday on {v}. | The birthday of {n} is {v}. | On {v} {n} gets a year older.",
        "I had it wrong: the birthday of {n} is {v}, not {o}.",
        "When is the birthday of {n}? | When does {n} get a year older?",
        "Birthday of {n}: {v}.",
        "{n} birthday year older",
    ),
    _trait(
        "partner",
        "Idris | Solveig | Benoît | Katya | Ruben | Noor | Tomasz | Ingrid",
        "{n} is with {v} now, they met at a fair. | {n} has a partner: {v}. | {n} brought {v} along.",
        "{n} and {o} broke up; it is {v} now.",
        "Who is the partner of {n}? | Who is {n} together with?",
        "{n} is together with {v}.",
        "{n} partner together with broke up",
        "{n} and {o} broke up, and {n} is single again.",
    ),
    _trait(
        "pet",
        "parrot | tortoise | greyhound | ginger cat | pair of ferrets | goat",
        "{n} keeps a {v}. | {n} has a {v} at home. | You should see the {v} that {n} has.",
        "{n} has a {v} now; the {o} ran away.",
        "Which pet does {n} have? | What animal does {n} keep?",
        "{n} keeps a {v}.",
        "{n} pet keeps animal",
    ),
    _trait(
        "hobby",
        "paragliding | pottery | chess problems | orchids | model trains | sourdough | stargazing",
        "{n} is mad about {v}. | All that {n} talks about is {v}. | {n} spends each weekend on {v}.",
        "{n} has lost interest in {o} and is mad about {v}.",
        "What is {n} mad about? | Which hobby does {n} have?",
        "Hobby of {n}: {v}.",
        "{n} hobby mad about weekend",
    ),
    _trait(
        "food",
        "mushroom risotto | pickled herring | lemon tart | lamb stew | dumplings",
        "{n} loves {v} more than anything. | For {n} I always cook {v}. | {n} asked for {v} again.",
        "{n} can't stand {o} any more and wants {v}.",
        "What should I cook for {n}? | What does {n} love to eat?",
        "{n} loves {v}.",
        "{n} loves eat cook",
    ),
    _trait(
        "worry",
        "a bad knee | a leaking roof | a court case | a slipped disc | a strict examiner",
        "{n} has {v} to worry about. | What troubles {n} is {v}. | Poor {n}, it is {v} this time.",
        "With {n} it isn't {o} any more, it is {v}.",
        "What troubles {n}? | What does {n} worry about?",
        "{n} worries about {v}.",
        "{n} worry troubles poor",
        "{n} is rid of {o}, all is well.",
    ),
)

PEOPLE = {
    "Mara": "my sister",
    "Jonas": "my brother",
    "Aunt Hedda": "my aunt",
    "Felix": "my neighbour",
    "Priya": "a colleague",
    "Tobias": "an old friend from school",
    "Lucía": "my flatmate",
    "Grandpa Emil": "my grandfather",
    "Sanne": "my cousin",
    "Marek": "who rows with me",
    "Yusuf": "the baker downstairs",
    "Clara": "my best friend",
}
