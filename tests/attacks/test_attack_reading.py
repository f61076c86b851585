"""Attacks on what the verifier reads: everything in a clone, its configuration and the environment that bends git.

Each of them hides, or tries to hide, the same thing: a commit with other content than its record says.
"""

from __future__ import annotations

import os

import pytest

from tests.attacks.desk import ALICE, MALLORY, Attacks, Desk, Judged
from tests.attacks.forged_index import lead_astray
from tests.stage import policy_files

attacks = Attacks()
GOOD = {"src/app.py": "good()\n"}
HIDDEN = "unbound SOX608"


def hide(desk: Desk) -> tuple[str, str]:
    """The evil commit, which is `evil`, and the honest one whose message it has."""
    honest = desk.record(GOOD)
    desk.git("tag", "honest")
    desk.git("reset", "-q", "--hard", "main")
    desk.repo.write("src/app.py", "evil()\n")
    desk.git("add", "-A")
    tree = desk.git("write-tree")
    evil = desk.point(desk.commit_tree(tree, (desk.adoption,), desk.message(honest)))
    desk.clone()
    return evil, honest


@attacks.stopped(HIDDEN, gains="a replacement shows an honest commit in the place of the evil one")
def git_replace(desk: Desk) -> str:
    evil, honest = hide(desk)
    desk.ci.git("replace", evil, honest)
    assert desk.ci.git("show", "origin/evil:src/app.py") == "good()"
    return evil


@attacks.stopped(HIDDEN, gains="a replacement comes with the fetch of all refs")
def replacement_that_was_pushed(desk: Desk) -> str:
    evil, honest = hide(desk)
    desk.git("replace", evil, honest)
    desk.ci.git("fetch", "-q", "--update-head-ok", "origin", "+refs/*:refs/*")
    return evil


@attacks.stopped(HIDDEN, gains="a replaced policy tree makes other rules")
def replaced_policy(desk: Desk) -> str:
    evil, _ = hide(desk)
    other = desk.ci.git("mktree", data=b"")
    desk.ci.git("replace", "-f", desk.ci.git("rev-parse", "origin/main:.sox"), other)
    return evil


@attacks.stopped(HIDDEN, gains="a graft cuts the evil commit off from the range")
def grafts(desk: Desk) -> str:
    evil, _ = hide(desk)
    tip = desk.commit_tree(desk.git("rev-parse", "evil^{tree}"), (evil,), b"Tip\n")
    desk.point(tip)
    desk.ci.git("fetch", "-q", "origin")
    (desk.ci.path / ".git/info").mkdir(exist_ok=True)
    (desk.ci.path / ".git/info/grafts").write_text(f"{tip} {desk.adoption}\n")
    return evil


@attacks.stopped("exit 4: ", gains="a clone that is cut off shows the evil commits as the past that nobody judges")
def shallow_clone(desk: Desk) -> Judged:
    hide(desk)
    desk.point(desk.record({"src/more.py": "more()\n"}))
    desk.ci.path.rename(desk.ci.path.with_name("first"))
    desk.clone("--depth=1", "--no-single-branch")
    return desk.judge()


@attacks.stopped(HIDDEN, gains="a mailmap makes the author somebody else")
def mailmap(desk: Desk) -> str:
    evil, _ = hide(desk)
    (desk.ci.path / ".mailmap").write_text("Bob <bob@bank.example> <alice@bank.example>\n")
    desk.ci.git("config", "log.mailmap", "true")
    return evil


# Settings that change what `git log`, `git diff` and their kin print, hide or run.
SETTINGS = {
    "log.showSignature": "true",
    "log.showRoot": "false",
    "log.diffMerges": "off",
    "log.follow": "true",
    "i18n.logOutputEncoding": "UTF-16",
    "i18n.commitEncoding": "IBM037",
    "trailer.separators": "=",
    "trailer.ifmissing": "doNothing",
    "trailer.sox-record.key": "Evil",
    "core.commentChar": "A",
    "core.quotePath": "true",
    "core.attributesFile": "/dev/null",
    "core.worktree": "/nonexistent",
    "core.precomposeUnicode": "true",
    "core.ignoreCase": "true",
    "diff.relative": "true",
    "diff.noprefix": "true",
    "diff.external": "/bin/false",
    "diff.orderFile": "/dev/zero",
    "diff.renames": "copies",
    "diff.ignoreSubmodules": "all",
    "diff.algorithm": "histogram",
    "diff.context": "0",
    "merge.renames": "false",
    "merge.default": "union",
    "color.ui": "always",
    "core.pager": "/bin/false",
    "core.fsmonitor": "/bin/false",
    "core.alternateRefsCommand": "/bin/false",
    "alias.rev-list": "!false",
    "alias.cat-file": "!false",
    "extensions.partialClone": "origin",
    "remote.origin.promisor": "true",
}


