"""Attacks on the message: claims that are edited, hidden, doubled or made to look like something else."""

from __future__ import annotations

from tests.attacks.desk import Attacks, Desk

attacks = Attacks()
GOOD = {"src/app.py": "good()\n"}


def edited(desk: Desk, old: bytes, new: bytes, *, claim: str = "assisted", subject: str = "Change") -> None:
    """A recorded commit (by Claude, unless `claim` says otherwise) whose message is edited afterwards."""

    def edit(message: bytes) -> bytes:
        assert old in message
        return message.replace(old, new, 1)

    desk.record(GOOD, subject, claim=claim, tools=("claude-code",) if claim == "assisted" else (), edit=edit)


@attacks.stopped("unbound SOX609", gains="AI's part in a change disappears from the record")
def claim_changed(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted", b"AI-Assistance: none")


@attacks.stopped("forged SOX604", gains="AI's part in a change disappears from the record, tool and all")
def claim_and_tool_taken_out(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted\nAssisted-by: claude-code\n", b"AI-Assistance: none\n")


@attacks.stopped("forged SOX604", gains="the tool that took part becomes another one, which is approved")
def tool_renamed(desk: Desk) -> None:
    edited(desk, b"Assisted-by: claude-code", b"Assisted-by: github-copilot")


@attacks.stopped("unbound SOX609", gains="tools are put into somebody's mouth")
def tool_added(desk: Desk) -> None:
    edited(desk, b"Assisted-by: claude-code\n", b"Assisted-by: claude-code\nAssisted-by: cursor\n")


@attacks.stopped("forged SOX603", gains="one reader sees the first claim, another one the last")
def claim_doubled(desk: Desk) -> None:
    edited(desk, b"Sox-Record:", b"AI-Assistance: none\nSox-Record:")


@attacks.stopped("forged SOX603", gains="a claim in other letters is overlooked by one reader and believed by another")
def claim_doubled_in_another_case(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted", b"ai-assistance: none\nAI-Assistance: assisted")


@attacks.stopped("forged SOX603", gains="a second record stands behind the first")
def record_doubled(desk: Desk) -> None:
    def twice(message: bytes) -> bytes:
        block = message[message.index(b"AI-Assistance") :]
        return message + block

    desk.record(GOOD, edit=twice)


@attacks.stopped("verified SOX607", gains="people read `none` in a line that no program reads; the finding says so")
def claim_in_foreign_letters(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted", "АI-Assistance: none\nAI-Assistance: assisted".encode())


@attacks.stopped(
    "verified SOX607", gains="people read `none` in the body; the finding says so, the record stays `assisted`"
)
def claim_in_the_body(desk: Desk) -> None:
    edited(desk, b"Change\n", b"Change\n\nAI-Assistance: none\n")


@attacks.stopped("forged SOX602 SOX607", gains="a claim that is part of the line above it is overlooked")
def claim_indented(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted", b" AI-Assistance: assisted")


@attacks.stopped("forged SOX602 SOX607", gains="a gap before the colon hides the claim from one reader of two")
def claim_with_a_gap(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted", b"AI-Assistance : assisted")


@attacks.stopped("forged SOX602", gains="the claim hides behind a continuation")
def claim_continued(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted\n", b"AI-Assistance: none\n assisted\n")


@attacks.stopped("forged SOX602", gains="a claim in other words means what the reader likes")
def claim_that_is_none(desk: Desk) -> None:
    edited(desk, b"AI-Assistance: assisted", b"AI-Assistance: None")


@attacks.stopped("verified", gains="nothing: a folded value is the same value")
def tool_folded(desk: Desk) -> None:
    edited(desk, b"Assisted-by: claude-code\n", b"Assisted-by:\n claude-code\n")


@attacks.stopped("verified", gains="nothing: line ends are no part of a value")
def line_ends_of_windows(desk: Desk) -> None:
    desk.record(GOOD, edit=lambda message: message.replace(b"\n", b"\r\n"))


@attacks.stopped("forged SOX604", gains="a carriage return inside a value shows another value on a terminal")
def carriage_return_in_a_value(desk: Desk) -> None:
    edited(desk, b"Assisted-by: claude-code", b"Assisted-by: claude-code\rAssisted-by: nothing    ")


@attacks.stopped("forged SOX602 SOX607", gains="what stands behind the NUL is stored and not shown by git log")
def nul_in_the_message(desk: Desk) -> str:
    honest = desk.record(GOOD, claim="assisted", tools=("claude-code",))
    raw = desk.repo.git_bytes("cat-file", "commit", honest)
    return desk.point(desk.raw(raw.replace(b"\nChange\n", b"\nChange\0\nAI-Assistance: none\n", 1)))


@attacks.stopped(
    "unrecorded SOX601 SOX607", gains="the record moves into the body, and a harmless paragraph takes its place"
)
def paragraph_behind_the_record(desk: Desk) -> None:
    desk.record(GOOD, claim="assisted", tools=("claude-code",), edit=lambda message: message + b"\nReviewed by all.\n")


@attacks.stopped(
    "unrecorded SOX601 SOX607", gains="the real record moves into the body, and a claim without a signature follows it"
)
def fake_claim_behind_the_record(desk: Desk) -> None:
    desk.record(
        GOOD, claim="assisted", tools=("claude-code",), edit=lambda message: message + b"\nAI-Assistance: none\n"
    )


@attacks.stopped(
    "forged SOX602 SOX607", gains="the claim of one paragraph and the signature of another make one record"
)
def white_line_in_the_record(desk: Desk) -> None:
    edited(desk, b"\nSox-Record:", b"\n \nSox-Record:")


@attacks.stopped("forged SOX602", gains="a cut record counts")
def parameter_taken_out(desk: Desk) -> None:
    def cut(message: bytes) -> bytes:
        return b"\n".join(line for line in message.split(b"\n") if not line.startswith(b" patch="))

    desk.record(GOOD, edit=cut)


@attacks.stopped("forged SOX602", gains="a parameter that stands there twice is read in two ways")
def parameter_doubled(desk: Desk) -> None:
    edited(desk, b"\n patch=", b"\n policy=" + b"0" * 40 + b"\n patch=")


@attacks.stopped("verified", gains="nothing: a trailer that others write beside the record, which is not ours to judge")
def sign_off_added(desk: Desk) -> None:
    desk.record(GOOD, edit=lambda message: message + b"Signed-off-by: Bob <bob@bank.example>\n")


@attacks.stopped("unrecorded SOX601 SOX607", gains="a subject that looks like a record is one")
def record_in_the_subject(desk: Desk) -> None:
    desk.record(GOOD, edit=lambda message: message[message.index(b"AI-Assistance") :])


test_trailers = attacks.test()
