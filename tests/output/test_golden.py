from __future__ import annotations

import json

import pytest

from sox_hooks.output.formats import FORMATS
from tests.output.reports import REPORTS, compare_with_golden, rendered


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("which", REPORTS)
def test_reports_look_as_they_did(name, which):
    text = rendered(REPORTS[which](), name)
    if name == "sarif":
        text = _without_the_words_of_the_catalogue(text)
    compare_with_golden(f"report-{which}.{name}", text)


def _without_the_words_of_the_catalogue(text: str) -> str:
    log = json.loads(text)
    driver = log["runs"][0]["tool"]["driver"]
    driver["rules"] = [{name: rule[name] if name == "id" else ... for name in rule} for rule in driver["rules"]]
    return json.dumps(log, indent=1, default=lambda _: "...") + "\n"
