"""
The embedded example: short reviews from a small grammar, so that the words that decide each label are known.
"""

import random
from itertools import accumulate
from typing import Callable, Iterator, List, NamedTuple, Sequence, Set, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.corpus import Corpus, Example

SIZES = {"train": 1000, "validation": 200, "test": 300, "unlabeled": 4500}
LENGTH = range(6, 26)
# How uneven the frequencies of opinion words are: some occur only once or twice in the training sentences.
SKEW = {"train": 1.3, "validation": 0.3, "test": 0.3, "unlabeled": 0.0}


def phrases(text: str) -> List[str]:
    """Returns the phrases of a comma-separated list."""
    return [phrase.strip() for phrase in text.split(",")]


# From frequent to rare in the labelled sentences; all are equally frequent in the unlabelled ones.
POSITIVE = phrases(
    """
    wonderful, great, funny, charming, brilliant, moving, lovely, clever, superb, delightful, gripping, witty, tender,
    fresh, beautiful, engaging, convincing, touching, splendid, sharp, thrilling, elegant, inventive, captivating,
    hilarious, magical, refreshing, stunning, graceful, enchanting, luminous, dazzling, exquisite, riveting, stirring,
    heartfelt, masterful, poignant, spirited, endearing, compelling, lyrical, vivid, absorbing, radiant, playful,
    rousing, nuanced, soulful, sparkling
    """
)
NEGATIVE = phrases(
    """
    terrible, boring, dull, awful, weak, silly, clumsy, predictable, tedious, dreadful, lazy, flat, stupid, ugly,
    shallow, annoying, confusing, lifeless, bland, messy, pathetic, tiresome, ridiculous, forgettable, hollow,
    hackneyed, sloppy, wooden, grating, dreary, insipid, plodding, shoddy, abysmal, vapid, contrived, overlong,
    muddled, cheap, derivative, soulless, amateurish, stilted, lumbering, charmless, turgid, trite, pointless,
    incoherent, leaden
    """
)

PARTS = phrases(
    """
    plot, story, script, cast, acting, dialogue, ending, direction, music, soundtrack, camera work, pacing, humor,
    opening, editing, photography, leading actor, leading actress, villain, second half, first half, final scene,
    costume design, romance, supporting cast
    """
)
WORKS = phrases("film, movie, picture, drama, comedy, thriller, sequel, documentary, western, musical")
OTHERS = phrases(
    """
    the book, the original, the first part, the trailer, the television series, his last film, her first film,
    the short film before it, the stage play, the game
    """
)
PEOPLE = phrases(
    """
    my brother, my sister, my neighbor, the critics, most critics, a friend of mine, my parents, the local newspaper,
    the man next to me, everyone at work, some reviewers, the host of the show
    """
)
OUTSIDE = phrases(
    """
    the popcorn, the seat, the weather, the audience, the cinema, the parking, the coffee, the drive home,
    the dinner before
    """
)
DEGREES = ["", "", "", "very", "really", "quite", "truly", "so", "utterly", "simply"]
NEGATIONS = ["not", "not", "never", "hardly", "far from", "anything but", "in no way"]
OPENINGS = [
    "", "", "", "", "to be honest", "in my view", "on the whole", "in the end", "i have to say that", "for me",
    "this time", "looking back", "all in all", "as far as i can tell",
]  # fmt: skip
CLOSINGS = [
    "", "", "", "", "", "from start to finish", "if you ask me", "as i see it", "most of the time", "after all",
    "from beginning to end", "and that is that",
]  # fmt: skip

OPINIONS = (NEGATIVE, POSITIVE)  # by label


class Phrase(NamedTuple):
    """
    Words, and for each of them 1 if it decides the label, else 0.
    """

    words: Tuple[str, ...] = ()
    decides: Tuple[int, ...] = ()

    def __add__(self, other: "Phrase") -> "Phrase":  # type: ignore[override]
        return Phrase(self.words + other.words, self.decides + other.decides)


def plain(text: str) -> Phrase:
    """A phrase that does not decide the label."""
    words = tuple(text.split())
    return Phrase(words, (0,) * len(words))


