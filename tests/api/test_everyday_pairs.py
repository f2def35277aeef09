"""What the default, and the encoder that it was made of, say of everyday pairs, in words that no fit has seen."""

import pytest

from siamese_text import Scorer

PAIRS = {  # by kind, which of the two answers is right, and the pairs
    "people": (
        False,
        [
            ("Grandma scolded Peter for being late.", "Peter scolded Grandma for being late."),
            ("The plumber still owes my brother forty euros.", "My brother still owes the plumber forty euros."),
            ("Mark introduced his boss to Julia's parents.", "Julia's parents introduced Mark to his boss."),
            ("The cyclist overtook the tractor on the hill.", "The tractor overtook the cyclist on the hill."),
            ("My daughter taught her teacher how to juggle.", "The teacher taught my daughter how to juggle."),
            ("Sofia lied to Anton about the money.", "Anton lied to Sofia about the money."),
            ("The tenant gave the landlord notice in spring.", "The landlord gave the tenant notice in spring."),
            ("Chelsea knocked Arsenal out of the cup.", "Arsenal knocked Chelsea out of the cup."),
            ("The dog bit the postman this morning.", "The postman bit the dog this morning."),
            ("Eva is waiting for Tom at the cinema.", "Tom is waiting for Eva at the cinema."),
        ],
    ),
    "directions": (
        False,
        [
            ("Is there a night bus from Kings Cross to Camden?", "Is there a night bus from Camden to Kings Cross?"),
            ("Ferries from Calais to Dover were cancelled.", "Ferries from Dover to Calais were cancelled."),
            ("We drove from the coast to the mountains.", "We drove from the mountains to the coast."),
            ("Translate this letter from Polish into English.", "Translate this letter from English into Polish."),
            (
                "He transferred the savings from his account to hers.",
                "He transferred the savings from her account to his.",
            ),
            ("The firm switched from paper to plastic.", "The firm switched from plastic to paper."),
            ("Cheap flights from Rome to Athens in May", "Cheap flights from Athens to Rome in May"),
            ("She walked out of the kitchen into the garden.", "She walked out of the garden into the kitchen."),
        ],
    ),
    "negation": (
        False,
        [
            ("The museum charges for admission.", "The museum does not charge for admission."),
            ("You may feed the ducks.", "You may not feed the ducks."),
            ("Our neighbours were invited to the wedding.", "Our neighbours were not invited to the wedding."),
            ("I have never been to Iceland.", "I have been to Iceland."),
            ("The battery can be replaced.", "The battery cannot be replaced."),
            ("She remembered to lock the shed.", "She did not remember to lock the shed."),
            ("Nobody complained about the noise.", "Somebody complained about the noise."),
            ("This medicine is safe for children.", "This medicine isn't safe for children."),
            ("He agreed to sell the house.", "He refused to sell the house."),
        ],
    ),
    "numbers": (
        False,
        [
            ("The recipe needs three eggs.", "The recipe needs five eggs."),
            ("Rent went up by 8 percent.", "Rent went up by 18 percent."),
            ("The bus holds 52 passengers.", "The bus holds 25 passengers."),
            ("They have four grandchildren.", "They have nine grandchildren."),
            ("The tower is 120 metres tall.", "The tower is 210 metres tall."),
            ("Take two tablets after breakfast.", "Take one tablet after breakfast."),
            ("He ran the race in 45 minutes.", "He ran the race in 54 minutes."),
            ("The flat has two bathrooms.", "The flat has three bathrooms."),
        ],
    ),
    "dates": (
        False,
        [
            ("Applications close on 15 June.", "Applications close on 15 July."),
            ("The dentist can see you on Tuesday.", "The dentist can see you on Thursday."),
            ("The war ended in 1918.", "The war ended in 1919."),
            ("School starts again in September.", "School starts again in January."),
            ("My passport expires in 2027.", "My passport expires in 2029."),
            ("The market is held every Saturday morning.", "The market is held every Wednesday morning."),
            ("Her birthday is on 3 April.", "Her birthday is on 30 April."),
        ],
    ),
    "names": (
        False,
        [
            ("Mr Keller repaired the roof.", "Mr Novak repaired the roof."),
            ("The novel is set in Lisbon.", "The novel is set in Budapest."),
            ("Send the invoice to Helen.", "Send the invoice to Martin."),
            ("Brazil won the final.", "Sweden won the final."),
            ("Nina plays the cello in the school orchestra.", "Olga plays the cello in the school orchestra."),
            ("He studied law at Oxford.", "He studied law at Yale."),
            ("The conference takes place in Denver.", "The conference takes place in Chicago."),
        ],
    ),
    "opposites": (
        False,
        [
            ("Sales rose sharply last month.", "Sales fell sharply last month."),
            ("Turn the volume up, please.", "Turn the volume down, please."),
            ("The patient's condition is getting better.", "The patient's condition is getting worse."),
            ("The heating was on all night.", "The heating was off all night."),
            ("Most voters support the new law.", "Most voters oppose the new law."),
            ("The parcel was lighter than expected.", "The parcel was heavier than expected."),
            ("She arrived after the speech.", "She arrived before the speech."),
        ],
    ),
    "opposites in other forms": (
        False,
        [
            ("The baker spends more than his neighbour.", "The baker saves more than his neighbour."),
            ("Norway exports timber.", "Norway imports timber."),
            ("My uncle rings once a month.", "My uncle rings twice a month."),
            ("A third of the seats were empty.", "Half of the seats were empty."),
            ("The parcel to Berlin is missing.", "The parcel from Berlin is missing."),
            ("The crew lowered the flag.", "The crew raised the flag."),
            ("The attic was messy.", "The attic was tidy."),
            ("The second driver survived.", "The second driver died."),
            ("Her directions were wrong.", "Her directions were correct."),
            ("If the bell rings, the dog barks.", "If the dog barks, the bell rings."),
        ],
    ),
    "units": (
        False,
        [
            ("The suitcase weighs 20 kg.", "The suitcase weighs 20 pounds."),
            ("Heat the oven to 200 degrees Celsius.", "Heat the oven to 200 degrees Fahrenheit."),
            ("Parking costs $4 an hour.", "Parking costs €4 an hour."),
            ("The pharmacy opens at 8 am.", "The pharmacy opens at 8 pm."),
            ("She is paid weekly.", "She is paid monthly."),
            ("The trail is 12 miles long.", "The trail is 12 kilometres long."),
            ("Rub the cream in for two minutes.", "Rub the cream in for two hours."),
            ("Version 4.1 mends the leak.", "Version 1.4 mends the leak."),
        ],
    ),
    "rules and roles": (
        False,
        [
            ("Guests must leave the key at the desk.", "Guests may leave the key at the desk."),
            ("All the windows were replaced.", "Some of the windows were replaced."),
            ("Feeding the seals is permitted.", "Feeding the seals is prohibited."),
            ("The tenant has to repair the boiler.", "The landlord has to repair the boiler."),
            ("Answer within five days.", "Answer after five days."),
            ("The teacher wrote to my parents.", "The student wrote to my parents."),
            ("My cousin sold me her car.", "I sold my cousin her car."),
            ("The black kitten is still free.", "The white kitten is still free."),
        ],
    ),
    "voice": (
        True,
        [
            ("A fox killed our chickens.", "Our chickens were killed by a fox."),
            ("The committee rejected the plan.", "The plan was rejected by the committee."),
            ("My grandfather built this house.", "This house was built by my grandfather."),
            ("The storm damaged dozens of boats.", "Dozens of boats were damaged by the storm."),
            ("Two detectives questioned the baker.", "The baker was questioned by two detectives."),
            ("A local artist painted the mural.", "The mural was painted by a local artist."),
            ("The waiter recommended the fish.", "The fish was recommended by the waiter."),
        ],
    ),
    "clauses": (
        True,
        [
            ("If it snows tomorrow, we will stay at home.", "We will stay at home if it snows tomorrow."),
            ("Although he was tired, Paul finished the report.", "Paul finished the report although he was tired."),
            ("After the meeting, the director flew to Berlin.", "The director flew to Berlin after the meeting."),
            ("When the bell rang, the pupils ran outside.", "The pupils ran outside when the bell rang."),
            (
                "Because of the strike, no trains are running today.",
                "No trains are running today because of the strike.",
            ),
            ("In 1997 the family bought a small vineyard.", "The family bought a small vineyard in 1997."),
            (
                "Unless you pay by Friday, the booking will be cancelled.",
                "The booking will be cancelled unless you pay by Friday.",
            ),
        ],
    ),
    "reworded": (
        True,
        [
            ("How can I lose weight quickly?", "What is a fast way to slim down?"),
            ("The boss fired him last week.", "He was sacked by his manager last week."),
            ("I can't find my glasses.", "I don't know where my spectacles are."),
            ("The film was really boring.", "The movie was very dull."),
            ("What time does the shop close?", "When does the store shut?"),
            ("She purchased a used car.", "She bought a second-hand car."),
            ("It is raining heavily.", "It's pouring with rain."),
            ("My phone's battery is dead.", "My phone has run out of power."),
            ("He lives close to the station.", "His home is near the station."),
            ("The children are asleep.", "The kids are sleeping."),
            ("The concert was called off.", "The concert has been cancelled."),
            ("Can you help me move this table?", "Could you give me a hand moving this table?"),
        ],
    ),
}


@pytest.fixture(scope="module", params=["general", "all-MiniLM-L6-v2"])
def answers(request):
    scorer = Scorer.load(request.param, device="cpu")
    return {kind: scorer.predict(pairs).same == right for kind, (right, pairs) in PAIRS.items()}


@pytest.mark.weights
@pytest.mark.parametrize("kind", PAIRS)
def test_most_pairs_of_each_kind_get_the_right_answer(answers, kind):
    assert answers[kind].mean() >= 0.7


@pytest.mark.weights
def test_nine_in_ten_are_right(answers):
    assert sum(right.sum() for right in answers.values()) >= 0.9 * sum(map(len, answers.values()))
