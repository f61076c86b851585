"""SOX6xx: records and signatures."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE, WARNING
from sox_hooks.policy.rules.rule import Rule

_NEW_RECORDS = "sox-hooks resign --reason WHY BASE..HEAD"
_AGAIN = f"The author makes new records, then pushes again: {_NEW_RECORDS}"
# A record that does not count is replaced only on demand: it may be a trace of what somebody tried.
_IN_ITS_PLACE = "sox-hooks resign --all --reason WHY BASE..HEAD"
_REPLACED = f"The author puts her own record in its place, then pushes again: {_IN_ITS_PLACE}"

ALL = (
    Rule(
        "SOX601",
        "unrecorded",
        ERROR,
        "The commit carries no record.",
        "The hook did not run: it was bypassed, not installed, or the commit was made where there are no hooks.",
        f"The author installs the hook (sox-hooks install), then: {_NEW_RECORDS}",
    ),
    Rule(
        "SOX602",
        "record-malformed",
        ERROR,
        "The commit's record cannot be read.",
        "A record has one exact form; anything else was edited, damaged or made up.",
        _REPLACED,
    ),
    Rule(
        "SOX603",
        "record-doubled",
        ERROR,
        "The final trailer block holds more than one record, or one of its lines twice.",
        "Two records say two things; different readers would believe different ones.",
        _REPLACED,
    ),
    Rule(
        "SOX604",
        "signature-wrong",
        ERROR,
        "The record's signature is not a signature of this record by the key in it.",
        "Something that was signed has been changed, it was signed for another repository, or never at all.",
        _REPLACED,
    ),
    Rule(
        "SOX605",
        "key-unknown",
        ERROR,
        "The record is signed by a key that .sox/allowed_signers does not have.",
        "Anybody can make a key; only the enrolled ones stand for a person.",
        "The person enrols the key (sox-hooks keys enrol), and has that merged before this change",
    ),
    Rule(
        "SOX606",
        "key-not-valid",
        ERROR,
        "The key that signed was not valid then: not yet, no longer, or revoked.",
        "In a gate the moment that counts is now: a leaver's key must not open the door through an old date.",
        f"The author signs with a key that is valid now: {_IN_ITS_PLACE}",
    ),
    Rule(
        "SOX607",
        "trailers-misplaced",
        WARNING,
        "Trailers of ours stand outside the final trailer block, where nobody reads them as a record.",
        "Squash messages carry the records of their sources rightly; elsewhere it is a record that was pushed aside.",
        f"If this commit has no record of its own, its author makes one: {_NEW_RECORDS}",
    ),
    Rule(
        "SOX608",
        "content-not-bound",
        ERROR,
        "The commit's content is not what was signed.",
        "The record stands for one change; this is another (a conflict solved by hand, an edit, stolen trailers).",
        _AGAIN,
    ),
    Rule(
        "SOX609",
        "claim-changed",
        ERROR,
        "AI-Assistance or Assisted-by were changed after signing.",
        "The claim is what the signature is there to protect.",
        _AGAIN,
    ),
    Rule(
        "SOX610",
        "adoption",
        NOTE,
        "This commit brings in the policy, so that no policy governs it.",
        "The first policy cannot vouch for itself: a person has to read and approve it.",
        "Review the files of .sox/ in this commit by hand; nothing else is to be done",
    ),
    Rule(
        "SOX612",
        "author-is-somebody-else",
        ERROR,
        "The author of the commit is not the person whose key signed its record.",
        "Nobody may record work under another person's name, or their own work under another's record.",
        f"The author signs her own records: {_IN_ITS_PLACE}",
    ),
    Rule(
        "SOX613",
        "policy-not-in-history",
        ERROR,
        "The policy named in the record never governed the protected branch, or is older than the range's base.",
        "A record made under a policy of one's own choosing says nothing about the one in force.",
        f"Fetch the protected branch, then make new records under its policy: {_NEW_RECORDS}",
    ),
    Rule(
        "SOX614",
        "record-used-twice",
        ERROR,
        "The same signed record stands on two commits of one history.",
        "A record is good for one commit; after a revert, anybody could bring the change back under the old one.",
        f"The author of the second commit makes her own record: {_NEW_RECORDS}",
    ),
    Rule(
        "SOX615",
        "relation-not-accepted",
        ERROR,
        "The commit is bound to its record in a way that a tier it touches does not accept.",
        "The same lines in another place are not always the same meaning; strict tiers want the very change.",
        _AGAIN,
    ),
    Rule(
        "SOX616",
        "record-version-unknown",
        ERROR,
        "The record has a version that this program does not know.",
        "Guessing at a newer format could call a wrong record good; not knowing is an answer of its own.",
        "Update sox-hooks where this was checked, then run the check again",
    ),
    Rule(
        "SOX617",
        "object-missing",
        ERROR,
        "Something that is needed for a verdict is not in this clone.",
        "A shallow or partial clone hides history; what cannot be seen is neither good nor bad.",
        "Fetch all of it: git fetch --unshallow (in CI: fetch-depth: 0), then run the check again",
    ),
    Rule(
        "SOX618",
        "commit-malformed",
        ERROR,
        "The commit object is not one that git itself would write.",
        "Readers disagree about doubled or odd headers, and so about who wrote what.",
        "Make the commit again with git commit; do not merge this one",
    ),
    Rule(
        "SOX619",
        "author-address-replaced",
        NOTE,
        "The author's address was replaced by another address of the same person, as forges do.",
        "The record was signed under the other address; it is the same person, so the record holds.",
        "Nothing is to be done; to avoid it, use one address at the desk and at the forge",
    ),
    Rule(
        "SOX621",
        "record-in-the-future",
        ERROR,
        "The record's time lies in the future.",
        "Keys, trainings and exceptions hold for a time; a later time could borrow one that does not hold yet.",
        f"Set the clock right, then make new records: {_NEW_RECORDS}",
    ),
    Rule(
        "SOX622",
        "follows-from-others",
        NOTE,
        "The commit has no record of its own; it follows from other commits, which are named.",
        "A revert or a squash is proven by its content: nothing came in that is not in its sources.",
        "Nothing is to be done",
    ),
    Rule(
        "SOX623",
        "policy-unusable",
        ERROR,
        "The policy that governs the commit cannot be used.",
        "Without a policy that can be read nobody can say what was allowed.",
        "Mend .sox/ on the protected branch (sox-hooks policy lint), and review by hand what was landed meanwhile",
    ),
)
