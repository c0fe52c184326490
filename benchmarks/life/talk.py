"""The small talk of the scripted year: sentences with slots, and what a friend says to them."""

from __future__ import annotations

OPENINGS = """
Hey, | Morning! | So, | Well, | Guess what: | Honestly, | You know, | Hello again, | Just quickly: |
Right, | Listen, | Funny thing, | Ugh, | Good news: | Between us, | By the way, | Back again: | Hm, |
"""
TOPICS = """
the {weather} kept me in all {part}. | I made {dish} and burnt half of it. | the {thing} broke again.
| I slept {well} and feel {mood}. | the neighbours had a party and I feel {mood}. | I walked along the
{place} this {part}. | there was a queue at the {place} and I gave up. | I have been cleaning the {thing}
for two hours. | a {animal} sat on my windowsill this {part}. | I lost my keys near the {place} and
found them in the {thing}. | the meeting was moved to the {part}, so I feel {mood}. | I wonder whether
I should repaint the {thing}. | somebody left {dish} at my door. | the radio says {weather} for the
weekend. | I dreamt of a {animal} that drove a {thing}. | I am at the {place} and it smells of {dish}.
| work was {well} done for once. | I forgot the {thing} on the train. | the {animal} next door is noisy
again. | I tried a new recipe for {dish}. | the {place} is closed for repairs. | it is all {weather} here and I
feel {mood}. | I bought a {thing} that I don't need. | we laughed about a {animal} at the {place}. |
my back hurts from carrying the {thing}. | I am waiting for the plumber since the early {part}. |
I found an old photo of a {animal} in the {thing}. | the train stood still near the {place}. | I have
{dish} left over from yesterday. | nobody came to the {place} because of the {weather}. | the {thing}
makes a strange noise in the {part}. | I read about a {animal} that crossed the {place}. | I can't decide
between {dish} and soup. | the whole {part} went by with the {thing}. | I feel {mood} and don't know
why. | there is {weather} over the {place}, it looks like a painting. | I cut my finger on the {thing}.
| the children drew a {animal} on my {thing}. | I ironed shirts all {part}. | a stranger gave me {dish} at the
{place}. | my phone fell into the {thing}. | the concert at the {place} was {well} played.
"""
CLOSINGS = """
How about you? | Oh well. | What a day. | Anyway. | Tell me something nice. | I need a nap. | Typical. |
Can you believe it? | It made me laugh. | I should go to bed. | That is all. | Any ideas? | Never mind. |
Wish me luck. | Tomorrow will be better. | I am not even sorry. | Let us see. | Sigh. | | |
"""
SLOTS = {
    "weather": "rain|fog|hail|sunshine|wind|drizzle|thunder|frost|heat|sleet",
    "part": "morning|afternoon|evening|night|weekend",
    "dish": "pancakes|lentil soup|apple cake|fried rice|onion pie|gnocchi|ratatouille|rhubarb jam",
    "thing": "washing machine|umbrella|ladder|kettle|bookshelf|old sofa|lamp|toolbox|backpack|oven",
    "well": "badly|well|terribly|surprisingly well|so so",
    "mood": "tired|cheerful|restless|proud|a bit sad|silly|grateful|impatient|calm",
    "place": "canal|market|station|library|old bridge|harbour|post office|museum|park|swimming pool",
    "animal": "heron|squirrel|hedgehog|donkey|seagull|beetle|fox|pigeon|snail|swan",
}

REPLIES = """
That sounds like quite a day. | Oh no, and then? | I like how you tell it. | Ha, I can picture that. |
That would annoy me as well. | Good for you. | I am glad that you told me. | Sounds like something to laugh
about next week. | Be kind to yourself tonight. | There is something in that. | I would have done the same.
| Small things like that can make a day. | What a picture. | Rest a little if you can. | You handled it
well. | I hope the next hours are gentler. | Some days are like that. | It will sort itself out. |
That deserves a cup of tea. | You do notice the good bits. | I wish I had seen it. | One thing at a time. |
"""
MORE = """
Did anybody see you? | My vote goes to the simple way. | If it happens again, take a photo. | It could be
the start of a story. | I would leave the rest for tomorrow. | Give it a day. | The evening is still long. |
A short walk often helps. | You could ask next door. | What would make it easier? | I am curious how it
goes on. | It is allowed to be imperfect. | And the rest of the week? | I would call that progress. | | | |
"""
THANKS = """
Good to hear. | That is new to me. | I see. | Lovely. | How nice. | Ah, all right. | Understood. | Oh, interesting. |
Thanks for telling me. | Well, well. | Fair enough. | That makes sense.
"""

FIRST = "Copper|Silver|Crooked|Sleepy|Blind|Golden|Quiet|Painted|Hungry|Lucky|Salty|Wooden|Velvet"
SECOND = "Heron|Anchor|Lantern|Walnut|Goose|Barrel|Compass|Teapot|Pepper|Owl|Harp|Oyster|Sparrow"
DISHES = """
crab soup | pear strudel | smoked eel | chestnut ravioli | saffron ice cream | duck with figs | beetroot
tartare | seaweed salad | quail eggs | blood sausage | rose pudding | tomato jelly | venison pie
"""
MEALS = """
Last night I was at the {p} with {n} and had {d}. | {n} took me to the {p}; the {d} was divine. |
We ended up at the {p}, {n} and I, over {d}. | I can still taste the {d} that {n} and I had at the {p}.
"""
MEAL_ASKS = """
What was the place called where I had {d} with {n}? | Where was it that {n} and I had {d}?
"""
PLANS = """
dentist | eye test | tax office | driving test | blood test | parents' evening | boiler inspection |
job interview | concert of the choir | moving van | passport office | physiotherapist | school reunion |
rowing regatta | solicitor | vet
"""
PLAN_SAID = """
On {v} I have the {w}. | The {w} is on {v}. | They gave me {v} for the {w}. | Don't let me forget: {w} on {v}.
"""
PLAN_ASKS = """
When is the {w}? | Is the {w} still ahead of me? | What about the {w}, when is that?
"""


def listed(text: str) -> tuple[str, ...]:
    """What stands between the bars, each on one line; an empty place counts."""
    return tuple(" ".join(each.split()) for each in text.split("|"))
