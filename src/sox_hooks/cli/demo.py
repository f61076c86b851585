"""Play the whole story in a scratch repository: recorded, refused, bypassed and caught.

Everything is real: git, the installed hooks, an SSH key made for the occasion, and stock `ssh-keygen` at the end.
Nothing outside the scratch folder is touched, and nothing of your own configuration is used.
"""

from __future__ import annotations

import os
import sys
import tempfile

from sox_hooks.core import process
from sox_hooks.core.errors import FINDING, PASS, EnvironmentProblem
from sox_hooks.core.text import printable
from sox_hooks.output import colour
from sox_hooks.output.colour import BOLD, GREEN, RED, Paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from sox_hooks.core.process import Result

# What the four agents of the story export; nothing else of the caller's environment reaches the scratch repository.
CLAUDE = {"CLAUDECODE": "1", "CLAUDE_CODE_CHILD_SESSION": "1", "AI_AGENT": "claude-code_2-1-330_agent"}
CURSOR = {"CURSOR_AGENT": "1"}
_REGISTER = """\
approved_on = 2026-01-15
soc2_valid_until = 2099-12-31
data_residency = ["eu"]
retention_days = 30
"""


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks demo --help`."""
    parser.add_argument("--keep", action="store_true", help="keep the scratch repository and say where it is")


def run(options: Namespace) -> int:
    """Tell the story; the exit code is 0 only if every step ended as it must."""
    folder = tempfile.mkdtemp(prefix="sox-hooks-demo-")
    try:
        story = Story(folder)
        story.tell()
    finally:
        if options.keep:
            sys.stdout.write(f"\nkept: {folder}/ledger (HOME={folder}/home)\n")
        else:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
    return PASS if story.held else FINDING


class Story:
    """The scratch repository and its narrator. `held` turns false when a step does not end as it must."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.top = os.path.join(folder, "ledger")
        self.home = os.path.join(folder, "home")
        self.held = True
        self._paint = Paint(colour.wanted(sys.stdout))
        self._step = 0
        os.makedirs(os.path.join(self.home, ".ssh"), mode=0o700)

    def tell(self) -> None:
        """All chapters."""
        self._set_up()
        self._human()
        self._approved_tool()
        self._refused_tool()
        self._bypassed()
        self._tampered()
        self._auditor()
        words = "Every step ended as it must." if self.held else "A step did not end as it must: please report it."
        self._say(self._paint(GREEN if self.held else RED, words))

    def _set_up(self) -> None:
        self._title("A repository with a policy, a key and hooks")
        self._run("git", "init", "-q", "-b", "main", self.top, inside=False)
        for key, value in (("user.name", "Alice Ng"), ("user.email", "alice@bank.example")):
            self._run("git", "config", key, value)
        key = os.path.join(self.home, ".ssh", "id_ed25519")
        self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", key)
        self._sox("init", "--repository", "bank/ledger", shown=False)
        self._note("sox-hooks init   wrote .sox/, enrolled the SSH key of alice@bank.example, installed the hooks")
        policy = os.path.join(self.top, ".sox", "policy.toml")
        with open(policy, encoding="utf-8") as file:
            text = file.read()
        with open(policy, "w", encoding="utf-8") as file:
            file.write(text.replace('vendor = "Anthropic"\n', f'vendor = "Anthropic"\n{_REGISTER}', 1))
        self._note("claude-code      its register entry was filled in; every other tool stays unapproved")
        self._run("git", "add", "-A")
        self._commit("Adopt sox-hooks", {}, "AI-Assistance: none")
        self._run("git", "switch", "-q", "-c", "feature")

    def _human(self) -> None:
        self._title("A person changes the ledger and declares that no AI took part")
        self._write("src/ledger/post.py", "def post(entry):\n    return entry\n")
        done = self._commit("Post entries", {}, "AI-Assistance: none")
        self._expect(done.code == 0, "recorded and signed")
        self._show_trailers()

    def _approved_tool(self) -> None:
        self._title("An approved AI tool commits: tagged without anybody asking for it")
        self._write("src/ledger/post.py", "def post(entry):\n    entry.check()\n    return entry\n")
        done = self._commit("Check entries", CLAUDE)
        self._expect(done.code == 0, "tagged and signed")
        self._show_trailers()

    def _refused_tool(self) -> None:
        self._title("A tool that is not approved touches the ledger: refused")
        self._write("src/ledger/close.py", "def close(book):\n    book.closed = True\n")
        done = self._commit("Close the book", CURSOR)
        self._quote(done.err)
        self._expect(done.code != 0, "refused, and the message is kept")
        self._run("git", "reset", "-q", "--hard")

    def _bypassed(self) -> None:
        self._title("The same with --no-verify, as it can always be done: caught by verify")
        self._write("src/ledger/close.py", "def close(book):\n    book.closed = True\n")
        self._commit("Close the book", CURSOR, "", "--no-verify")
        self._verify("unrecorded")
        self._run("git", "reset", "-q", "--hard", "HEAD~1")

    def _tampered(self) -> None:
        self._title("Somebody edits the trailer of the AI commit: caught by verify")
        message = self._run("git", "log", "-1", "--format=%B").out
        kept = [line for line in message.split(b"\n") if not line.startswith(b"Assisted-by:")]
        edited = b"\n".join(kept).replace(b"AI-Assistance: assisted", b"AI-Assistance: none")
        before = self._run("git", "rev-parse", "HEAD").out.decode().strip()
        self._run("git", "commit", "-q", "--amend", "--no-verify", "-F", "-", data=edited)
        self._verify("forged")
        self._run("git", "reset", "-q", "--hard", before)

    def _auditor(self) -> None:
        self._title("The honest branch passes, and an auditor checks a signature with stock ssh-keygen")
        done = self._sox("verify", "main..feature")
        self._expect(done.code == 0, "verified")
        payload = self._sox("show", "--payload", "HEAD", shown=False).out
        signature = os.path.join(self.folder, "signature")
        with open(signature, "wb") as file:
            file.write(self._sox("show", "--signature", "HEAD", shown=False).out)
        signers = os.path.join(self.top, ".sox", "allowed_signers")
        argv = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "alice@bank.example", "-n", "sox-record"]
        self._note("sox-hooks show --payload HEAD | ssh-keygen -Y verify -f .sox/allowed_signers ...")
        done = self._run(*argv, "-s", signature, data=payload, check=False)
        self._quote(done.out + done.err)
        self._expect(done.code == 0 and done.out.startswith(b"Good"), "ssh-keygen agrees")

    # The narrator

    def _say(self, text: str = "") -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def _title(self, text: str) -> None:
        self._step += 1
        self._say(("" if self._step == 1 else "\n") + self._paint(BOLD, f"{self._step}. {text}"))

    def _note(self, text: str) -> None:
        self._say("   " + text)

    def _quote(self, raw: bytes) -> None:
        for line in raw.decode("utf-8", "replace").splitlines():
            self._say("   | " + printable(line))

    def _expect(self, held: bool, text: str) -> None:
        self.held = self.held and held
        self._say("   " + (self._paint(GREEN, f"-> {text}") if held else self._paint(RED, f"-> NOT {text}")))

    def _show_trailers(self) -> None:
        self._quote(self._run("git", "log", "-1", "--format=%(trailers)").out.rstrip())

    def _verify(self, status: str) -> None:
        done = self._sox("verify", "main..feature")
        self._expect(done.code == FINDING and status.encode() in done.out, f"caught: {status}")

    # The stage

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": self.home,
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_EDITOR": ":",
            "NO_COLOR": "1",
            **extra,
        }

    def _run(
        self,
        *argv: str,
        data: bytes = b"",
        check: bool = True,
        inside: bool = True,
        extra: Mapping[str, str] | None = None,
    ) -> Result:
        words = ["git", "-C", self.top, *argv[1:]] if argv[0] == "git" and inside else list(argv)
        done = process.run(words, data, self._environment(extra or {}))
        if check and done.code:
            said = printable(done.err.strip().split(b"\n")[-1], 300)
            raise EnvironmentProblem(f"the demo cannot go on: {argv[0]} {argv[1]} failed: {said}")
        return done

    def _sox(self, *argv: str, shown: bool = True) -> Result:
        here = os.getcwd()
        os.chdir(self.top)
        try:
            done = self._run(sys.executable, "-I", "-m", "sox_hooks", *argv, check=False)
        finally:
            os.chdir(here)
        if shown:
            self._note("sox-hooks " + " ".join(argv))
            self._quote(done.out + done.err)
        elif done.code not in (PASS, FINDING):
            raise EnvironmentProblem("the demo cannot go on: " + printable(done.err.split(b"\n")[0], 300))
        return done

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def _commit(self, subject: str, agent: Mapping[str, str], trailer: str = "", *options: str) -> Result:
        self._run("git", "add", "-A")
        trailers = ["--trailer", trailer] if trailer else []
        who = f"{next(iter(agent))}=1 " if agent else ""
        self._note(f"{who}git commit -m '{subject}' {' '.join([*trailers, *options])}".rstrip())
        return self._run("git", "commit", "-q", "-m", subject, *trailers, *options, check=False, extra=agent)
