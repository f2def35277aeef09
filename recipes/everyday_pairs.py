"""Make labelled pairs of everyday sentences: two ways to say one thing, and one detail that makes it another.

    python recipes/everyday_pairs.py -o everyday.jsonl [--pairs 8000] [--seed 0]

A sentence is made of a scene: who does what to whom, how many, from where to where, when and why. The same scene told
in two ways is a pair with label 1; told once as it is and once with one detail changed, a pair with label 0. Either
kind comes with the words in the same order and in another one, so that neither the words nor their order decide: who
owes whom is another matter when the names trade places, who met whom is not, and a clause that moves changes nothing.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from siamese_text.atomic import atomic_file

WORDS = tomllib.loads((Path(__file__).parent / "everyday_source" / "words.toml").read_text(encoding="utf-8"))
PEOPLE, ROLES, PLACES, DAYS, MONTHS, MONEY, COLOURS = (
    WORDS[name] for name in ("people", "roles", "places", "days", "months", "money", "colours")
)
NUMBERS: dict[int, str] = dict(WORDS["numbers"])
THINGS: dict[str, str] = dict(WORDS["things"])
TRAVEL: dict[str, str] = dict(WORDS["travel"])


@dataclass(frozen=True)
class Scene:
    """All that a sentence may tell, and the ways to tell it: ``tell`` returns them, the plainest first."""

    tell: Callable[[dict[str, str]], Sequence[str]]
    details: dict[str, str]
    changes: Sequence[dict[str, str]]  # each makes it another scene


def sentence(text: str) -> str:
    """Return a text with a capital and an end."""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?" or text.split()[0] in {"Flights", "Trains", "Convert", "Change"} else f"{text}."


def _others(values: Sequence[str], one: str, random: Random) -> str:
    return random.choice([value for value in values if value != one])


def _two_people(random: Random) -> tuple[str, str]:
    if random.random() < 0.6:
        one, other = random.sample(PEOPLE, 2)
        return one, other
    one, other = random.sample(ROLES, 2)
    return f"the {one}", f"the {other}"


def _when(random: Random) -> str:
    number = random.randint(1, 28)
    return random.choice(
        [
            f"on {random.choice(DAYS)}",
            f"in {random.choice(MONTHS)}",
            f"on {number} {random.choice(MONTHS)}",
            "yesterday",
        ]
    )


def _other_when(when: str, random: Random) -> str:
    if when.split()[-1] not in DAYS + MONTHS:
        return "before the holidays"
    last = when.split()[-1]
    return when.replace(last, _others(DAYS if last in DAYS else MONTHS, last, random))


def _both_ways(one: str, other: str) -> dict[str, str]:
    return {one: f"{{{other}}}", other: f"{{{one}}}"}


def giving(random: Random) -> Scene:
    """Return a scene in which something passes from one to another."""
    did, done, got = random.choice(WORDS["giving"])
    thing, number = random.choice([*THINGS, *MONEY]), random.choice(list(NUMBERS))
    one, other = _two_people(random)
    when = _when(random)
    if did == "owed":  # to this day
        did, when = "owes", random.choice(["since last week", "for the tickets", "for lunch", "now"])

    def tell(d: dict[str, str]) -> list[str]:
        count = NUMBERS[int(d["n"])]
        ways = [
            f"{d['a']} {did} {d['b']} {count} {d['thing']} {d['when']}",
            f"{d['when']} {d['a']} {did} {d['b']} {count} {d['thing']}",
            f"{d['a']} {did} {d['b']} {d['n']} {d['thing']} {d['when']}",
            f"{d['b']} {'is' if did == 'owes' else 'was'} {done} {count} {d['thing']} by {d['a']} {d['when']}",
            f"{d['a']} {did} {d['b']} {count} {THINGS.get(d['thing'], d['thing'])} {d['when']}",
        ]
        if did in {"lent", "sold", "gave", "sent", "handed", "showed", "offered", "brought"}:
            ways.append(f"{d['a']} {did} {count} {d['thing']} to {d['b']} {d['when']}")
        if got:
            ways.append(f"{d['b']} {got} {count} {d['thing']} from {d['a']} {d['when']}")
        return ways

    details = {"a": one, "b": other, "n": str(number), "thing": thing, "when": when}
    return Scene(
        tell,
        details,
        [
            {"a": other, "b": one},
            {"a": other, "b": one},
            {"n": _others(list(map(str, NUMBERS)), str(number), random)},
            {"thing": _others([*THINGS, *MONEY], thing, random)},
            {"when": _other_when(when, random)},
            {"a": _others(PEOPLE if one in PEOPLE else [f"the {role}" for role in ROLES], one, random)},
        ],
    )


def acting(random: Random) -> Scene:
    """Return a scene in which one does something to another."""
    did, done, reworded = random.choice(WORDS["acts"])
    one, other = _two_people(random)
    where = random.choice(
        ["in the park", "at the market", "after the trial", "during the break", "at the party", "in court"]
    )
    when = _when(random)

    def tell(d: dict[str, str]) -> list[str]:
        if d["not"]:
            return [
                f"{d['a']} never {did} {d['b']} {d['where']} {d['when']}",
                f"{d['b']} was not {done} by {d['a']} {d['where']} {d['when']}",
            ]
        return [
            f"{d['a']} {did} {d['b']} {d['where']} {d['when']}",
            f"{d['b']} was {done} by {d['a']} {d['where']} {d['when']}",
            f"{d['when']}, {d['a']} {did} {d['b']} {d['where']}",
            f"it was {d['a']} who {did} {d['b']} {d['where']} {d['when']}",
            f"{d['a']} {reworded} {d['b']} {d['where']} {d['when']}"
            if not reworded.endswith(("over", "court"))
            else f"{d['where']} {d['a']} {did} {d['b']} {d['when']}",
        ]

    details = {"a": one, "b": other, "where": where, "when": when, "not": ""}
    return Scene(
        tell,
        details,
        [
            {"a": other, "b": one},
            {"a": other, "b": one},
            {"not": "not"},
            {"when": _other_when(when, random)},
            {"b": _others(PEOPLE if one in PEOPLE else [f"the {role}" for role in ROLES], one, random)},
        ],
    )


def meeting(random: Random) -> Scene:
    """Return a scene whose two persons may be named in either order."""
    verb = random.choice(WORDS["mutual"])
    one, other = _two_people(random)
    when = "" if verb == "resembles" else f" {_when(random)}"

    def tell(d: dict[str, str]) -> list[str]:
        ways = [f"{d['a']} {verb} {d['b']}{d['when']}", f"{d['b']} {verb} {d['a']}{d['when']}"]
        if verb in {"met", "married"}:
            ways.append(f"{d['a']} and {d['b']} {verb}{d['when']}")
        return ways

    details = {"a": one, "b": other, "when": when}
    third = _others([name for name in PEOPLE if name not in (one, other)], one, random)
    return Scene(tell, details, [{"a": third}, {"b": third}])


def travelling(random: Random) -> Scene:
    """Return a scene of somebody on the way."""
    went = random.choice(list(TRAVEL))
    start, end = random.sample(PLACES, 2)
    who, when = random.choice([*PEOPLE, "the family", "the team", "my aunt"]), _when(random)

    def tell(d: dict[str, str]) -> list[str]:
        meant = TRAVEL[d["went"]]
        return [
            f"{d['who']} {d['went']} from {d['a']} to {d['b']} {d['when']}",
            f"{d['when']} {d['who']} {d['went']} from {d['a']} to {d['b']}",
            f"{d['who']} {d['went']} to {d['b']} from {d['a']} {d['when']}",
            f"{d['who']} went from {d['a']} to {d['b']} {meant} {d['when']}",
            f"{d['who']} left {d['a']} for {d['b']} {meant} {d['when']}",
        ]

    details = {"who": who, "a": start, "b": end, "when": when, "went": went}
    return Scene(
        tell,
        details,
        [
            {"a": end, "b": start},
            {"a": end, "b": start},
            {"a": end, "b": start},
            {"when": _other_when(when, random)},
            {"b": _others([place for place in PLACES if place != start], end, random)},
            {"went": _others(list(TRAVEL), went, random)},
        ],
    )


def routes(random: Random) -> Scene:
    """Return a question or a heading about a way."""
    plain, turned = random.choice(WORDS["routes"])
    start, end = random.sample(PLACES, 2)

    def tell(d: dict[str, str]) -> list[str]:
        return [plain.format(**d), turned.format(**d)]

    details = {"a": start, "b": end, "day": random.choice(DAYS), "n": str(random.choice(list(NUMBERS)))}
    third = _others([place for place in PLACES if place != start], end, random)
    return Scene(tell, details, [{"a": end, "b": start}, {"a": end, "b": start}, {"b": third}])


def being(random: Random) -> Scene:
    """Return a scene of something that is so, or not."""
    subjects, states = random.choice(WORDS["states"])
    state, other_word, opposite = random.choice(states)
    subject = random.choice(subjects)
    subject = subject if subject.endswith("ing") else f"the {subject}"
    place = random.choice(["in our street", "near the station", "on the left", "at the corner", "here"])
    when = random.choice(
        ["in the morning", "on weekends", "in winter", "at the moment", "this week", "most of the time"]
    )

    def tell(d: dict[str, str]) -> list[str]:
        is_not, word = (" not" if d["not"] else ""), d["state"]
        ways = [
            f"{subject} {place} is{is_not} {word} {d['when']}",
            f"{d['when']} {subject} {place} is{is_not} {word}",
        ]
        if is_not:
            ways.append(f"{subject} {place} isn't {word} {d['when']}")
        elif word == state:
            ways.append(f"{subject} {place} is {other_word} {d['when']}")
        return ways

    details = {"state": state, "not": "", "when": when}
    return Scene(tell, details, [{"not": "not"}, {"not": "not"}, {"state": opposite}, {"state": opposite}])


def scheduled(random: Random) -> Scene:
    """Return a scene of something that begins at a time."""
    event, begins, reworded, ends = random.choice(WORDS["events"])
    hour, day = random.choice([number for number in NUMBERS if number < 13]), random.choice(DAYS)

    def tell(d: dict[str, str]) -> list[str]:
        verb, word = d["verb"], NUMBERS[int(d["hour"])]
        ways = [
            f"{event} {verb} at {d['hour']} o'clock on {d['day']}",
            f"on {d['day']} {event} {verb} at {d['hour']} o'clock",
            f"{event} {verb} at {word} on {d['day']}",
        ]
        return [*ways, f"{event} {reworded} at {word} o'clock on {d['day']}"] if verb == begins else ways

    details = {"hour": str(hour), "day": day, "verb": begins}
    hours = [str(number) for number in NUMBERS if number < 13]
    return Scene(
        tell,
        details,
        [
            {"hour": _others(hours, str(hour), random)},
            {"hour": _others(hours, str(hour), random)},
            {"day": _others(DAYS, day, random)},
            {"verb": ends},
        ],
    )


def dated(random: Random) -> Scene:
    """Return a scene with a date or an amount."""
    what = random.choice(
        [
            "the contract was signed",
            "the school was founded",
            "the bridge was opened",
            "she was born",
            "the law changed",
            "the shop closed",
        ]
    )
    day, month, year = random.randint(1, 28), random.choice(MONTHS), random.randint(1900, 2025)

    def tell(d: dict[str, str]) -> list[str]:
        return [
            f"{what} on {d['day']} {d['month']} {d['year']}",
            f"{what} on {d['month']} {d['day']}, {d['year']}",
            f"on {d['day']} {d['month']} {d['year']}, {what}",
        ]

    details = {"day": str(day), "month": month, "year": str(year)}
    return Scene(
        tell,
        details,
        [
            {"day": str(day % 28 + 1)},
            {"month": _others(MONTHS, month, random)},
            {"year": str(year + random.choice([-10, -3, -1, 1, 2, 10]))},
        ],
    )


def causing(random: Random) -> Scene:
    """Return a scene of a cause and what came of it; whichever is told first."""
    cause, effect = random.choice(WORDS["causes"])

    def tell(d: dict[str, str]) -> list[str]:
        a, b = d["a"], d["b"]
        return [f"because {a}, {b}", f"{b} because {a}", f"since {a}, {b}", f"{a}, so {b}", f"{b}, as {a}"]

    return Scene(tell, {"a": cause, "b": effect}, [{"a": effect, "b": cause}])


def following(random: Random) -> Scene:
    """Return a scene of two things that are done one after the other."""
    who, first, second = random.choice(WORDS["done"])
    first, second = random.sample((first, second), 2)
    when = random.choice(["", " yesterday evening", " this morning", " as always"])

    def tell(d: dict[str, str]) -> list[str]:
        a, b = d["a"], d["b"]
        return [
            f"{who} {a} before {who} {b}{when}",
            f"before {who} {b}, {who} {a}{when}",
            f"{who} {b} after {who} {a}{when}",
            f"after {who} {a}, {who} {b}{when}",
            f"first {who} {a}, then {who} {b}{when}",
        ]

    return Scene(tell, {"a": first, "b": second}, [{"a": second, "b": first}])


def comparing(random: Random) -> Scene:
    """Return a scene in which one is more than another."""
    more, less = random.choice(WORDS["grades"])
    one, other = _two_people(random)
    much = random.choice(["", "much ", "a little ", "slightly "])

    def tell(d: dict[str, str]) -> list[str]:
        return [f"{d['a']} is {much}{more} than {d['b']}", f"{d['b']} is {much}{less} than {d['a']}"]

    return Scene(tell, {"a": one, "b": other}, [{"a": other, "b": one}])


def colouring(random: Random) -> Scene:
    """Return a scene of two coloured things."""
    thing, other = random.choice(WORDS["hitting"])
    one, two = random.sample(COLOURS, 2)
    verb, done = random.choice([("stood beside", None), ("hit", "hit"), ("covered", "covered"), ("touched", "touched")])

    def tell(d: dict[str, str]) -> list[str]:
        ways = [f"the {d['a']} {thing} {verb} the {d['b']} {other}"]
        turned = f"was {done} by" if done else verb
        return [*ways, f"the {d['b']} {other} {turned} the {d['a']} {thing}"]

    return Scene(tell, {"a": one, "b": two}, [{"a": two, "b": one}, {"a": _others(COLOURS, one, random)}])


SCENES = (
    giving, acting, meeting, travelling, routes, being, scheduled, dated, causing, following, comparing, colouring,
)  # fmt: skip


def pairs(seed: int) -> Iterator[dict[str, object]]:
    """Yield pairs of sentences without end, half of them with label 1, each once."""
    random = Random(seed)
    seen: set[tuple[str, str]] = set()
    while True:
        make = random.choice(SCENES)
        scene = make(random)
        ways = list(scene.tell(scene.details))
        same = random.random() < 0.5
        if same:
            one, other = random.sample(ways, 2)
        else:
            changed = scene.details | random.choice(scene.changes)
            others = scene.tell(changed)
            # Often told in the same way, so that only the detail differs, and as often in another.
            one, other = (ways[0], others[0]) if random.random() < 0.5 else (random.choice(ways), random.choice(others))
            if other in ways:
                continue
        both = sentence(one), sentence(other)
        if both[0] != both[1] and both not in seen:
            seen.add(both)
            yield {"sentence1": both[0], "sentence2": both[1], "label": int(same), "kind": make.__name__}


def main() -> None:
    """Write the pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", "-o", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with atomic_file(options.output) as draft:
        draft.write_text("".join(json.dumps(row) + "\n" for row in islice(pairs(options.seed), options.pairs)), "utf-8")


if __name__ == "__main__":
    main()
