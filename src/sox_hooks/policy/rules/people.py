"""SOX4xx: people, keys, training."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE
from sox_hooks.policy.rules.rule import Rule

ALL = (
    Rule(
        "SOX401",
        "person-not-known",
        ERROR,
        "Nobody in .sox/people.toml answers for this change.",
        "Every change needs a person (or a service with an owner) who can be asked about it.",
        "Run sox-hooks init and have the lines it adds to .sox/people.toml and .sox/allowed_signers merged",
    ),
    Rule(
        "SOX402",
        "training-missing",
        ERROR,
        "The tier asks for a training that the person has not, not yet, or no longer on the day of the change.",
        "Who uses AI on such code must know its limits before, not after.",
        "Take the training and have it entered in .sox/people.toml, or make the change without AI",
    ),
    Rule(
        "SOX403",
        "exception-not-usable",
        ERROR,
        "The change claims an exception that does not exist, or that does not cover it.",
        "An exception holds for a tool, paths, persons and days, approved by somebody else: for nothing wider.",
        "Ask for an exception that covers this change, or remove the exception's id from the command",
    ),
    Rule(
        "SOX404",
        "key-not-enrolled",
        ERROR,
        "The key that signs is not in .sox/allowed_signers, or its person is not in .sox/people.toml.",
        "A signature by a key that nobody vouches for proves nothing about who made it.",
        "Run: sox-hooks keys enrol, and have the new line of .sox/allowed_signers merged",
    ),
    Rule(
        "SOX405",
        "author-is-not-the-keys-owner",
        ERROR,
        "The author's e-mail address does not belong to the person whose key answers for the change.",
        "Training, roles and exceptions are personal; nobody may borrow another person's standing.",
        "Commit under your own address (git config user.email), or have it added to your entry in .sox/people.toml",
    ),
    Rule(
        "SOX406",
        "hardware-key-required",
        ERROR,
        "The tier asks for a signature by a hardware key that a person touched, and this is not one.",
        "A program can use a key file on its own; touching a security key takes a person.",
        "Sign with a security key: ssh-keygen -t ed25519-sk, then sox-hooks keys enrol",
    ),
    Rule(
        "SOX407",
        "key-weak-or-long",
        NOTE,
        "The key is an RSA key: short ones are weak, long ones make every signature 17 to 22 lines long.",
        "An Ed25519 signature is as strong as RSA of about 3,000 bits and takes four lines of the message.",
        "Make a new key: ssh-keygen -t ed25519, then sox-hooks keys enrol",
    ),
    Rule(
        "SOX408",
        "person-without-key",
        NOTE,
        "The person has no key in .sox/allowed_signers.",
        "Nothing that this person commits can be recorded; who only reviews or approves needs no key.",
        "If the person commits: sox-hooks keys enrol on their machine, and have the new line merged",
    ),
)
