"""Runs in the virtual environment of a peer: commits as JSON, one a line, in; what the peer says about each, out.

Each is asked through the function that it documents for this, with its defaults: commit-check for every signature that
its policy `ai_attribution = "forbid"` refuses, aiir for its signals of AI and of bots.
"""

import json
import sys


def commit_check(commit):
    """Reads the message."""
    from commit_check.ai_signatures import detect_ai_signatures

    return "ai" if detect_ai_signatures(commit["message"].strip()) else ""


def aiir(commit):
    """Reads the message and who wrote and committed."""
    from aiir import detect_ai_signals

    ai, bots = detect_ai_signals(commit["message"].strip(), *commit["author"], *commit["committer"])
    return "ai" if ai else "bot" if bots else ""


def main():
    """The peer is the first argument."""
    ask = {"commit-check": commit_check, "aiir": aiir}[sys.argv[1]]
    for line in sys.stdin:
        print(json.dumps(ask(json.loads(line))))


if __name__ == "__main__":
    main()
