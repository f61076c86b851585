"""What the record says: amendments lose no claim, messages called off stay as they are, odd authors are told."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.install import install
from tests.hooks.governed import govern
from tests.hooks.stage import AGENT, KEYS, NONE, Stage

PLAIN = "src/tool.py"


def first(stage: Stage, *options: str, **env: str) -> None:
    stage.tracked(PLAIN)
    stage.git("commit", "-q", "-m", "First", *options, **env)


# Amending


@pytest.mark.parametrize(
    "options",
    [("--amend", "--no-edit"), ("--amend", "--no-edit", "--date=now"), ("--amend", "-C", "HEAD")],
    ids=["--no-edit", "--date", "-C"],
)
def test_an_amendment_that_changes_nothing_recorded_keeps_the_record(stage, options):
    first(stage, **AGENT)
    record = stage.record()
    stage.git("commit", "-q", *options)
    assert stage.record() == record
    assert stage.recorded() == 1
    assert stage.told() == ["verified same-change"]


def test_an_amended_subject_keeps_the_record(stage):
    first(stage, **AGENT)
    record = stage.record()
    stage.git("commit", "-q", "--amend", GIT_EDITOR="sed -i -e 1s/First/Second/")
    assert stage.git("log", "-1", "--format=%s") == "Second"
    assert stage.record() == record


def test_amended_content_renews_the_record_and_doubles_nothing(stage):
    first(stage, "-s", **AGENT)
    record = stage.record()
    for number in range(3):
        stage.tracked(PLAIN, f"{number}\n")
        stage.git("commit", "-q", "--amend", "--no-edit")
    assert stage.record() != record
    assert stage.trailers() == ["Signed-off-by", "AI-Assistance", "Assisted-by", "Sox-Record", "Sox-Signature"]
    assert stage.told() == ["verified same-change"]
    assert stage.recorded() == 4


@pytest.mark.parametrize(
    "options",
    [
        ("--amend", "-m", "Mine alone"),
        ("--amend", "-m", "Mine alone", *NONE),
        ("--amend", "--no-edit", "--reset-author"),
        ("--amend", "--no-edit", "-a"),
    ],
)
def test_the_assistance_of_the_amended_commit_is_never_dropped(stage, options):
    first(stage, **AGENT)
    stage.write("notes.txt", "by hand\n")
    stage.git("commit", "-q", *options)
    assert stage.value("AI-Assistance") == ["assisted"]
    assert stage.value("Assisted-by") == ["claude-code@2.1.330"]
    assert stage.told() == ["verified same-change"]


def test_an_agent_that_amends_is_added(stage):
    first(stage, *NONE)
    stage.tracked(PLAIN, "agent\n")
    done = stage.run("commit", "-q", "--amend", "--no-edit", **AGENT)
    assert "SOX102" in done.stderr  # the message still says none
    assert stage.value("AI-Assistance") == ["assisted"]
    assert stage.told() == ["verified same-change"]


def test_a_record_under_an_older_policy_is_renewed(stage):
    first(stage, *NONE)
    stage.write(".sox/README.md", "another policy\n")
    stage.git("add", ".sox")
    stage.git("commit", "-q", "-m", "Policy", *NONE)
    record = stage.record()
    stage.git("commit", "-q", "--amend", "--no-edit")
    assert stage.record() != record  # HEAD, which governs here, has the new policy by now


def test_a_second_commit_in_the_same_second_is_judged_by_both_readings(stage):
    """Where nothing tells whether HEAD is amended, and the author line is HEAD's, both are signed."""
    when = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z"}
    first(stage, **when, **AGENT)
    stage.tracked(PLAIN, "2\n")
    tree = stage.git("write-tree")
    message = stage.path / ".git/COMMIT_EDITMSG"
    message.write_text("By a program\n")
    hook = str(stage.path / ".git/hooks/commit-msg")
    subprocess.run(
        [hook, ".git/COMMIT_EDITMSG"], cwd=stage.path, check=True, env={**os.environ, **when, "GIT_EDITOR": ":"}
    )
    text = message.read_bytes()
    assert b" amend=" in text
    assert b"AI-Assistance: assisted" in text
    for parent in ("HEAD", "base"):
        made = stage.git("commit-tree", "-p", parent, tree, data=text, **when)
        assert stage.told(f"{parent}..{made}") == ["verified same-change"]


# Messages that git calls off, and what belongs to no message


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (("-m", ""), {}),
        (("-m", " \n\t\n"), {}),
        ((), {"GIT_EDITOR": "true"}),
        (("-v",), {"GIT_EDITOR": "true"}),
        ((), {"GIT_EDITOR": "sed -i -e '1i # only a comment'"}),
        (("-s",), {"GIT_EDITOR": "true"}),
        ((), {"GIT_EDITOR": "false"}),
        (("-t", "template"), {"GIT_EDITOR": "true"}),
        (("--templ=template",), {"GIT_EDITOR": "true"}),
    ],
)
def test_a_message_that_was_called_off_makes_no_commit(stage, options, env):
    stage.write("template", "WHY:\n\nTicket:\n")
    stage.tracked(PLAIN)
    done = stage.run("commit", *options, **env)
    assert done.returncode != 0
    assert stage.head() == stage.head("base")
    assert stage.entries() == []


