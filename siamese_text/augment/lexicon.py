"""Small word lists of our own: the closed classes of English, and a few open ones that the rules may rely on.

Membership is asked of case-folded words. A list is short on purpose: a rule does nothing where it is unsure.
"""

from __future__ import annotations

from collections.abc import Mapping


def _ordered(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _words(text: str) -> frozenset[str]:
    return frozenset(_ordered(text))


ARTICLES = _words("the a an")
POSSESSIVES = _words("my your his her its our their")
DETERMINERS = ARTICLES | POSSESSIVES | _words("this that these those some any every each no another both all many few")
PREPOSITIONS = _words(
    """about above across after against along among around as at before behind below beneath beside besides between
    beyond by despite down during except for from in inside into like near of off on onto out outside over past per
    round since through throughout to toward towards under underneath until up upon via with within without"""
)
CONJUNCTIONS = _words(
    """and or but nor so yet if because although though while when whenever where wherever whereas unless until
    since that than whether which who whom whose what why how once as"""
)
SUBJECTS = _words("i you he she it we they")
OBJECT_OF: Mapping[str, str] = {"i": "me", "he": "him", "she": "her", "we": "us", "they": "them"}
SUBJECT_OF: Mapping[str, str] = {theirs: ours for ours, theirs in OBJECT_OF.items()}
PRONOUNS = SUBJECTS | frozenset(SUBJECT_OF) | _words("one someone anyone everyone nobody something anything nothing")
BE = _words("is are was were am be been being")
MODALS = _words("can could will would shall should may might must")
AUXILIARIES = BE | MODALS | _words("have has had do does did having doing done")
NEGATIVE = _words(
    """not no never none nobody nothing nowhere neither nor cannot without hardly scarcely barely rarely seldom few
    little only unless"""
)
ADVERBS = _words(
    """again almost already also always away back ever even far here just maybe more most much never now often once
    only perhaps quite rather soon still then there too very well not yet together either else so such today
    however therefore thus indeed instead later twice less least enough almost nearly about"""
)
FUNCTION_WORDS = (
    DETERMINERS | PREPOSITIONS | CONJUNCTIONS | PRONOUNS | AUXILIARIES | NEGATIVE | ADVERBS | _words("other own same")
)

MONTHS = _ordered("January February March April May June July August September October November December")
WEEKDAYS = _ordered("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
NUMBER_WORDS = _ordered("two three four five six seven eight nine ten eleven twelve")

# Capitalised words that are no names, or that only stand before one.
NOT_NAMES = (
    frozenset(word.casefold() for word in MONTHS + WEEKDAYS)
    | FUNCTION_WORDS
    | _words("mr mrs ms dr prof sir lady lord king queen prince princess president minister senator captain god ok")
)
TITLES = _words("mr mrs ms dr prof professor sir lord president senator captain general minister governor judge")
# What ends no name, however it is written: of an origin or a creed, of an office, of a firm or a page.
NO_NAME_ENDS = TITLES | _words(
    """arab baptist buddhist catholic communist czech democrat dutch english federal french greek hindu iraqi israeli
    jewish liberal muslim nazi orthodox pakistani protestant republican saudi soviet swiss thai eastern northern
    southern western midwestern ambassador chairman chief commissioner director editor leader manager mayor officer
    prosecutor secretary inc corp ltd st copyright web internet state states government congress get"""
)
NAME_LINKS = _words("al am ay da de del della den der di du el la las le los of van von y")  # inside a name

# Said of two names at once these words make the order of the names idle.
SYMMETRIC = _words(
    """and or nor with met meet meets married marry marries between both among near versus vs against like resembles
    equals is are was were called named alias aka same different similar together joined merged plus border borders
    via alongside beside neighbouring neighboring than other another each either neither well difference"""
)

HALF_NAMES = frozenset(("Newfoundland", "Labrador", "Trinidad", "Tobago", "Bosnia", "Antigua", "Barbuda"))

# Of clauses and dates that are to move: what may point at the clause before it, what cannot open one, which nouns a
# "when" belongs to, what clings to the date behind it, and what may have said the rest.
POINTING = _words("he she it they him her them his its their this these that those there here later then so such")
NO_SUBJECTS = _words("not initially originally already first once only")
MOMENTS = _words("day days night nights time times year years week month moment morning evening hour period era")
CLINGING = _words("starting beginning early late later earlier only ago back modified number million billion release")
SAYING = _words("say says said told found posted")

# Past forms of verbs whose two sides are not interchangeable; the value is the participle.
_REGULAR = """
    accused admired adopted advised appointed approached arrested assisted attacked beheaded betrayed bombed
    called captured chased commanded confronted consulted contacted convinced criticised criticized defeated defended
    deposed designed discovered dismissed edited elected encouraged executed financed fired followed founded
    funded governed helped hired honoured honored ignored imprisoned impressed influenced informed inspired insulted
    interviewed introduced invented invited killed kissed loved mentored murdered nominated opposed ordered
    owned painted persuaded poisoned praised produced promoted protected punished pursued questioned rejected
    replaced rescued respected ruled sacked saved served shocked sponsored succeeded sued supervised supported
    surprised taught thanked threatened trained treated trusted visited warned watched welcomed wounded
"""
_IRREGULAR = """
    beat:beaten bit:bitten drew:drawn built:built led:led overthrew:overthrown sang:sung saw:seen shot:shot
    stole:stolen struck:struck taught:taught won:won wrote:written chose:chosen
"""
PARTICIPLES: Mapping[str, str] = {
    **{past: past for past in _ordered(_REGULAR)},
    **{past: participle for past, _, participle in (pair.partition(":") for pair in _ordered(_IRREGULAR))},
}
PASTS: Mapping[str, str] = {participle: past for past, participle in PARTICIPLES.items()}

# What somebody is doing to something, with the participle; the first go either way between two that live.
_EITHER_WAY = """
    attacking:attacked biting:bitten carrying:carried chasing:chased feeding:fed following:followed guiding:guided
    helping:helped hitting:hit holding:held kicking:kicked leading:led licking:licked lifting:lifted petting:petted
    pulling:pulled pushing:pushed teaching:taught tackling:tackled touching:touched washing:washed watching:watched
"""
_ONE_WAY = """
    braiding:braided breaking:broken brushing:brushed building:built catching:caught chopping:chopped cleaning:cleaned
    climbing:climbed closing:closed cooking:cooked cracking:cracked cutting:cut drawing:drawn dragging:dragged
    drinking:drunk driving:driven eating:eaten emptying:emptied filling:filled fixing:fixed flipping:flipped
    folding:folded frying:fried grating:grated kneading:kneaded mixing:mixed opening:opened painting:painted
    peeling:peeled playing:played pouring:poured reading:read removing:removed repairing:repaired riding:ridden
    seasoning:seasoned shooting:shot slicing:sliced stirring:stirred throwing:thrown tossing:tossed tying:tied
    unloading:unloaded using:used wearing:worn whisking:whisked wiping:wiped writing:written
"""
DOING: Mapping[str, str] = dict(pair.split(":") for pair in _ordered(_EITHER_WAY + _ONE_WAY))
DONE: Mapping[str, str] = {participle: doing for doing, participle in DOING.items()}
EITHER_WAY, EITHER_DONE = zip(*(pair.split(":") for pair in _ordered(_EITHER_WAY)), strict=True)
LIVING = _words(
    """actor animal athlete aunt baby babies baker bear bears bird birds boy boys brother calf cat cats catcher
    chef child children clown coach cop couple cow cowboy cows cyclist dancer daughter deer doctor dog dogs
    dolphin driver duck ducks elephant farmer father fireman fox friend frog girl girls goalkeeper goat
    grandmother guy horse horses husband infant judge kangaroo kid kids kitten lady lamb lawyer lemur lion man
    men monkey monkeys mother mouse nurse officer owner panda parrot patient person pig player policeman pony
    puppy rabbit ram referee rhino robot runner seal sheep singer sister skunk soldier son student swimmer
    teacher teenager tiger toddler turtle uncle waiter wife wolf woman women worker wrestler"""
)
PLURALS = _words("children men mice people police women")

# What one side does to the other and the other not to it, between two names; some with a word that belongs to the verb.
ONE_WAY = frozenset(PARTICIPLES) - {"called", "introduced", "nominated", "elected", "produced"} | _words(
    """accuses acquired acquires admires adores alarmed annoyed annoys asked asks avoided avoids backed backs beats
    blamed blames bored bothered bought cheated coached coaches dislikes distrusts employed employs encourages endorsed
    endorses envied envies fears fed fined follows forgave forgives fouled frightened gave greeted handed hates helps
    hired hires hosted ignores interviews invites lent lends misled misses nursed offended offered offers
    outbid outlived outran outscored overtakes overtook owed owes paid pays phoned photographed pities pitied praises
    promised promises pushed reminded reminds sacks scolded sees sells sends sent showed shows signed sold spotted
    sues supports tackled teaches teased tells thanks told tricked trusts tutored tutors unsettled visits woke
    worried worships"""
) | {
    "apologised to", "apologized to", "cares for", "cared for", "cheered for", "complained about", "complains about",
    "depends on", "lied to", "listened to", "listens to", "looked after", "looks after", "looks up to", "lost to",
    "reported to", "reports to", "sits behind", "sat behind", "spied on", "voted for", "waited for", "waved to",
    "worked for", "works for", "wrote to", "writes to",
}  # fmt: skip

# Words, each with another that can stand in its place wherever the rule that reads them puts it.
SYNONYMS: Mapping[str, str] = dict(
    pair.split(":")
    for pair in _ordered(
        """almost:nearly nearly:almost frequently:often often:frequently rapidly:quickly quickly:rapidly
        rarely:seldom seldom:rarely usually:normally mainly:mostly largely:mostly primarily:mainly
        entirely:completely completely:entirely totally:completely exactly:precisely precisely:exactly
        especially:particularly particularly:especially approximately:roughly sometimes:occasionally
        occasionally:sometimes eventually:in_the_end initially:at_first currently:at_present formerly:previously
        although:though everybody:everyone everyone:everybody anybody:anyone anyone:anybody somebody:someone
        someone:somebody toward:towards towards:toward amongst:among whilst:while upon:on beside:next_to until:till
        huge:enormous enormous:huge gigantic:huge tiny:very_small wealthy:rich numerous:many
        famous:well-known renowned:famous glad:happy scared:frightened frightened:scared terrified:very_frightened
        purchased:bought bought:purchased purchasing:buying assisted:helped assisting:helping commenced:started
        begins:starts constructed:built constructing:building permitted:allowed requires:needs situated:located
        located:situated completed:finished resided:lived residing:living resides:lives vanished:disappeared
        disappeared:vanished repaired:fixed relocated:moved ceased:stopped founded:established injured:hurt
        talking:speaking speaking:talking shouting:yelling yelling:shouting
        sofa:couch couch:sofa physician:doctor physicians:doctors automobile:car automobiles:cars airplane:plane
        movie:film movies:films bicycle:bike bicycles:bikes children:kids kids:children infant:baby infants:babies
        photos:photographs photo:photograph refrigerator:fridge fridge:refrigerator taxi:cab taxis:cabs
        lawyer:attorney lawyers:attorneys garbage:rubbish television:TV telephone:phone companies:firms lady:woman
        portion:part mistakes:errors"""
    )
)

# Adjectives that can be told from nouns without looking at the sentence.
ADJECTIVES = _words(
    """ancient angry bad beautiful best big bitter black blue brave brief bright broad brown busy calm careful cheap
    clean clear clever cold common complete complex cool cruel curious daily dangerous dark dead dear deep different
    difficult direct dirty dry dull early eastern easy economic electric empty entire expensive external fair false
    famous fast fat federal fierce fine flat foreign free fresh friendly full generous gentle global golden good
    grand gray great green grey happy hard harsh healthy heavy high honest hot huge ill important independent
    industrial inner internal international large late lazy legal light local lonely long loose loud low
    lower lucky main major massive mental mild military minor modern monthly narrow national natural new nice noble
    northern old open outer perfect personal physical pink plain pleasant polite political poor popular
    powerful practical previous private proper proud public pure purple quick quiet rapid rare raw ready real recent
    red regional regular religious rich rough round royal rural sad safe scientific separate serious severe shallow
    sharp short sick silent silver simple slight slow small smart smooth social soft solid southern special steady
    steep stiff strange strict strong stupid sudden sweet tall temporary terrible thick thin tiny tired tough
    traditional tropical typical ugly unique upper urban usual vast violent warm weak wealthy western wet white whole
    wide wild wise wonderful wooden wrong yellow young"""
)

# Nouns that belong to somebody: "the son of Ann" is "Ann's son".
RELATIONAL = _words(
    """author brother chairman coast daughter economy father governor granddaughter grandson history husband
    king mayor mother nephew niece owner population president prime queen sister son uncle wife widow"""
)

# Verbs that make "from A to B" a way and not a range.
MOTIONS = _words(
    """came carried drove emigrated emigrate escaped fled flew fly flying go goes going immigrated marched migrate
    migrated migrates move moved moves moving ran returned rode sailed sailing sent ship shipped shipping transferred
    transported travel traveled travelled travelling travels walked went"""
)

# Each word and its opposite, where the sentence stays grammatical.
OPPOSITES: dict[str, str] = {}
for _one, _, _other in (
    pair.partition(":")
    for pair in _ordered(
        """before:after north:south east:west northern:southern eastern:western northeast:southwest
        northwest:southeast largest:smallest highest:lowest larger:smaller higher:lower longer:shorter older:younger
        oldest:youngest increased:decreased increase:decrease above:below male:female best:worst always:never
        maximum:minimum inside:outside earlier:later began:ended opened:closed
        won:lost strong:weak easy:difficult public:private
        internal:external ancient:modern cheap:expensive accepted:rejected
        import:export imported:exported major:minor positive:negative urban:rural
        success:failure successful:unsuccessful winner:loser advantage:disadvantage"""
    )
):
    OPPOSITES[_one], OPPOSITES[_other] = _other, _one
