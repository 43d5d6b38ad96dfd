"""Where decoded sound belongs in time, from time stamps that may be late, missing or wrong."""

from enum import Enum, auto

# Containers stamp whole milliseconds, and browser recorders stamp by the wall clock: below this a
# difference is rounding, and sound is joined up as it comes. Two packets of Opus.
_TOLERANCE = 0.040
# A hole longer than this is taken for a broken clock (a chained file, a phone that changed its time).
_MAX_GAP = 3600.0
# Sound that claims to overlap what was there by more than this is a clock set back, not an overlap.
_MAX_OVERLAP = 1.0


class Placement(Enum):
    """What to do with a stretch of sound: join it to the last one, fill a gap first, or leave it out."""

    JOIN = auto()
    GAP = auto()
    DROP = auto()


class Timeline:
    """Follows time stamps as a player does: late sound plays late, repeated sound plays once.

    All times are seconds; `zero` is the time stamp that the player shows as 0:00. After a jump that can't be
    meant (`jumps` counts them) the time goes on from where it was.
    """

    def __init__(self, zero: float) -> None:
        self._zero = zero
        self._next = 0.0
        self._started = False
        self._trusted = True
        self._dropped = 0.0
        self.jumps = 0

    @property
    def position(self) -> float:
        """Where the next sound goes if it joins, seconds from 0:00."""
        return self._next

    def place(self, stamp: float | None, length: float) -> Placement:
        """Say where a stretch of sound goes: at `position` as it stands afterwards, less `length`.

        Args:
            stamp: its time stamp, seconds; None if it has none.
            length: how long it is, seconds.
        """
        placement = self._judge(stamp, length)
        if placement is not Placement.DROP:
            self._next += length
            self._dropped = 0.0
        return placement

    def _judge(self, stamp: float | None, length: float) -> Placement:
        if stamp is None or not self._trusted:
            return Placement.JOIN
        late = stamp - self._zero - self._next
        tolerance = _TOLERANCE if self._started else 0.0
        self._started = True
        if -_TOLERANCE <= late <= tolerance:
            return Placement.JOIN
        if 0 < late <= _MAX_GAP:
            self._next += late
            return Placement.GAP
        if -_MAX_OVERLAP <= late < 0:
            return self._overlap(length)
        self.jumps += 1
        self._zero += late
        return Placement.JOIN

    def _overlap(self, length: float) -> Placement:
        self._dropped += length
        if self._dropped <= _MAX_OVERLAP:
            return Placement.DROP
        # Stamps that stand still are worth nothing: without this, all the sound after them would be left out.
        self._trusted = False
        self.jumps += 1
        return Placement.JOIN
