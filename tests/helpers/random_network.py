"""Small random networks as scenario texts: every kind of station, routes that lead back, limits and money. A seed gives the same
network on every machine."""

import json
import random
import re

FROM, TO = "2023-01-01", "2023-02-09"
CLASSES = ["a", "b", "c"]


class RandomNetwork:
    """Ways that take no time lead forward, so that nobody goes in circles within a moment; the others lead anywhere."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.inner = [f"s{i}" for i in range(self.random.randint(3, 7))]
        self.stations = {name: self.station(i) for i, name in enumerate(self.inner)}
        everywhere = {f"to_{name}": {"share": 0.9 / len(self.inner), "to": name} for name in self.inner}
        self.stations["hub"] = {"kind": "choice", "options": {**everywhere, "last": {"share": "rest", "to": "out"}}}
        for i in range(self.random.randint(1, 2)):
            self.stations[f"in{i}"] = self.source()
        self.stations["out"] = {"kind": "sink", "counts_as": ["gone"]}

    def text(self):
        scenario = {
            "title": "A random network", "from": FROM, "to": TO, "record": {"bins": "day"},
            "classes": {"class": CLASSES},
            "measures": {"came": {}, "gone": {}, "seen": {"per_person": True}},
            "capacities": {"staff": {"per_day": self.size()}},
            "accounts": {"purse": {"opening_mxn": self.size() * 1000, "monthly_release_mxn": self.size() * 300,
                                   "unit_cost_mxn": {"stop": self.number(1, 300), "ride": self.number(1, 300)}}},
            "ballots": {"app": {"oldest_share": self.random.choice([0, 0.3, 1]), "no_show": self.random.choice([0, 0.2, 1]),
                                "lead": self.duration(), "offices": {o: {"slots_per_day": self.size()} for o in "xy"}}},
            "stations": self.stations,
        }
        # JSON is YAML, too, but that dates and `rest` have no quotes.
        return re.sub(r'"(\d{4}-\d\d-\d\d|rest)"', r"\1", json.dumps(scenario, indent=1))

    # Numbers.

    def maybe(self, chance=0.5):
        return self.random.random() < chance

    def number(self, low, high):
        return float(f"{self.random.uniform(low, high):.4g}")

    def size(self):
        return float(f"{10 ** self.random.uniform(0, 2.3):.3g}")

    def by_class(self, low, high):
        return {c: self.number(low, high) for c in CLASSES} if self.maybe(0.3) else self.number(low, high)

    def duration(self):
        family = self.random.choice(["constant", "exponential", "erlang", "gamma", "lognormal", "weibull"])
        shape = {"erlang": self.random.randint(2, 5), "gamma": self.number(0.6, 4), "lognormal": self.number(0.2, 1.2),
                 "weibull": self.number(0.6, 2.5)}
        result = {"distribution": family, "mean_days": self.number(0.05, 9)}
        return {**result, "shape": shape[family]} if family in shape else result

    # Where to.

    def forward(self, i):
        return self.random.choice(self.inner[i + 1:] + ["out"])

    def anywhere(self):
        return self.random.choice(self.inner + ["hub", "out"])

    # Kinds.

    def station(self, i):
        return self.random.choice([self.choice, self.stay, self.stay, self.gate, self.gate, self.queue, self.departures,
                                   self.ballot])(i)

    def choice(self, i):
        options = {f"o{k}": {"share": self.number(0, 0.3), "to": self.forward(i)} for k in range(self.random.randint(0, 2))}
        return {"kind": "choice", "options": {**options, "last": {"share": "rest", "to": self.forward(i)}}}

    def stay(self, i):
        result = {"kind": self.random.choice(["delay", "stay"]), "duration": self.duration(), "to": self.anywhere()}
        if self.maybe():
            result["hazards"] = {f"h{k}": {"per_day": self.by_class(0, 0.8), "to": self.anywhere()}
                                 for k in range(self.random.randint(1, 2))}
        if self.maybe(0.4):
            result.update(room=self.size(), full=self.forward(i))
        return result

    def gate(self, i):
        outcomes = []
        for k in range(self.random.randint(0, 2)):
            outcome = {"name": f"x{k}", "share": self.by_class(0, 1), "to": self.forward(i), "counts_as": ["seen"]}
            if self.maybe(0.4):
                outcome["seats_per_day"] = self.size()
            if self.maybe(0.4):
                outcome.update(item="ride", item_units=self.by_class(0.5, 4))
            outcomes.append(outcome)
        result = {"kind": "gate", "stop_probability": self.by_class(0, 1), "to": self.forward(i), "pays": "purse",
                  "outcomes": outcomes + [{"name": "go", "to": self.forward(i)}]}
        if self.maybe(0.4):
            result["capacity"] = "staff"
        return result

    def patience(self):
        return {"patience": self.duration(), "renege": self.anywhere()} if self.maybe() else {}

    def queue(self, i):
        result = {"kind": "queue", "to": self.forward(i), **self.patience()}
        if self.maybe():
            result["per_day"] = self.size()
        else:
            result.update(servers=self.size(), service=self.duration())
        discipline = self.random.choice(["fifo", "lottery", "priority"])
        result["discipline"] = discipline
        if discipline == "priority":
            result["priority"] = {c: self.random.randint(0, 3) for c in CLASSES}
        if self.maybe(0.3):
            result.update(room=self.size(), balk_probability=self.number(0, 1), balk=self.forward(i))
        return result

    def departures(self, i):
        result = {"kind": "departures", "seats": self.size(), "every_days": self.random.randint(1, 4), "to": self.anywhere(),
                  **self.patience()}
        return {**result, "pays": "purse", "item": "ride"} if self.maybe(0.3) else result

    def ballot(self, i):
        return {"kind": "ballot", "ballot": "app", "preference": {"x": self.by_class(0.1, 1), "y": self.number(0.1, 1)},
                "offices": {"x": self.anywhere(), "y": self.anywhere()}, "no_show": self.anywhere(), **self.patience()}

    def source(self):
        result = {"kind": "source", "per_day": self.size(), "mix": {"class": {c: self.number(0.1, 3) for c in CLASSES}},
                  "to": "hub", "counts_as": ["came"]}
        if self.maybe():
            result["batches"] = [{"name": f"b{k}", "on": f"2023-01-{self.random.randint(2, 31):02d}",
                                  "people": self.size() * 10} for k in range(self.random.randint(1, 2))]
            result["cohesion_days"] = self.number(1, 30)
        return result
