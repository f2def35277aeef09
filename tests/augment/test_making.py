"""Rules that rewrite sentences: what each does, where each keeps out, and how they are chosen and applied."""

import re
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.augment import GROUPS, RULES, Rule, augment, choose_rules, collect_names
from siamese_text.augment.sentence import Sentence, exchanged, lowered
from siamese_text.errors import UsageError
from siamese_text.records import Span

SEEDS = range(8)
NAMES = {"in": ("Oslo", "Lima"), "by": ("Ada Lovelace",)}


def outcomes(rule, text):
    """All that a rule makes of a text, whatever it chooses."""
    return {RULES[rule].apply(Sentence(text, NAMES), Random(seed)) for seed in SEEDS}


@pytest.mark.parametrize(
    ("rule", "text", "result"),
    [
        ("swap-names", "At noon Anna ran after Peter.", "At noon Peter ran after Anna."),
        ("swap-arguments", "The dog chased the cat.", "The cat chased the dog."),
        ("swap-arguments", "Anna Berg was followed by Peter Holm.", "Peter Holm was followed by Anna Berg."),
        ("swap-people", "Ann owes Bo ten pounds.", "Bo owes Ann ten pounds."),
        ("swap-people", "In May, Ann Berg looks after Bo.", "In May, Bo looks after Ann Berg."),
        ("swap-people", "Ann was hired by Bo in 2004.", "Bo was hired by Ann in 2004."),
        ("swap-people", "I think that Ann is much taller than Bo.", "I think that Bo is much taller than Ann."),
        ("swap-doers", "A young woman is feeding the baby.", "The baby is feeding a young woman."),
        ("swap-doers", "The dog is being chased by a cat in the yard", "A cat is being chased by the dog in the yard"),
        ("turn-progressive", "A man is slicing an onion .", "An onion is being sliced by a man ."),
        ("turn-progressive", "The dog is chasing the children.", "The children are being chased by the dog."),
        ("turn-progressive", "The old piano is being played by a girl", "A girl is playing the old piano"),
        ("swap-synonym", "She has a huge hat.", "She has an enormous hat."),
        ("swap-synonym", "She sat beside me.", "She sat next to me."),
        ("swap-adjectives", "She wore a red coat and a green hat.", "She wore a green coat and a red hat."),
        ("swap-from-to", "They moved from Oslo to New York in May.", "They moved from New York to Oslo in May."),
        ("swap-numbers", "It took 12 men and about 30 days.", "It took 30 men and about 12 days."),
        ("negate", "The bridge was closed at night.", "The bridge was not closed at night."),
        ("negate", "The bridge can carry trams.", "The bridge cannot carry trams."),
        ("negate", "The bridge wasn't closed at night.", "The bridge was closed at night."),
        ("opposite", "The north bank is steep.", "The south bank is steep."),
        ("move-time", "The mill burned down in 1904.", "In 1904, the mill burned down."),
        ("move-time", "On 3 May 1904 , the mill burned down .", "The mill burned down on 3 May 1904 ."),
        ("move-clause", "When the rain stopped, we went home.", "We went home when the rain stopped."),
        (
            "move-clause",
            "We went home early because the rain stopped.",
            "Because the rain stopped, we went home early.",
        ),
        ("swap-joined-names", "He sailed with Anna and Peter.", "He sailed with Peter and Anna."),
        ("swap-joined-adjectives", "It was a dark and cold night.", "It was a cold and dark night."),
        ("turn-voice", "The dogs chased the cat in the yard.", "The cat was chased by the dogs in the yard."),
        ("turn-voice", "The dogs were chased by Anna.", "Anna chased the dogs."),
        ("turn-voice", "He followed her brother.", "Her brother was followed by him."),
        ("contract", "The shop does not open today.", "The shop doesn't open today."),
        ("contract", "The shop won't open today.", "The shop will not open today."),
        ("group-digits", "It holds 12,500 books.", "It holds 12500 books."),
        ("group-digits", "It holds 12500 books.", "It holds 12,500 books."),
        ("turn-date", "It opened on 3 May 1904.", "It opened on May 3, 1904."),
        ("turn-date", "It opened on May 3, 1904.", "It opened on 3 May 1904."),
        ("turn-possessive", "We met the daughter of Anna.", "We met Anna's daughter."),
        ("turn-possessive", "He ran into Anna's daughter.", "He ran into the daughter of Anna."),
    ],
)
def test_what_a_rule_makes(rule, text, result):
    assert outcomes(rule, text) == {result}


