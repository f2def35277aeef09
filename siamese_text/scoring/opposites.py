"""Words of which one says the opposite of the other, or at least something else: both cannot hold of one thing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, product

from siamese_text.scoring.read_words import listed

OPPOSITES = listed(
    """
    before:after northwest:southeast northeast:southwest urban:rural successful:unsuccessful left:right up:down on:off
    in:out above:below inside:outside open:closed opens:closes opened:closed begin:end begins:ends began:ended
    start:stop starts:stops started:stopped first:last early:late earlier:later more:less most:least many:few
    larger:smaller largest:smallest higher:lower highest:lowest longer:shorter older:younger oldest:youngest
    taller:shorter faster:slower heavier:lighter better:worse best:worst good:bad long:short tall:short high:low
    fast:slow heavy:light hot:cold warm:cool old:new old:young strong:weak rich:poor easy:difficult easy:hard
    cheap:expensive safe:dangerous clean:dirty dry:wet full:empty happy:sad quiet:loud quiet:noisy awake:asleep
    alive:dead male:female man:woman boy:girl son:daughter brother:sister husband:wife increase:decrease
    increased:decreased increases:decreases rise:fall rises:falls rose:fell gain:loss gained:lost win:lose wins:loses
    won:lost buy:sell buys:sells bought:sold accept:reject accepts:rejects accepted:rejected allow:forbid
    allowed:forbidden support:oppose supports:opposes supported:opposed import:export imported:exported
    minimum:maximum major:minor positive:negative public:private ancient:modern internal:external success:failure
    winner:loser arrive:leave arrives:leaves arrived:left arrives:departs push:pull love:hate loves:hates loved:hated
    remember:forget remembered:forgot front:back top:bottom arrive:depart arrived:departed enter:leave entered:left
    improve:worsen improves:worsens improved:worsened improving:worsening succeed:fail succeeds:fails succeeded:failed
    pass:fail passes:fails passed:failed admit:deny admits:denies admitted:denied include:exclude includes:excludes
    included:excluded create:destroy created:destroyed attack:defend attacked:defended hire:fire hired:fired
    lend:borrow lends:borrows lent:borrowed tighten:loosen tightened:loosened expand:shrink expanded:shrank
    upper:lower inner:outer upstairs:downstairs forward:backward forwards:backwards present:absent guilty:innocent
    deep:shallow wide:narrow thick:thin rough:smooth sharp:blunt sweet:bitter sweet:sour tight:loose raw:cooked
    odd:even domestic:foreign temporary:permanent day:night departure:arrival departures:arrivals buyer:seller
    brothers:sisters sons:daughters boys:girls men:women king:queen uncle:aunt nephew:niece he:she him:her his:her
    his:hers himself:herself open:close opening:closing permit:prohibit permits:prohibits permitted:prohibited
    permit:forbid permits:forbids permitted:forbidden permitted:banned allow:prohibit allow:ban allows:prohibits
    allows:forbids allowed:banned allowed:prohibited legal:banned enable:disable enables:disables enabled:disabled
    delete:restore deleted:restored add:remove adds:removes added:removed adding:removing insert:remove show:hide
    shows:hides showed:hid appear:vanish appeared:vanished encourage:discourage encouraged:discouraged attach:detach
    attached:detached appoint:dismiss appointed:dismissed hire:dismiss hired:dismissed arrested:released
    convicted:acquitted convict:acquit inhale:exhale freeze:melt freezes:melts freezes:boils froze:melted sinks:floats
    sank:floated raise:lower raised:lowered raising:lowering fill:empty filled:emptied send:receive sends:receives
    sent:received ask:answer asked:answered marry:divorce married:divorced deposit:withdraw deposited:withdrew
    deposit:withdrawal deposits:withdrawals strengthen:weaken strengthens:weakens strengthened:weakened widen:narrow
    widened:narrowed grow:shrink grew:shrank accelerate:slow lending:borrowing teach:learn save:waste saves:wastes
    saved:wasted praise:criticise praise:criticize praised:criticised praised:criticized permission:prohibition
    profit:loss profits:losses income:expense income:expenses debit:credit asset:liability assets:liabilities
    surplus:deficit supply:demand majority:minority victory:defeat peace:war friend:enemy friends:enemies ally:enemy
    innocence:guilt virtue:vice gradually:suddenly slowly:quickly rarely:often seldom:often optional:mandatory
    optional:required optional:compulsory voluntary:mandatory voluntary:compulsory mandatory:forbidden
    required:forbidden horizontal:vertical clockwise:anticlockwise clockwise:counterclockwise northbound:southbound
    eastbound:westbound benign:malignant acute:chronic systolic:diastolic arterial:venous viral:bacterial
    soluble:insoluble acid:alkaline acidic:alkaline gas:liquid solid:liquid wholesale:retail landlord:tenant
    landlords:tenants teacher:student teachers:students doctor:patient doctors:patients employer:employee
    employers:employees lender:borrower host:guest hosts:guests driver:passenger drivers:passengers
    plaintiff:defendant plaintiffs:defendants predator:prey parent:child parents:children sunrise:sunset noon:midnight
    entrance:exit beginning:end start:finish starts:finishes started:finished first:second last:next previous:next
    past:future for:against front:behind ahead:behind child:adult children:adults cash:card postponed:cancelled
    postponed:canceled delayed:cancelled delayed:canceled all:most everyone:some since:until from:until within:after
    on:under over:under inside:under except:only must:needn't former:latter near:far nearby:distant same:different
    equal:unequal less:greater fewer:more fewer:greater above:under cheaper:dearer cheapest:dearest weakest:strongest
    weaker:stronger poorer:richer poorest:richest hotter:colder warmer:colder warmer:cooler hottest:coldest
    wetter:drier thicker:thinner wider:narrower deeper:shallower louder:quieter nearer:farther closer:farther
    nearest:farthest smaller:bigger smallest:biggest shortest:longest shortest:tallest slower:quicker slowest:fastest
    fewest:most youngest:eldest
    """
)
# Of the words of one group only one can hold; between commas stand those that say the same.
ALTERNATIVES = """
    all,every,each some none,no; everyone,everybody,all someone,somebody nobody; everything something nothing; always
    sometimes,occasionally never; must may,might,can,could; am pm; yesterday tomorrow; morning afternoon
    evening,night; hourly daily weekly monthly quarterly yearly,annually,annual; seconds minutes,minute hours,hour
    days,day weeks,week months,month years,year; spring summer autumn winter; breakfast lunch dinner,supper; north
    south east west; northern southern eastern western; red green blue yellow white black orange purple pink brown
    grey,gray; gold silver bronze; small,little medium large,big; primary secondary tertiary; bachelor,bachelors
    master,masters; mother,mum,mom father,dad; kg,kilogram,kilograms,kilo,kilos g,gram,grams mg,milligram,milligrams
    mcg,microgram,micrograms lb,lbs,pound,pounds ton,tons,tonne,tonnes oz,ounce,ounces
    km,kilometre,kilometres,kilometer,kilometers metre,metres,meter,meters
    cm,centimetre,centimetres,centimeter,centimeters mm,millimetre,millimetres,millimeter,millimeters mile,miles
    yard,yards foot,feet inch,inches litre,litres,liter,liters ml,millilitre,millilitres,milliliter,milliliters
    gallon,gallons pint,pints; celsius fahrenheit kelvin; kb mb gb tb; dollar,dollars,usd euro,euros,eur
    pound,pounds,gbp yen,jpy rupee,rupees franc,francs yuan peso,pesos
