"""Bugs in what is made of people's texts and devices' values."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import always, before, never, value

INPUTS = (
    Mutant("0, 0 is taken for a position", "null-island", value("True")),
    Mutant("one bad position refuses its batch", "poisoned-batch", before("if faulty: raise ValueError")),
    Mutant("a clock that says 1970 is believed", "broken-clock", always()),
    Mutant("a position that is not valid counts", "vague-position", value("False")),
    Mutant("a position that software made counts", "simulated-position", never()),
    Mutant("a jump moves the driver", "jump-believed", value("False")),
    Mutant("a version of a menu that an order pins is deleted", "pinned-menu-pruned", always()),
    Mutant("the middle of an area is taken for an address", "vague-address", never()),
)
