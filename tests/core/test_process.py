from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.process import run, start


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def open_descriptors() -> set[str]:
    return set(os.listdir("/dev/fd"))


def test_output_errors_and_code():
    done = run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"))
    assert (done.code, done.out, done.err) == (7, b"out\n", b"err\n")
    assert done.argv[0] == sys.executable


def test_a_signal_is_a_negative_code():
    assert run(python("import os; os.kill(os.getpid(), 9)")).code == -9


def test_more_than_a_pipe_holds_in_every_direction():
    data = os.urandom(3_000_000)
    code = "import sys; d = sys.stdin.buffer.read(); sys.stderr.buffer.write(d); sys.stdout.buffer.write(d[::-1])"
    done = run(python(code), data)
    assert (done.code, done.out, done.err) == (0, data[::-1], data)


def test_a_program_that_does_not_read_its_input_decides_by_its_code():
    done = run(python("import os; os.close(0); print('had enough')"), b"x" * 1_000_000)
    assert (done.code, done.out) == (0, b"had enough\n")


def test_no_input_is_an_end_of_file():
    assert run(python("import sys; print(len(sys.stdin.read()))")).out == b"0\n"


def test_the_environment_is_what_is_given():
    done = run(python("import os; print(os.environ['A'], 'HOME' in os.environ)"), env={"A": "b", "LC_ALL": "C"})
    assert done.out == b"b False\n"


def test_several_run_at_once():
    began = time.monotonic()
    programs = [start(python("import time; time.sleep(0.5)")) for _ in range(3)]
    assert [program.finish().code for program in programs] == [0, 0, 0]
    assert time.monotonic() - began < 1.4


def test_a_timeout_kills():
    began = time.monotonic()
    with pytest.raises(EnvironmentProblem, match=r"did not answer within 0\.2 s"):
        run(python("import time; time.sleep(60)"), timeout=0.2)
    assert time.monotonic() - began < 20


def test_a_timeout_counts_from_the_start_even_if_there_is_always_a_little_output():
    began = time.monotonic()
    code = "import time\nwhile True: print('.', flush=True); time.sleep(0.05)"
    with pytest.raises(EnvironmentProblem, match="did not answer"):
        run(python(code), timeout=0.5)
    assert time.monotonic() - began < 20


def test_a_program_that_cannot_be_started_is_a_clear_error(tmp_path):
    program = tmp_path / "program"
    program.write_text("not a program")
    program.chmod(0o600)
    before = open_descriptors()
    with pytest.raises(EnvironmentProblem, match="cannot be started: Permission denied"):
        run([str(program)])
    assert open_descriptors() == before


def test_a_missing_program_is_named_and_nothing_stays_open():
    before = open_descriptors()
    with pytest.raises(EnvironmentProblem, match="no-such-program") as caught:
        run(["no-such-program-here"])
    assert caught.value.fix
    assert open_descriptors() == before


def test_nothing_stays_open():
    before = open_descriptors()
    run(python("print(1)"), b"data")
    with pytest.raises(EnvironmentProblem):
        run(python("import time; time.sleep(60)"), b"x" * 1_000_000, timeout=0.1)
    assert open_descriptors() == before


def test_nothing_of_ours_is_inherited():
    code = "import os; print(sorted(int(name) for name in os.listdir('/dev/fd') if int(name) > 2))"
    read, write = os.pipe()
    try:
        listed = eval(run(python(code)).out)  # noqa: S307 - a list of numbers that we printed
    finally:
        os.close(read)
        os.close(write)
    assert read not in listed
    assert write not in listed


def test_waiting_twice_is_a_mistake():
    program = start(python("pass"))
    program.finish()
    with pytest.raises(RuntimeError, match="twice"):
        program.wait()


def test_sigpipe_has_its_usual_meaning_in_the_started_program():
    # Python ignores SIGPIPE; a git that inherited that would write on into the void.
    assert run(["/bin/sh", "-c", "kill -PIPE $$; echo survived"]).code == -signal.SIGPIPE


@pytest.mark.parametrize("detached", [False, True])
def test_a_detached_program_has_a_session_of_its_own(detached):
    done = run(python("import os; print(os.getsid(0) == os.getpid())"), detached=detached)
    assert done.out == f"{detached}\n".encode()
