from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.corpora.cleaning import clean_words

JOINERS = "\u200c\u200d"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It isn't a well-made film ...", "it is n t a well made film"),
        ("They do n't", "they do n t"),
        ("cannot", "can not"),
        ("the 1990s, 21st century", "the 1990s 21st century"),
        ("snake_case _ __init__", "snake case init"),
        ("Café Cafe\u0301", "café café"),
        ("zero\0byte tab\tnew\nline\u2028separator", "zero byte tab new line separator"),
        ("so good 😀🎬 really", "so good really"),
        ("سيء جدا, הסרט טוב", "سيء جدا הסרט טוב"),
        ("", ""),
        (" \n ", ""),
        ("... !? 😀 \0", ""),
        ("x-dont", "x do nt"),
        ("यह फिल्म बहुत अच्छी है।", "यह फिल्म बहुत अच्छी है"),
        ("படம் நன்றாக இருக்கிறது!", "படம் நன்றாக இருக்கிறது"),
        ("ดีมาก (หนังดี)", "ดีมาก หนังดี"),
        ("הַסֶּרֶט טוֹב", "הַסֶּרֶט טוֹב"),
        ("الفِيلْمُ جَيِّدٌ،", "الفِيلْمُ جَيِّدٌ"),
        ("می\u200cخواهم ශ්\u200dරී", "می\u200cخواهم ශ්\u200dරී"),
        ("İstanbul'da İyi bir film", "istanbul da iyi bir film"),
        ("I\u0307stanbul i\u0307yi", "istanbul iyi"),
        ("J\u030cANI T\u0308", "ǰani ẗ"),
        ("film\u00adfreund 葛\U000e0100城 ❤\ufe0f 1\ufe0f\u20e3 \u0301 \u200d", "filmfreund 葛城 1"),
        ("great film.<br /><br />I liked it<BR>a lot</p>", "great film i liked it a lot"),
        ('<a href="x.html" class=b>one</a> <i>two</i> <h1>three</h1>', "one two three"),
        ("2 < 3 > 1, <3, <not a tag>, <br, < br >, <i think so>", "2 3 1 3 not a tag br br i think so"),
        ("&lt;3 &amp; don&#39;t &quot;quote&quot; caf&eacute; &#x41;&nbsp;b", "3 do n t quote café a b"),
        ("AT&T; R&D this&nothing &bogus; &#99999999;", "at t r d this nothing bogus 99999999"),
        ("so good \ud83d really\udc00", "so good really"),
    ],
)
def test_known_texts(text, words):
    assert clean_words(text) == words.split()


def test_long_texts_lose_nothing():
    assert clean_words("not dull . " * 5000) == ["not", "dull"] * 5000


@given(st.text(max_size=60))
def test_words_hold_only_word_characters_in_lower_case(text):
    for word in clean_words(text):
        assert word
        assert word[0].isalnum()
        assert all(character.isalnum() or category(character)[0] == "M" or character in JOINERS for character in word)
        assert word == word.lower()


ENGLISH = """
don't dont cannot gonna I'm x-dont id. U.S. 10km e.g. o'clock ... (ill) c'mon we_re :) and/or
"""
english = st.lists(st.sampled_from(ENGLISH.split())).map(" ".join)


@given(st.one_of(st.text(max_size=60), english, st.text(alphabet="abdnotivl'-.10 ", max_size=40)))
def test_cleaning_twice_is_cleaning_once(text):
    words = clean_words(text)
    assert clean_words(" ".join(words)) == words


def test_punctuation_and_numbers():
    text = "U.S. shares fell 3.5%,\nhe said (2nd time)!"
    assert clean_words(text, keep_punctuation=True, number_token="qqq") == (
        ["u.s.", "shares", "fell", "qqq", "%", ",", "he", "said", "(", "qqq", "time", ")", "!"]
    )
    assert clean_words(text, number_token="qqq")[:6] == ["u", "s", "shares", "fell", "qqq", "qqq"]
    assert "3" in clean_words(text)
    assert clean_words("", keep_punctuation=True) == []


# Words that the rule gave before it knew marks, tags and entities, of texts with all that English has.
KEPT = {
    "The U.S. economy's 3.5% growth -- Mr. O'Neil's \"well-known\" figure -- isn't e.g. $5m, he'd say...": (
        "the u s economy s 3 5 growth mr o neil s well known figure is n t e g 5 m he d say"
    ),
    "I'm gonna see it @10pm; it's 1/2 price & you're in (we've 2x10 tickets)!!! :-) see http://a.b/c?d=e_f#g": (
        "i m gon na see it 10 pm it s 1 2 price you re in we ve 2x10 tickets see http a b c d e f g"
    ),
    "na\u00efve caf\u00e9 co-operate 100km/h 'tis rock'n'roll 80's ain't y'all can't Ph.D. 9:30a.m. x=y*z": (
        "naïve café co operate 100 km h tis rock n roll 80 s ai n t y all ca n t ph d 9 30a m x y z"
    ),
}


@pytest.mark.parametrize("text", KEPT)
def test_the_words_of_english_text_stay(text):
    assert " ".join(clean_words(text)) == KEPT[text]


LENGTH = 200_000


@pytest.mark.parametrize(
    "sign",
    [*")!'\".-_aé😀\u0301\u200d", ")(", "a.a.", "'s", "http://", "<br ", "&amp", "US$", "a(b", "don't", "))))))))a"],
)
@pytest.mark.parametrize("keep_punctuation", [False, True])
def test_a_long_run_of_anything_is_cleaned(sign, keep_punctuation):
    words = clean_words(sign * (LENGTH // len(sign)), keep_punctuation)
    assert all(word == word.lower() for word in words)
    if not any(character.isalnum() for character in sign) and not keep_punctuation:
        assert words == []
    if sign in "aé":
        assert words == [sign * LENGTH]


@pytest.mark.parametrize("signs", ["!" * 9, ")(" * 30, "." * 60, "-" * 60, "😀" * 60, "?!" * 40, ":)" * 9])
def test_long_runs_of_signs_beside_words(signs):
    for text in (f"don't{signs}", f"{signs}don't", f"{signs}don't{signs}"):
        assert clean_words(text) == ["do", "n", "t"]
        kept = clean_words(text, keep_punctuation=True)
        assert "".join(kept) == text
        assert [word for word in kept if word[0].isalnum()] == ["do", "n't"]


def test_dots_and_hyphens_are_one_token_however_many_and_other_signs_one_each():
    for length in (9, 40, 70, 600):
        assert clean_words("." * length, keep_punctuation=True) == ["." * length]
        assert clean_words("-" * length, keep_punctuation=True) == ["-" * length]
        assert clean_words("!" * length, keep_punctuation=True) == ["!"] * length


def test_a_long_address_is_split_as_a_short_one():
    address = "http://www.investor.example.com/FullQuote.aspx?ticker=A.N&target=/stocks/quickinfo/fullquote"
    assert clean_words(address, keep_punctuation=True) == [address.lower()]
    assert clean_words(address)[:6] == ["http", "www", "investor", "example", "com", "fullquote"]
