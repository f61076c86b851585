"""What cannot be stopped, and the words of the threat model that admit it.

Each pair is the name of an attack in `test_attack_limits.py` and a phrase of `docs/explanation/threat-model.md` (white
space does not matter). A limit without such words, or words without the limit, fails the tests.
"""

from __future__ import annotations

ADMITTED = {
    "owner lies about ai": "That a signed claim is true",
    "owner signs without the hook": "That a signed claim is true",
    "agent uses the key of its user": "can be used by every program of the same user",
    "subject changed": "the subject and the body are not covered",
    "author name and dates changed": "the author's name",
    "committer changed": "The committer",
    "record dated back by the owner": "the dates",
    "replay to another branch": "replayed to another branch",
    "fork with the same repository id": "a fork with the same repository id",
    "squashed request offered again": "offered again passes the gate",
    "revert of a revert that landed": "neither does the revert of a revert",
    "same lines with another meaning": "That moved lines keep their meaning",
    "two verified commits add up to something": "A clean merge can combine them",
    "tree exchanged in the clone that verifies": "can still exchange a tree",
    "memory made with the key of the verifier": "can make the verifier remember what never was",
    "log deleted before the first push": "A deleted log looks like a new clone",
    "record of a log that was put back dated back as well": "looks like one of a branch that was merged late",
}