def aside(phrase: Phrase) -> Phrase:
    """Marks a phrase as not deciding: someone else's opinion, another work, the subordinate clause."""
    return Phrase(phrase.words, (0,) * len(phrase.words))


def deciding(text: str) -> Phrase:
    """A phrase that decides the label: all its words are in the rationale."""
    words = tuple(text.split())
    return Phrase(words, (1,) * len(words))


class Grammar:
    """
    Draws reviews of a given label.

    # Parameters

    rng : `random.Random`
    skew : `float`
        How much more frequent the first opinion words are than the last: the weight of the word at rank `r` is
        `1 / (r + 3) ** skew`, so 0 makes all equally frequent.
    """

    def __init__(self, rng: random.Random, skew: float) -> None:
        self.rng = rng
        self.weights = [list(accumulate(1 / (rank + 3) ** skew for rank in range(len(words)))) for words in OPINIONS]
        # The share of each construction; word order matters in all but the first two.
        self.constructions: List[Tuple[float, Callable[[int], Phrase]]] = [
            (5.0, self.statement),
            (6.0, self.agreement),
            (1.5, self.contrast),
            (0.8, self.concession),
            (1.0, self.other_opinion),
            (0.3, self.verdict),
            (1.2, self.other_thing),
            (1.0, self.circumstance),
            (0.4, self.expectation),
        ]

    def review(self, label: int) -> Phrase:
        """Draws a review with this label."""
        weights = list(accumulate(weight for weight, _ in self.constructions))
        _, construction = self.rng.choices(self.constructions, cum_weights=weights)[0]
        core = construction(label)
        # The shortest statements always get an opening, so that none is discarded as too short.
        openings = OPENINGS if len(core.words) >= LENGTH.start else [opening for opening in OPENINGS if opening]
        return plain(self.pick(openings)) + core + plain(self.pick(CLOSINGS))

    def statement(self, label: int) -> Phrase:
        """One opinion, with the label."""
        return self.opinion(label, negated=0.2)

    def agreement(self, label: int) -> Phrase:
        """Two opinions, both with the label."""
        link = self.pick(["and", "and", "while", "just as"])
        return self.opinion(label, negated=0.1) + plain(link) + self.opinion(label, negated=0.1)

    def contrast(self, label: int) -> Phrase:
        """The clause after "but" decides."""
        link = self.pick(["but", "but", "yet", "but still"])
        return aside(self.opinion(1 - label)) + plain(link) + self.opinion(label)

    def concession(self, label: int) -> Phrase:
        """The clause under "although" does not decide, wherever it stands."""
        lesser = plain(self.pick(["although", "even though", "though"])) + aside(self.opinion(1 - label))
        if self.rng.random() < 0.5:
            return lesser + self.opinion(label)
        return self.opinion(label) + lesser

    def other_opinion(self, label: int) -> Phrase:
        """Somebody else's view, mostly the opposite one, then the reviewer's."""
        theirs = label if self.rng.random() < 0.4 else 1 - label
        said = self.pick(["called it", "found it", "told me it was", "described it as"])
        view = plain(self.pick(PEOPLE)) + plain(said) + aside(self.adjective(theirs))
        mine = plain(self.pick(["i found the", "i think the", "for me the"])) + plain(self.pick(PARTS))
        verb = "" if mine.words[1] == "found" else "was"
        return view + plain(self.pick(["but", "and", "while"])) + mine + plain(verb) + self.judgement(label, 0.12)

    def verdict(self, label: int) -> Phrase:
        """Somebody else's view, and whether the reviewer shares it."""
        shared = self.rng.random() < 0.5
        said = self.pick(["call", "called", "consider", "considered"])
        view = plain(f"those who {said} this {self.pick(WORKS)}") + self.adjective(label if shared else 1 - label)
        word = self.pick(["right", "correct"]) if shared else self.pick(["wrong", "mistaken"])
        return view + plain("are") + deciding(word)

    def other_thing(self, label: int) -> Phrase:
        """An opinion about another work, of either polarity, before or after the one about this film."""
        other = aside(self.adjective(int(self.rng.random() * 2)))
        name = plain(self.pick(OTHERS))
        if self.rng.random() < 0.5:
            return plain("unlike") + name + plain("which was") + other + self.opinion(label)
        return self.opinion(label) + plain(self.pick(["unlike", "compared to"])) + name + plain("which was") + other

    def circumstance(self, label: int) -> Phrase:
        """An opinion about the circumstances does not decide, the one about the film does."""
        outside = plain(self.pick(OUTSIDE)) + plain("was")
        outside += aside(self.adjective(int(self.rng.random() * 2)))
        if self.rng.random() < 0.5:
            return outside + plain(self.pick(["but", "and"])) + self.opinion(label)
        return self.opinion(label) + plain(self.pick(["and", "even if"])) + outside

    def expectation(self, label: int) -> Phrase:
        """The expectation does not decide, the experience does."""
        work = plain(self.pick(WORKS))
        hoped = plain(self.pick(["i expected", "they promised us", "the poster announced"])) + article(
            aside(self.adjective(1 - label)) + work
        )
        came = plain(self.pick(["and got", "and what we got was", "what i saw was"]))
        return hoped + came + article(self.adjective(label) + plain("one"))

    def opinion(self, label: int, negated: float = 0.12) -> Phrase:
        """A clause about a part of the film, or the film: "the cast is not very funny"."""
        if self.rng.random() < 0.75:
            subject = "the " + self.pick(PARTS)
        else:
            subject = "this " + self.pick(WORKS)
        verb = self.pick(["is", "is", "was", "seems"])
        return plain(subject) + plain(verb) + self.judgement(label, negated)

    def judgement(self, label: int, negated: float) -> Phrase:
        """Draws a judgement, which a negation inverts with probability `negated`."""
        if self.rng.random() < negated:
            return deciding(self.pick(NEGATIONS)) + self.adjective(1 - label)
        return plain(self.pick(DEGREES)) + self.adjective(label)

    def adjective(self, label: int) -> Phrase:
        """Draws an adjective with this label."""
        return deciding(self.rng.choices(OPINIONS[label], cum_weights=self.weights[label])[0])

    def pick(self, options: Sequence[str]) -> str:
        """Draws one of the phrases."""
        return self.rng.choices(options)[0]