@pytest.mark.parametrize(
    ("rule", "text", "pattern"),
    [
        ("change-number", "It has 37 rooms.", r"It has (?!37)\d\d rooms\."),
        ("change-number", "It has three rooms.", r"It has (?!three)\w+ rooms\."),
        ("change-date", "It opened in 1904.", r"It opened in (?!1904)\d{4}\."),
        ("change-date", "It opens on Monday.", r"It opens on (?!Monday)\w+day\."),
        ("change-date", "It opens in May.", r"It opens in (?!May)[A-Z]\w+\."),
        ("change-name", "She studied in Bergen for years.", r"She studied in (Oslo|Lima) for years\."),
    ],
)
def test_a_rule_that_changes_a_value_puts_another_there(rule, text, pattern):
    found = outcomes(rule, text)
    assert len(found) > 1
    assert all(re.fullmatch(pattern, each) for each in found)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("swap-names", "At noon Anna and Peter met."),
        ("swap-names", "They visited Oslo, Bergen, Rome and Lima."),
        ("swap-arguments", "When Anna followed Peter, it rained."),
        ("swap-people", "Anna met Peter in Oslo."),  # and Peter met Anna
        ("swap-people", "Anna paid Peter and Paul."),  # half of who was paid
        ("swap-people", "Anna visited Peter Holm Road staff."),
        ("swap-people", "King Peter paid Anna."),
        ("swap-people", "Anna supported Gov. Peter Holm."),
        ("swap-people", "Anna signed Act 10925."),
        ("swap-doers", "A dog is chasing a ball."),  # a ball chases nobody
        ("swap-doers", "The dogs are chasing the cat."),
        ("turn-progressive", "A man is slicing next."),
        ("turn-progressive", "A picture is being drawn by a girl in a white hat."),  # whose hat it is
        ("turn-progressive", "A man is slicing an onion and his finger."),
        ("swap-synonym", "Technically speaking, it is near."),
        ("swap-synonym", "He is not nearly there."),
        ("swap-synonym", "It has a well-fixed children's seat."),
        ("opposite", "The shop was closed on Monday."),  # which is no "opened"
        ("move-clause", "Before the meeting, Anna said the mill is old."),  # the mill is old now
        ("swap-joined-adjectives", "The fire is nice and hot."),
        ("swap-arguments", "The dogs chased the cat."),  # the verb would be right, other verbs would not
        ("swap-adjectives", "She wore a red coat and an old hat."),  # a and an
        ("swap-from-to", "There are inns from Oslo to Bergen."),  # a range, not a way
        ("swap-numbers", "It took 12 to 30 days."),
        ("change-number", "It opened on 12 May."),
        ("change-number", "(1) It opened."),
        ("negate", "Was the bridge closed at night?"),
        ("negate", "The bridge was never closed."),
        ("negate", "It is not only steep but long."),
        ("opposite", "After all, it was not a north wind."),
        ("opposite", "There is a successful plan."),
        ("move-time", "He moved to Rome and died in 1904."),
        ("move-time", "It is a film made in 1904."),
        ("move-clause", "When Anna came, she was tired."),  # she would come before Anna
        ("move-clause", "He told us to leave when the rain stopped."),
        ("swap-joined-names", "Anna and Peter saw Oslo and Rome, respectively."),
        ("swap-joined-names", "He worked with David and Jonathan Holm."),
        ("swap-joined-names", "They gave Ohio to Spain and Kent to France."),
        ("swap-joined-adjectives", "It was an old and grey house."),
        ("turn-voice", "He was followed by the dog and bitten."),
        ("contract", "Isn't it cold?"),
        ("group-digits", "Write to box 12500."),
        ("turn-date", "It opened in May 1904."),
        ("turn-possessive", "We met the daughter of Anna Berg and her dog."),
        ("turn-possessive", "It is the capital of Oslo."),  # which Oslo itself may be
        ("swap-names", "At noon Western trains left for Peter."),  # of an origin, as an office or a firm is no name
        ("swap-names", "At noon Governor ran after Peter."),
        ("swap-names", "They left Bath , Ohio , when it rained on Anna ."),  # halves of a place
        ("swap-names", "After Philip II of Spain died in May , Anna sold it ."),
        ("swap-numbers", "It opened on 12 May and closed on 31 June."),  # no such days
        ("swap-numbers", "The difference between part 12 and all 30 is plain."),
        ("change-number", "4 . It opened."),
        ("change-number", "Pay into your 401(k) plan."),
        ("change-number", "It opened on the 2 or 3 May."),
        ("change-date", "They built it in the 1970's."),
        ("opposite", "He left soon after that."),
        ("move-time", "He says they met him in 1904."),
        ("move-time", "It opened two weeks later on 3 May 1904."),
        ("move-clause", "While the mill is old, we like the house."),  # "like it while" would be of time
        ("move-clause", "Because the mill is old, this makes it slow."),
        ("move-clause", "If you do, we have no mill."),
        ("move-clause", "It was one of those days when the rain was warm."),
        ("swap-joined-names", "They read Help for Children and Adults."),  # a title
        ("swap-joined-names", "He came with the actress Anna and Peter."),
        ("swap-joined-names", "He fled with Anna and Peter of Kent."),
        ("swap-joined-names", "They sailed to Newfoundland and Labrador."),
        ("swap-joined-adjectives", "The film is in black and white."),
        ("swap-joined-adjectives", "It was fresh and ready to wear."),
        ("turn-date", "It is open on 12-16 April 1904."),
    ],
)
def test_where_a_rule_is_unsure_it_does_nothing(rule, text):
    assert outcomes(rule, text) == {None}