def test_a_template_is_found_from_a_subdirectory_and_from_the_configuration(stage):
    stage.tracked("below/template", "WHY:\n")
    below = Stage(stage.path / "below")
    assert below.run("commit", "-t", "template", GIT_EDITOR="true").returncode != 0
    stage.git("config", "commit.template", "below/template")
    assert below.run("commit", GIT_EDITOR="true").returncode != 0
    assert stage.head() == stage.head("base")
    below.git("commit", "-q", GIT_EDITOR="sed -i -e 1s/$/because/")
    assert stage.told() == ["verified same-change"]


def test_a_commit_without_a_message_is_refused_because_it_cannot_carry_a_record(stage):
    stage.tracked(PLAIN)
    done = stage.run("commit", "--allow-empty-message", "-m", "")
    assert done.returncode == 1
    assert done.stderr.startswith("sox-hooks: a commit without a message cannot carry a record\n")
    assert "fix:   git commit -m WHY" in done.stderr


def test_a_person_s_trailers_and_body_stay_byte_for_byte(stage):
    text = "Subject\n\nA body with\n---\nand more.\n\nRefs: 12\nReviewed-by: Bob <bob@bank.example>\n"
    stage.tracked(PLAIN)
    stage.git("commit", "-q", "-F", "-", data=text.encode())
    assert stage.git("log", "-1", "--format=%B").startswith(text + "AI-Assistance: undeclared\n")
    assert stage.trailers() == ["Refs", "Reviewed-by", *KEYS]


def test_every_line_is_short(stage):
    first(stage, **AGENT)
    assert max(map(len, stage.git("log", "-1", "--format=%B").splitlines())) <= 72


# Paths


def test_a_rename_out_of_a_restricted_path_is_judged_by_where_it_was(stage):
    stage.tracked("src/ledger/post.py", "def post(): ...\n")
    stage.git("commit", "-q", "-m", "Post", *NONE)
    stage.git("mv", "src/ledger/post.py", "post.py")
    done = stage.run("commit", "-q", "-m", "Move", **AGENT)
    assert done.returncode == 1
    assert "src/ledger/post.py" in done.stderr.splitlines()[0]
    assert stage.run("commit", "-q", "-m", "Move").returncode == 1  # declaration = "required"
    stage.git("commit", "-q", "-m", "Move", *NONE)
    assert stage.told() == ["verified same-change"] * 2


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.git("rm", "-q", "src/ledger/post.py"),
        lambda s: s.git("update-index", "--chmod=+x", "src/ledger/post.py"),
        lambda s: (s.git("rm", "-q", "src/ledger/post.py"), (s.path / "src").mkdir(exist_ok=True),
                   (s.path / "src/ledger").symlink_to("/tmp"), s.git("add", "src/ledger")),
        lambda s: s.git("update-index", "--add", "--cacheinfo", f"160000,{s.head()},src/ledger/sub"),
        lambda s: s.tracked("SRC/Ledger/other.py"),
    ],
    ids=["deletion", "mode", "symlink over the folder", "submodule", "other case"],
)  # fmt: skip
def test_every_kind_of_change_counts_as_touching_a_path(stage, change):
    stage.tracked("src/ledger/post.py", "def post(): ...\n")
    stage.git("commit", "-q", "-m", "Post", *NONE)
    change(stage)
    done = stage.run("commit", "-q", "-m", "Change", **AGENT)
    assert (done.returncode, "restricted" in done.stderr) == (1, True), done.stderr


def test_ten_thousand_files(stage):
    """10,000 new files: measured at about a second, most of which is git's own."""
    for number in range(100):
        folder = stage.path / f"data/{number}"
        folder.mkdir(parents=True)
        for each in range(100):
            (folder / f"{each}.txt").write_text(f"{number} {each}\n")
    stage.git("add", "-A")
    began = time.monotonic()
    stage.git("commit", "-q", "-m", "Many")
    took = time.monotonic() - began
    assert stage.told() == ["verified same-change"]
    assert took < 60
    (entry,) = stage.entries()
    assert len(str(entry)) < 5000


# Repositories