@attacks.stopped(HIDDEN, gains="the configuration of the clone hides, renames or recodes what is judged")
def configuration_of_the_clone(desk: Desk) -> str:
    evil, _ = hide(desk)
    for name, value in SETTINGS.items():
        if name not in ("core.worktree", "extensions.partialClone"):
            desk.ci.git("config", name, value)
    return evil


@attacks.stopped(HIDDEN, gains="attributes of the clone hide the lines of a file")
def attributes_of_the_clone(desk: Desk) -> str:
    evil, _ = hide(desk)
    (desk.ci.path / ".git/info").mkdir(exist_ok=True)
    (desk.ci.path / ".git/info/attributes").write_text("* -diff -merge binary\n")
    return evil


@pytest.mark.parametrize(
    "env",
    [
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "log.showSignature", "GIT_CONFIG_VALUE_0": "true"},
        {"GIT_CONFIG_PARAMETERS": "'core.pager=false' 'diff.external=/bin/false'"},
        {"GIT_EXTERNAL_DIFF": "/bin/true"},
        {"GIT_DIFF_OPTS": "-u0"},
        {"GIT_REPLACE_REF_BASE": "refs/heads"},
        {"GIT_GRAFT_FILE": "/dev/stdin"},
        {"GIT_SHALLOW_FILE": "/dev/null"},
        {"GIT_NAMESPACE": "evil"},
        {"GIT_ATTR_SOURCE": "origin/evil"},
        {"GIT_LITERAL_PATHSPECS": "1"},
        {"GIT_ICASE_PATHSPECS": "1"},
        {"GIT_DEFAULT_HASH": "sha256"},
        {"GIT_CEILING_DIRECTORIES": "/"},
        {"GIT_INDEX_FILE": "/nonexistent"},
        {"GIT_WORK_TREE": "/"},
        {"GIT_PAGER": "/bin/false", "PAGER": "/bin/false"},
        {"GIT_TRACE": "1", "GIT_TRACE_SETUP": "1", "GIT_TRACE2": "1"},
        {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "LANGUAGE": "de"},
        {"SOX_HOOKS_DOCTOR": "1", "SKIP": "sox-hooks", "PRE_COMMIT_ALLOW_NO_CONFIG": "1"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=lambda env: next(iter(env)),
)
def test_environment_changes_no_verdict(desk: Desk, env: dict[str, str]) -> None:
    """Gained if it worked: a workflow's environment turns the gate off or shows it another repository."""
    evil, _ = hide(desk.open())
    judged = desk.judge(**env)
    assert (judged.words(evil), judged.code) == (HIDDEN, 1)


def test_settings_one_by_one_change_no_verdict(desk: Desk) -> None:
    """Gained if it worked: one setting that together with others happens to do nothing."""
    evil, _ = hide(desk.open())
    for name in ("core.fsmonitor", "diff.orderFile", "extensions.partialClone", "diff.external"):
        desk.ci.git("config", name, SETTINGS[name])
        judged = desk.judge()
        assert (name, judged.words(evil)) == (name, HIDDEN)
        desk.ci.git("config", "--unset", name)


@attacks.stopped(HIDDEN, gains="objects of another store shadow those of the repository")
def alternates(desk: Desk) -> Judged | str:
    evil, honest = hide(desk)
    other = desk.ci.path.with_name("other")
    folder = other / "objects" / evil[:2]
    folder.mkdir(parents=True)
    stored = desk.repo.path / ".git/objects" / honest[:2] / honest[2:]
    (folder / evil[2:]).write_bytes(stored.read_bytes())
    judged = desk.judge(GIT_ALTERNATE_OBJECT_DIRECTORIES=str(other / "objects"))
    assert judged.words(evil) == HIDDEN
    (desk.ci.path / ".git/objects/info").mkdir(exist_ok=True)
    (desk.ci.path / ".git/objects/info/alternates").write_text(f"{other}/objects\n")
    return evil


@attacks.stopped("exit 4: ", gains="an object under a wrong name passes as what its name says")
def object_under_another_name(desk: Desk) -> Judged:
    evil, honest = hide(desk)
    desk.ci.git("unpack-objects", "-q", data=desk.repo.git_bytes("pack-objects", "--stdout", data=f"{evil}\n".encode()))
    for pack in (desk.ci.path / ".git/objects/pack").iterdir():
        content = pack.read_bytes()
        pack.unlink()
        if pack.suffix == ".pack":
            desk.ci.git("unpack-objects", "-q", data=content)
    target = desk.ci.path / ".git/objects" / evil[:2] / evil[2:]
    os.chmod(target, 0o600)
    target.write_bytes((desk.ci.path / ".git/objects" / honest[:2] / honest[2:]).read_bytes())
    return desk.judge()


def packed(desk: Desk) -> None:
    """All objects of the clone in one pack."""
    desk.ci.git("fetch", "-q", "origin", "tag", "honest")
    desk.ci.git("repack", "-q", "-a", "-d")


@attacks.stopped("unverifiable SOX617", gains="the index of a pack shows an honest commit in the place of the evil one")
def index_of_a_pack_that_leads_to_another_commit(desk: Desk) -> str:
    evil, honest = hide(desk)
    desk.point(desk.record({"src/more.py": "more()\n"}))  # git looks at the object that a ref points at
    desk.ci.git("fetch", "-q", "origin")
    packed(desk)
    lead_astray(desk.ci.path / ".git", evil, honest)
    assert desk.ci.git("show", "origin/evil~1:src/app.py") == "good()"
    return evil


@attacks.stopped(
    "exit 4: something else as blob", gains="the index of a pack exchanges the file of the policy that names the keys"
)
def index_of_a_pack_that_leads_to_another_policy(desk: Desk) -> Judged:
    mine = desk.repo.write("mine", policy_files((ALICE, MALLORY))[".sox/allowed_signers"])
    desk.record(GOOD, by=MALLORY, author=ALICE.email)
    desk.git("tag", "honest", desk.git("hash-object", "-w", str(mine)))
    desk.clone()
    packed(desk)
    lead_astray(
        desk.ci.path / ".git", desk.git("rev-parse", "main:.sox/allowed_signers"), desk.git("rev-parse", "honest")
    )
    return desk.judge()


@attacks.stopped(
    "exit 4: something else as tree", gains="the index of a pack takes the policy's folder out of the tree it is in"
)
def index_of_a_pack_that_leads_to_another_tree(desk: Desk) -> Judged:
    hide(desk)
    packed(desk)
    top, without = (desk.git("rev-parse", f"{name}^{{tree}}") for name in ("main", "main~1"))
    lead_astray(desk.ci.path / ".git", top, without)
    return desk.judge()


@attacks.stopped(
    HIDDEN, gains="the commit graph, a cache in the clone, gives the evil commit other parents and another tree"
)
def commit_graph_of_another_history(desk: Desk) -> str:
    evil, _ = hide(desk)
    desk.ci.git("commit-graph", "write", "--reachable")
    graph = desk.ci.path / ".git/objects/info/commit-graph"
    graph.chmod(0o600)
    raw = graph.read_bytes()
    good, bad = (bytes.fromhex(desk.git("rev-parse", f"{name}^{{tree}}")) for name in ("honest", "evil"))
    assert raw.count(bad) == 1
    graph.write_bytes(raw.replace(bad, good))
    return evil


@attacks.stopped(HIDDEN, gains="the commit graph leaves the evil commit out between its child and its parent")
def commit_graph_without_the_evil_commit(desk: Desk) -> str:
    evil, _ = hide(desk)
    desk.point(desk.record({"src/more.py": "more()\n"}))
    desk.ci.git("fetch", "-q", "origin")
    desk.ci.git("commit-graph", "write", "--reachable")
    graph = desk.ci.path / ".git/objects/info/commit-graph"
    graph.chmod(0o600)
    raw = bytearray(graph.read_bytes())
    fanout = raw.index(b"OIDF")
    assert fanout < 100
    chunks = {
        bytes(raw[at : at + 4]): int.from_bytes(raw[at + 4 : at + 12], "big") for at in range(8, 8 + 12 * raw[6], 12)
    }
    total = int.from_bytes(raw[chunks[b"OIDF"] + 1020 : chunks[b"OIDF"] + 1024], "big")
    names = [bytes(raw[chunks[b"OIDL"] + 20 * n : chunks[b"OIDL"] + 20 * n + 20]).hex() for n in range(total)]
    tip = chunks[b"CDAT"] + 36 * names.index(desk.repo.head()) + 20
    raw[tip : tip + 4] = names.index(desk.adoption).to_bytes(4, "big")
    graph.write_bytes(bytes(raw))
    assert desk.ci.git("log", "-1", "--format=%P", "origin/evil") == desk.adoption
    return evil


test_reading = attacks.test()
