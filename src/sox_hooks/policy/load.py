"""From the bytes of `.sox/` to a `Policy`, or to everything that is wrong with them."""

from __future__ import annotations

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.findings import ERROR, Finding, Place
from sox_hooks.policy.document import Findings, TooManyFindings, meant, read_document
from sox_hooks.policy.source import EXCEPTIONS, PEOPLE, POLICY, REQUIRED, SIGNERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.policy.model import Policy
    from sox_hooks.policy.source import PolicyFiles

# Places name files as they stand in the work tree, whatever they were read from: that is where they are mended.
FOLDER = ".sox/"


def load(files: PolicyFiles) -> tuple[Policy | None, tuple[Finding, ...]]:
    """The policy, and what there is to say about its files. None if any finding is an error. Never raises."""
    findings = Findings()
    try:
        policy = _load(files, findings)
    except TooManyFindings:
        policy = None
    return (None if findings.failed else policy), tuple(findings.all)


def load_or_fail(files: PolicyFiles) -> Policy:
    """The policy. Raises `ConfigError` with the first error, its place, and how many more there are."""
    policy, findings = load(files)
    if policy is not None:
        return policy
    errors = [entry for entry in findings if entry.severity == ERROR]
    others = [entry for entry in findings if entry.severity != ERROR]
    first, more = errors[0], len(errors) - 1
    what = f"{first.place}: {first.message}" if first.place else first.message
    raise ConfigError(
        what + (f" (and {more} more)" if more else ""),
        where=f"the policy in {files.origin}" if files.origin else "",
        why=first.why,
        fix=first.fix,
        rule=first.rule,
        findings=(*errors, *others),
    )


def _load(files: PolicyFiles, findings: Findings) -> Policy | None:
    from sox_hooks.policy.exceptions import read_exceptions
    from sox_hooks.policy.people import read_people
    from sox_hooks.policy.policy_file import read_policy
    from sox_hooks.policy.signers import parse_allowed_signers

    contents = dict(files.files)
    if len(contents) != len(files.files):  # git can be made to store such a tree; git fsck complains about it
        findings.add("SOX006", f"{FOLDER} holds two files of one name", None, fix="git fsck --full")
    for name in REQUIRED:
        if name not in contents:
            others = [other for other in contents if other not in (*REQUIRED, EXCEPTIONS)]
            findings.add("SOX015", f"{FOLDER}{name} is missing{meant(name, others)}", Place(FOLDER + name))
    documents = {
        name: read_document(FOLDER + name, contents.get(name, b""), findings) for name in (POLICY, PEOPLE, EXCEPTIONS)
    }
    policy_file, people_file, exceptions_file = documents.values()
    # What refers to a file that cannot be read would only look wrong.
    if findings.failed or policy_file is None or people_file is None or exceptions_file is None:
        return None
    people = read_people(people_file)
    policy = read_policy(policy_file, files.identity, people)
    exceptions = read_exceptions(exceptions_file, policy)
    signers, about_signers = parse_allowed_signers(contents[SIGNERS], FOLDER + SIGNERS, people)
    findings.all.extend(about_signers)
    return policy.replace(exceptions=exceptions, signers=signers)
