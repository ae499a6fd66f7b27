"""Where everybody is and what they carry; nothing happens there that could not."""

from dataclasses import dataclass, field


@dataclass
class Island:
    """People and things; whoever has not been seen yet is nowhere."""

    place_of: dict[str, str] = field(default_factory=dict)
    """Person -> place."""
    carrier_of: dict[str, str] = field(default_factory=dict)
    """Thing -> person, those taken first standing first."""
    path_of: dict[str, list[str]] = field(default_factory=dict)
    """Thing -> its places so far, the present one last."""

    def move(self, who: str, place: str) -> None:
        """Somebody goes to another place with all that they carry."""
        if self.place_of.get(who) == place:
            raise ValueError(f"`place` must be another than where {who} is, but is {place}.")
        self.place_of[who] = place
        for thing in self.carried_by(who):
            self.path_of[thing].append(place)

    def take(self, who: str, thing: str) -> None:
        """Somebody picks up what lies where they are."""
        if thing not in self.in_reach_of(who, [thing]):
            raise ValueError(f"`thing` must lie where {who} is, but the {thing} does not.")
        self.carrier_of[thing] = who
        self.path_of.setdefault(thing, [self.place_of[who]])

    def drop(self, who: str, thing: str) -> None:
        """Somebody leaves a thing where they are."""
        self._check_carries(who, thing)
        del self.carrier_of[thing]

    def give(self, who: str, thing: str, whom: str) -> None:
        """Somebody hands a thing to somebody at the same place."""
        self._check_carries(who, thing)
        if self.place_of[who] != self.place_of.get(whom) or who == whom:
            raise ValueError(f"`whom` must be where {who} is, but {whom} is not.")
        del self.carrier_of[thing]
        self.carrier_of[thing] = whom

    def carried_by(self, who: str) -> list[str]:
        """In the order in which they were taken."""
        return [thing for thing, carrier in self.carrier_of.items() if carrier == who]

    def in_reach_of(self, who: str, things: list[str]) -> list[str]:
        """Things that lie where somebody is, or that nobody has seen yet."""
        here = self.place_of[who]
        free = [thing for thing in things if thing not in self.carrier_of]
        return [thing for thing in free if self.path_of.get(thing, [here])[-1] == here]

    def near(self, who: str) -> list[str]:
        """Others at the same place."""
        here = self.place_of[who]
        return [other for other, place in self.place_of.items() if place == here and other != who]

    def _check_carries(self, who: str, thing: str) -> None:
        if self.carrier_of.get(thing) != who:
            raise ValueError(f"`thing` must be carried by {who}, but the {thing} is not.")