def article(phrase: Phrase) -> Phrase:
    """Puts "a" or "an" before a phrase."""
    return plain("an" if phrase.words[0][0] in "aeiou" else "a") + phrase


@Corpus.register("example")
class EmbeddedExample(Corpus):
    """
    A generated corpus for trying things out: 1,500 labelled and 4,500 unlabelled sentences of film reviews (`"0"`
    negative, `"1"` positive), drawn from a small grammar and the same on every machine.

    Negation, contrast, concession, other people's opinions and opinions about other things make the order of the
    words matter.  Opinion words that occur once or twice in the training sentences are frequent in the unlabelled ones.
    Each labelled sentence has a `rationale`, a 0 or 1 for each word: 1 for the opinion words that decide the label and
    for what negates them, known by construction.

    Registered as a `Corpus` with name "example".
    """

    def read(self) -> Iterator[Tuple[str, Example]]:
        if self.sources:
            raise ConfigurationError("example is generated: it takes no --source")
        rng = random.Random(self.seed)
        seen: Set[Tuple[str, ...]] = set()
        for split, size in SIZES.items():
            labelled = split != "unlabeled"
            reviews = Grammar(rng, skew=SKEW[split])
            for number in range(1, size + 1):
                label = int(rng.random() * 2) if not labelled else number % 2
                phrase = distinct_review(reviews, label, seen)
                example: Example = {"id": f"{split}-{number}", "tokens": list(phrase.words)}
                if labelled:
                    example.update(label=str(label), rationale=list(phrase.decides))
                yield split, example


def distinct_review(reviews: Grammar, label: int, seen: Set[Tuple[str, ...]]) -> Phrase:
    """Draws reviews until one has a new text of the right length."""
    while True:
        phrase = reviews.review(label)
        if len(phrase.words) in LENGTH and phrase.words not in seen:
            seen.add(phrase.words)
            return phrase