"""
# honest, dishonest; overpaid, underpaid; hypertension, hypotension
SYLLABLES = [("", denying) for denying in listed("un in im ir il dis non")]
SYLLABLES += [("over", "under"), ("up", "down"), ("in", "out"), ("pre", "post"), ("pro", "anti"), ("hyper", "hypo")]
SYLLABLES += [(other, one) for one, other in SYLLABLES]
SHORTEST_STEM = 4  # letters that both words share


def _listed_opposites() -> Iterator[tuple[str, str]]:
    """Yield the pairs of words that are listed, each one way round."""
    for pair in OPPOSITES:
        one, _, other = pair.partition(":")
        yield one, other
    for group in ALTERNATIVES.split(";"):
        for ones, others in combinations(group.split(), 2):
            yield from product(ones.split(","), others.split(","))


OPPOSITES_OF: dict[str, set[str]] = {}
for _one, _other in _listed_opposites():
    OPPOSITES_OF.setdefault(_one, set()).add(_other)
    OPPOSITES_OF.setdefault(_other, set()).add(_one)


@lru_cache(maxsize=16_384)
def opposites(word: str) -> frozenset[str]:
    """Return the words that may say the opposite of one: those listed, and what a syllable makes of it.

    Args:
        word: A folded word.

    Returns:
        Folded words, most of which stand in no text.

    Example:
        >>> sorted(opposites("pm")), "careless" in opposites("careful")
        (['am'], True)
    """
    found = set(OPPOSITES_OF.get(word, ()))
    for one, other in SYLLABLES:
        if word.startswith(one) and len(stem := word.removeprefix(one)) >= SHORTEST_STEM:
            found.add(other + stem)
    for one, other in (("ful", "less"), ("less", "ful")):
        if word.endswith(one):
            found.add(word.removesuffix(one) + other)
    return frozenset(found)
