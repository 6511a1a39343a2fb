"""Bugs in what users do with their accounts and shops, and in what operators do with them."""

from tests.simulation.mutants.engine import Mutant
from tests.simulation.mutants.operations import always, argument, drop, never, only, value, without

PEOPLE = (
    Mutant("a closed account is admitted", "closed-account", never()),
    Mutant("closing an account is no event", "closing-is-no-event", without(4)),
    Mutant("a dismissed member moves orders", "dismissed-member", without(2)),
    Mutant("a dismissed member runs the shop", "dismissed-runs-shop", without(2)),
    Mutant("an operator enrols without a code", "operator-enrols-without-code", always()),
    Mutant("an enrolment from before the role is confirmed", "operator-confirms-without-code", never()),
    Mutant("an enrolment code admits every factor", "enrolment-code-again", without("enrolment_code")),
    Mutant("an operator needs no second factor", "operator-without-factor", never()),
    Mutant("an ended session is admitted", "ended-sign-in", without(1)),
    Mutant("signing out everywhere ends nothing", "signed-out-everywhere", without(2)),
    Mutant("the time of a sign-out moves back", "sign-out-moves-back", only(1)),
    Mutant("a sign-in ahead of the clock outlives a sign-out", "clock-ahead", without(3)),
    Mutant("a code of the authenticator works twice", "code-twice", never()),
    Mutant("a recovery code works twice", "recovery-code-twice", only("1.1.1")),
    Mutant("wrong codes are not counted", "wrong-codes-uncounted", only("1.1")),
    Mutant("an operator needs no recent MFA", "no-second-factor", drop()),
    Mutant("an admin action leaves no entry in the audit log", "no-audit-entry", drop()),
    Mutant("a removed default address stays the default", "default-stays", always()),
    Mutant("an address is added once for each click", "place-for-each-click", argument(4, "None")),
    Mutant("an order that has ended shows its address", "address-stays", only(1)),
    Mutant("the timeline names who works for the shop", "timeline-names", value("event.actor")),
    Mutant("a block holds in one direction", "one-direction", only("2.1")),
    Mutant("a block that is taken back leaves nothing to tell it by", "block-without-trace", without(2)),
    Mutant("a document is reviewed in any state", "reviewed-in-any-state", never()),
    Mutant("a revoked document stays in the record", "revoked-stays", argument("approved.1.if", "True")),
    Mutant("a verification document never expires", "never-expires", never()),
    Mutant("a driver with expired documents gets an offer", "expired", value("True")),
    Mutant("a revoked document of a driver is not checked", "driver-revocation-unseen", argument(3, "True")),
    Mutant("a revoked licence is not checked", "licence-unseen", always()),
    Mutant("an archived zone is still served", "archived-zone", without("where.2")),
    Mutant("what a merchant thinks of a customer does not count", "customer-rating-ignored", never()),
    Mutant(
        "a merchant's rating counts a review at each delivery",
        "rating-counted-again",
        argument(1, "f'{it} {before.rating_count}'"),
    ),
)