def test_a_sha256_repository(make_repo, make_key):
    stage = Stage(make_repo("long", "--object-format=sha256").path)
    govern(stage, make_key())
    stage.git("tag", "base")
    install(find_repository(Git(str(stage.path))))
    first(stage, **AGENT)
    stage.tracked(PLAIN, "2\n")
    stage.git("commit", "-q", "--amend", "--no-edit")
    stage.git("checkout", "-q", "-b", "side", "base")
    stage.tracked("side.txt")
    stage.git("commit", "-q", "-m", "Side")
    stage.git("merge", "-q", "--no-edit", "main")
    assert stage.told() == ["verified same-change"] * 3


def test_a_submodule_and_its_superproject_each_have_their_own_policy(stage, make_repo, make_key):
    inner = make_repo("inner")
    govern(inner, make_key("inner"))
    policy = inner.path / ".sox/policy.toml"
    policy.write_text(policy.read_text().replace('"bank/ledger"', '"bank/inner"'))
    inner.commit("Another id")
    stage.git("submodule", "--quiet", "add", str(inner.path), "sub")
    stage.git("commit", "-q", "-m", "Add the submodule")
    sub = Stage(stage.path / "sub")
    sub.git("config", "sox.signingKey", str(inner.git("config", "sox.signingKey")))
    install(find_repository(Git(str(sub.path))))
    sub.git("tag", "base")
    first(sub, **AGENT)
    stage.git("add", "sub")
    stage.git("commit", "-q", "-m", "Bump")
    assert sub.told() == ["verified same-change"]
    assert stage.told() == ["verified same-change"] * 2
    assert (sub.recorded(), stage.recorded()) == (1, 2)
    for repository, name in ((sub, "bank/inner"), (stage, "bank/ledger")):
        verdict = repository.verdicts()[-1]
        assert verdict.signer == "alice"
        assert name in (repository.path / ".sox/policy.toml").read_text()


def test_two_branches_of_one_octopus_and_its_merge_are_recorded_against_every_parent(stage):
    for name in ("one", "two"):
        stage.git("checkout", "-q", "-b", name, "base")
        stage.tracked(f"{name}.txt")
        stage.git("commit", "-q", "-m", name)
    stage.git("checkout", "-q", "main")
    first(stage)
    stage.git("merge", "-q", "--no-edit", "one", "two")
    assert len(stage.git("log", "-1", "--format=%P").split()) == 3
    assert stage.value("AI-Assistance") == ["undeclared"]
    # The same tree with other parents is not what was signed.
    text = stage.git_bytes("log", "-1", "--format=%B")
    made = stage.git("commit-tree", "-p", "HEAD^1", "-p", "HEAD^2", "HEAD^{tree}", data=text)
    assert stage.told(f"base..{made}")[-1].startswith("unbound")


# Authors


@pytest.mark.parametrize("name", ["J\u00f6rg \u00c5", "\u674e\u96f7", 'O\'Neil "the" \\ <', "x" * 300])
def test_names_of_authors(stage, name):
    first(stage, GIT_AUTHOR_NAME=name)
    assert stage.told() == ["verified same-change"]


@pytest.mark.parametrize("encoding", ["", "ISO-8859-1"])
def test_an_author_s_name_in_latin_1(stage, encoding):
    if encoding:
        stage.git("config", "i18n.commitEncoding", encoding)
    first(stage, GIT_AUTHOR_NAME=os.fsdecode(b"J\xf6rg"))
    assert stage.told() == ["verified same-change"]


@pytest.mark.parametrize("encoding", ["", "ISO-8859-1"])
@pytest.mark.parametrize("mail", [b"j\xf6rg@bank.example", "j\u00f6rg@bank.example".encode(), b"\x1b[2J@bank.example"])
def test_an_address_that_is_nobody_s_is_refused_in_words_that_can_be_printed(stage, encoding, mail):
    if encoding:
        stage.git("config", "i18n.commitEncoding", encoding)
    stage.tracked(PLAIN)
    done = stage.run("commit", "-q", "-m", "x", GIT_AUTHOR_EMAIL=os.fsdecode(mail))
    assert done.returncode == 1
    assert done.stderr.startswith("SOX405 error: the author's address ")
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    (entry,) = stage.entries()
    assert entry["event"] == "refused"


def test_a_latin_1_address_that_is_in_the_policy_is_recorded(stage):
    """git stores it as UTF-8 unless i18n.commitEncoding says otherwise, and so it is signed."""
    people = stage.path / ".sox/people.toml"
    people.write_text(
        people.read_text().replace('"alice@bank.example"', '"alice@bank.example", "j\u00f6@bank.example"')
    )
    stage.git("add", ".sox")
    stage.git("commit", "-q", "-m", "Add an address", *NONE)
    first(stage, GIT_AUTHOR_EMAIL=os.fsdecode(b"j\xf6@bank.example"))
    assert stage.told("HEAD~1..HEAD") == ["verified same-change"]


def test_somebody_else_s_commit_is_refused(stage):
    stage.tracked(PLAIN)
    done = stage.run("commit", "-m", "x", "--author=Bob <bob@bank.example>")
    assert done.returncode == 1
    assert "bob@bank.example is nobody's in people.toml" in done.stderr


