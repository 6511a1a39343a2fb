"""Bugs in what people do with their accounts and shops, and in what operators do with them."""

from tests.simulation.mutants.engine import Mutant

SESSIONS, FACTOR = "shared.identity.sessions", "shared.identity.second_factor"
VERIFICATION, BLOCKS = "shared.verification", "shared.reviews.blocks"

PEOPLE = (
    Mutant(
        "a sign-in that was ended goes on",
        "shared.kernel.access:demand_session",
        "person.session_id in status.revoked_sessions or ",
        "",
    ),
    Mutant(
        "signing out everywhere ends nothing",
        "shared.kernel.access:demand_session",
        " or (after and person.signed_in_at <= after)",
        "",
    ),
    Mutant(
        "the moment of a sign-out moves back",
        f"{SESSIONS}:signed_out",
        "max(now, account.tokens_valid_after or now, account.signed_in_at or now)",
        "now",
    ),
    Mutant(
        "a sign-in from just ahead of the clock outlives a sign-out",
        f"{SESSIONS}:signed_out",
        ", account.signed_in_at or now",
        "",
    ),
    Mutant(
        "a code of the authenticator works twice",
        f"{FACTOR}:attempted",
        "if code.step <= factor.last_step:",
        "if False:",
    ),
    Mutant(
        "a recovery code works twice",
        f"{FACTOR}:attempted",
        "_unlocked(replace(factor, recovery=left))",
        "_unlocked(factor)",
    ),
    Mutant(
        "wrong codes are not counted",
        f"{FACTOR}:attempted",
        "Attempt(_failed(factor, at, rules), CodeWrong())",
        "Attempt(factor, CodeWrong())",
    ),
    Mutant(
        "an operator needs no second factor",
        "shared.edge.auth:_operator",
        "    demand_recent_mfa(status, request.app.state.runtime.clock())\n",
        "",
    ),
    Mutant(
        "a deed leaves no entry in the audit",
        "shared.adapters.firestore.identity:_changed",
        "writes += _audited(docs, uid, after.entry)",
        "pass",
    ),
    Mutant(
        "the default place goes and stays the default",
        "shared.profiles.addresses:removed",
        ' if profile.default_address in left else next(iter(left), "")',
        "",
    ),
    Mutant(
        "a place is added once for each click",
        "shared.profiles.usecases.change_addresses:add_address",
        "address_id, decide, idempotency)",
        "address_id, decide, None)",
    ),
    Mutant(
        "a block holds in one direction",
        f"{BLOCKS}:block",
        "_apart(pair.theirs, pair.mine.uid)",
        "pair.theirs",
    ),
    Mutant(
        "a block that is taken back leaves nothing to tell it by",
        "shared.adapters.firestore.blocks:_pair_writes",
        " or after.my_block != before.my_block",
        "",
    ),
    Mutant(
        "a document is reviewed in any state",
        f"{VERIFICATION}.transitions:moved",
        "if (document.state, target) not in _LEGAL:",
        "if False:",
    ),
    Mutant(
        "a revoked document stays in the record",
        f"{VERIFICATION}.transitions:without",
        "found for found in record.approved if found.document_id != document_id",
        "found for found in record.approved",
    ),
    Mutant(
        "a verification document never expires",
        f"{VERIFICATION}.expiry:sweep",
        "if document.state_at(now) is DocumentState.EXPIRED:",
        "if False:",
    ),
    Mutant(
        "a driver is asked whose papers are over",
        "shared.dispatch.drivers:Driver.has_valid_documents",
        "self.documents_valid_until is None or at < self.documents_valid_until",
        "True",
    ),
    Mutant(
        "nobody looks when a driver's papers are taken back",
        "shared.dispatch.usecases.check_driver_documents:check_driver_documents",
        "or until is None:",
        "or True:",
    ),
    Mutant(
        "nobody looks when a licence is taken back",
        "shared.catalogue.usecases.check_licence:check_licence",
        "stored if until is None or not stored.open else with_licence(stored, until, now)",
        "stored",
    ),
    Mutant(
        "an archived zone is still served",
        "shared.adapters.firestore.zones:FirestoreZones.serving",
        ', ("active", "==", True)',
        ",",
    ),
    Mutant(
        "what a merchant thinks of a customer does not count",
        "shared.reviews.ratings:count_review",
        "if review.subject_kind is ReviewSubject.CUSTOMER:",
        "if False:",
    ),
    Mutant(
        "a merchant's rating counts a review at each delivery",
        "shared.adapters.firestore.catalogue:FirestoreMerchants.count_review",
        "created = counted.create(review_id, CountedReview(review_id))",
        'created = counted.create(f"{review_id} {before.rating_count}", CountedReview(review_id))',
    ),
)