TEXTS = st.lists(
    st.sampled_from(
        """Anna Peter Oslo the a red old dog cat was is not chased by followed from to and or in on 1904 12 3 May 12,500
        when because , . ' ( ) 's owes beside an huge gave city north before It He moved cannot
        A man is chasing being chased isn't five rooms daughter of""".split()
    ),
    min_size=1,
    max_size=14,
).map(" ".join)


@given(TEXTS, st.sampled_from(sorted(RULES)), st.integers(0, 3))
def test_any_rule_takes_any_text_and_never_gives_it_back(text, rule, seed):
    made = RULES[rule].apply(Sentence(text, NAMES), Random(seed))
    assert made is None or (made != text and made.strip())


@given(TEXTS, st.integers(0, 3))
def test_what_trades_places_keeps_its_words(text, seed):
    for name in (
        "swap-names",
        "swap-arguments",
        "swap-people",
        "swap-doers",
        "swap-adjectives",
        "swap-from-to",
        "swap-numbers",
        "swap-joined-names",
    ):
        made = RULES[name].apply(Sentence(text, NAMES), Random(seed))
        assert made is None or Counter(made.casefold().split()) == Counter(text.casefold().split())


def test_what_comes_first_gets_the_capital():
    assert exchanged("The dog saw Anna.", Span(0, 7), Span(12, 16)) == "Anna saw the dog."
    assert lowered("I went") == "I went"


SENTENCES = [
    "The dog chased the cat in 1904.",
    "The bridge was closed in 1904.",
    "He left on 3 May 1904.",
    "Too short.",
]


def test_pairs_have_label_and_rule_and_differ():
    pairs = list(augment(SENTENCES, tuple(RULES.values()), per_sentence=3))
    assert {pair.sentence1 for pair in pairs} == set(SENTENCES[:3])
    assert all(pair.label == RULES[pair.kind].label for pair in pairs)
    assert all(pair.sentence1 != pair.sentence2 for pair in pairs)
    assert max(Counter(pair.sentence1 for pair in pairs).values()) <= 3


def test_what_becomes_of_a_sentence_depends_on_the_seed_and_not_on_its_neighbours():
    rules = tuple(RULES.values())
    whole = list(augment(SENTENCES, rules, per_sentence=1, seed=1))
    assert whole == [pair for text in SENTENCES for pair in augment([text], rules, per_sentence=1, seed=1)]
    assert whole == list(augment([*SENTENCES, *SENTENCES], rules, per_sentence=1, seed=1))
    assert any(whole != list(augment(SENTENCES, rules, per_sentence=1, seed=seed)) for seed in range(2, 8))


def test_labels_take_turns():
    pairs = list(
        augment([f"The dog was chased by the cat on {day} May 1904." for day in range(1, 29)], choose_rules("all"))
    )
    labels = Counter(pair.label for pair in pairs)
    assert labels[0.0] == labels[1.0] == 28


@pytest.mark.parametrize(
    "text", ["It was open.The dog chased it in 1904.", "Copyright © 1904 by the dog.", "A &#38; B in 1904."]
)
def test_scraps_of_pages_are_left_out(text):
    assert not list(augment([text], choose_rules("all")))


def test_per_sentence_below_one_is_refused():
    with pytest.raises(UsageError, match="per_sentence is 0"):
        list(augment(SENTENCES, tuple(RULES.values()), per_sentence=0))


def test_names_seen_once_are_not_put_elsewhere():
    assert collect_names(["We live in Oslo.", "They live in Oslo.", "We live in Nowhere."]) == {"in": ("Oslo",)}


def test_rules_are_chosen_by_name_and_group():
    assert [rule.name for rule in choose_rules("turn-date, negate")] == ["negate", "turn-date"]
    assert {rule.label for rule in choose_rules("positives")} == {1}
    assert "negate" not in {rule.name for rule in choose_rules("-negate")}
    assert len(choose_rules("-negate")) == len(GROUPS["default"]) - 1
    assert [rule.name for rule in choose_rules("-negate, turn-date, negate")] == ["turn-date"]  # in any order
    with pytest.raises(UsageError, match="did you mean negate"):
        choose_rules("negat")
    with pytest.raises(UsageError, match="leaves no rule"):
        choose_rules("negate,-negate")


def test_a_rule_above_a_tenth_of_errors_is_off():
    made = [
        Rule("x", 0, "", lambda *_: None, errors, read) for errors, read in ((10, 100), (11, 100), (3, 20), (2, 20))
    ]
    assert [rule.default for rule in made] == [True, False, False, True]
    assert all((rule.name in GROUPS["default"]) == rule.default for rule in RULES.values())