# Settings


def test_a_standing_declaration(stage):
    stage.git("config", "sox.declaration", "none")
    first(stage)
    assert stage.value("AI-Assistance") == ["none"]
    stage.tracked(PLAIN, "agent\n")
    done = stage.run("commit", "-q", "-m", "x", **AGENT)
    assert "SOX102" in done.stderr
    assert stage.value("AI-Assistance") == ["assisted"]


def test_a_standing_declaration_of_anything_else_is_an_error(stage):
    stage.git("config", "sox.declaration", "assisted")
    stage.tracked(PLAIN)
    done = stage.run("commit", "-m", "x")
    assert done.returncode == 1
    assert done.stderr.startswith("sox-hooks: git config sox.declaration is 'assisted'\n")
    assert "git config --unset sox.declaration" in done.stderr


def test_the_success_line_comes_after_the_record_and_says_what_it_is_about(stage):
    stage.tracked(PLAIN)
    assert stage.run("commit", "-q", "-m", "x").stderr == ""
    stage.tracked(PLAIN, "2\n")
    done = stage.run("commit", "-q", "-m", "x", **AGENT)
    assert done.stderr == "sox-hooks: recorded as assisted by claude-code@2.1.330 (open paths)\n"


def test_what_the_log_keeps(stage):
    first(stage, **AGENT, CLAUDE_CODE_SESSION_ID="5c0f6a52-0000-4000-8000-000000000000")
    (entry,) = stage.entries()
    key = subprocess.run(
        ["ssh-keygen", "-lf", stage.git("config", "sox.signingKey") + ".pub"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert entry["key"] == key.stdout.split()[1]
    assert (entry["event"], entry["mode"], entry["person"]) == ("recorded", "enforce", "alice")
    assert (entry["operation"], entry["amend"]) == ("commit", False)
    assert "5c0f6a52-0000" not in str(entry)
    log = stage.value("Sox-Record")[0].partition(" log=")[2].split()[0]
    assert log.split(".")[1] == str(entry["index"])


def test_the_folder_of_the_log_is_private_whoever_makes_it_first(stage):
    folder = stage.path / ".git/sox-hooks"
    assert not folder.exists()
    old = os.umask(0o002)
    try:
        first(stage)
    finally:
        os.umask(old)
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.rglob("*"):
        if path.is_file() and "room" not in path.parts:
            assert path.stat().st_mode & 0o077 == 0, path


def test_in_mode_warn_nothing_is_refused_and_all_is_recorded(stage):
    policy = stage.path / ".sox/policy.toml"
    policy.write_text(policy.read_text().replace('mode = "enforce"', 'mode = "warn"'))
    stage.git("add", ".sox")
    stage.git("commit", "-q", "-m", "Warn only", *NONE)
    stage.tracked("src/ledger/post.py")
    done = stage.run("commit", "-q", "-m", "x", CURSOR_AGENT="1")
    assert done.returncode == 0
    first_line, *_, note, recorded = done.stderr.splitlines()
    assert first_line.startswith("SOX")
    assert " warning: " in first_line
    assert "error:" not in done.stderr
    assert note == "sox-hooks: mode is warn; in mode enforce this commit would be refused"
    assert recorded.startswith("sox-hooks: recorded as assisted by cursor")
    assert stage.told("HEAD~1..HEAD") == ["verified same-change"]
    assert stage.entries()[-1]["mode"] == "warn"
    assert "error" in {finding["severity"] for finding in stage.entries()[-1]["findings"]}


def test_in_mode_warn_a_key_that_cannot_sign_stops_no_commit(stage):
    policy = stage.path / ".sox/policy.toml"
    policy.write_text(policy.read_text().replace('mode = "enforce"', 'mode = "warn"'))
    stage.git("add", ".sox")
    stage.git("commit", "-q", "-m", "Warn only", *NONE)
    stage.git("config", "sox.signingKey", "/nowhere/id_ed25519")
    stage.tracked(PLAIN)
    done = stage.run("commit", "-q", "-m", "x")
    assert done.returncode == 0
    assert "SOX710 warning: the signing key does not exist" in done.stderr
    assert "sox-hooks: not recorded: " in done.stderr
    assert stage.told("HEAD~1..HEAD") == ["unrecorded"]


def test_without_a_policy_a_commit_is_made_with_one_line(repo):
    install(find_repository(Git(str(repo.path))))
    done = Stage(repo.path).run("commit", "-q", "--allow-empty", "-m", "x")
    assert done.returncode == 0
    assert done.stderr == "sox-hooks: no policy here (.sox/), so nothing is recorded. Set up with: sox-hooks init\n"
    assert repo.git("log", "-1", "--format=%B") == "x"
