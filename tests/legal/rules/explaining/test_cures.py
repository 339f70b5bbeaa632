"""Cures: every sentence that a phrase makes is recognised as that phrase, with its values."""

from hypothesis import given
from hypothesis import strategies as st

from comity.base.languages import places
from comity.legal.rules.explaining.cures import LONGEST, SENTENCES, Cure, Recogniser
from comity.legal.service import words

ENGLISH = words("en")
RECOGNISER = Recogniser(ENGLISH)
PHRASES = ENGLISH.texts["cure"]
word = st.text(st.characters(min_codepoint=48, max_codepoint=122, categories=("Lu", "Nd")), min_size=1, max_size=8)


@given(st.sampled_from(sorted(PHRASES)), st.data())
def test_a_sentence_is_recognised_as_the_phrase_that_made_it(code: str, data: st.DataObject) -> None:
    values = {name: data.draw(word) for name in places(PHRASES[code]) if name not in SENTENCES}
    values |= dict.fromkeys(places(PHRASES[code]) & SENTENCES, "have a lawyer judge it")
    sentence = ENGLISH.say("cure", code, **values)
    found = RECOGNISER.recognise(sentence)
    assert found is not None
    assert ENGLISH.say("cure", found.code, **found.values) == sentence
    assert found == Cure(code, values)


@given(st.text(max_size=60))
def test_what_is_recognised_says_the_same_again(text: str) -> None:
    found = RECOGNISER.recognise(text)
    assert found is None or ENGLISH.say("cure", found.code, **found.values) == text


def test_a_strangers_sentence_is_nobodys_phrase() -> None:
    assert RECOGNISER.recognise("ring us on Monday") is None
    assert RECOGNISER.recognise("state the fact `" + "x" * LONGEST + "`") is None
