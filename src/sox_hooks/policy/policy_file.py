"""From `policy.toml` to its values: what the table of keys in `sections` cannot say is checked here."""

from __future__ import annotations

from sox_hooks.policy.document import dotted, quoted
from sox_hooks.policy.grammar import check
from sox_hooks.policy.model import AI_ANY, RELATIONS, SAME_PATCH, PathRule, Pattern, Person, Policy, Tier, Tool
from sox_hooks.policy.ranking import ranked
from sox_hooks.policy.sections import POLICY_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sox_hooks.policy.document import Document
    from sox_hooks.policy.toml_places import Path

# Same lines are not the same meaning: where AI is governed, a commit that was moved is signed again.
_STRICT_RELATIONS = tuple([relation for relation in RELATIONS if relation != SAME_PATCH])


def read_policy(document: Document, identity: str, people: tuple[Person, ...]) -> Policy:
    """The policy without people, exceptions and signers. `people` are those whom it may refer to."""
    data = check(document, POLICY_FILE, document.data)
    about, enforcement = data["policy"], data["enforcement"]
    if about["repository"] and about["repository"] in about["former"]:
        where = ("policy", "former", about["former"].index(about["repository"]))
        document.report("SOX006", f"{quoted(about['repository'])} is the present id and a former one", *where)
    roles = dict.fromkeys(role.name for person in people for role in person.roles)
    approvers = ("enforcement", "exceptions_approved_by")
    # The default needs nobody until there is an exception, which then says that its approver lacks the role.
    if approvers in document.places:
        document.refer("role", enforcement["exceptions_approved_by"], roles, *approvers)
    tools = tuple([_tool(document, name, entry) for name, entry in data["tools"].items()])
    return Policy(
        identity=identity,
        repository=about["repository"],
        version=about["version"],
        owner=about["owner"],
        former=tuple(about["former"]),
        mode=enforcement["mode"],
        baseline=tuple(enforcement["baseline"]),
        record_for_others=enforcement["record_for_others"],
        spelling=enforcement["assisted_by"],
        case_sensitive=enforcement["case_sensitive_paths"],
        exceptions_approved_by=enforcement["exceptions_approved_by"],
        tools=tools,
        tiers=_tiers(document, data["tiers"], enforcement, data["tools"], roles),
        paths=_paths(document, data["paths"], data["tiers"], enforcement["case_sensitive_paths"]),
        people=people,
        catalogue=_json(data["catalogue"]),
    )


def compile_patterns(document: Document, sources: list[str], path: Path, case_sensitive: bool) -> tuple[Pattern, ...]:
    """The patterns of the array at `path`; those that are refused are reported and left out."""
    from sox_hooks.policy.patterns import PatternRefused, compile_pattern

    patterns = []
    for index, source in enumerate(sources):
        if source:
            try:
                patterns.append(compile_pattern(source, case_sensitive))
            except PatternRefused as refused:
                document.report("SOX007", refused.what, *path, index, **({"fix": refused.fix} if refused.fix else {}))
    return tuple(patterns)


def _tool(document: Document, name: str, row: dict[str, Any]) -> Tool:
    path = ("tools", name)
    document.in_order(row, "approved_on", "review_by", *path)
    document.in_order(row, "approved_on", "revoked_on", *path)
    if row["revoked_reason"] and not row["revoked_on"]:
        document.report_key("SOX004", f"{dotted((*path, 'revoked_on'))} is missing", *path, "revoked_reason")
    _check_range(document, row["versions"], (*path, "versions"))
    logged = row["audit_logging"]
    return Tool(
        id=name,
        status=row["status"],
        versions=row["versions"],
        models=tuple(row["models"]),
        vendor=row["vendor"],
        owner=row["owner"],
        evidence=row["evidence"],
        approved_on=row["approved_on"],
        review_by=row["review_by"],
        soc2_valid_until=row["soc2_valid_until"],
        data_residency=tuple(row["data_residency"]),
        retention_days=-1 if row["retention_days"] is None else row["retention_days"],
        encryption=tuple(row["encryption"]),
        audit_logging=-1 if logged is None else int(logged),
        revoked_on=row["revoked_on"],
        revoked_reason=row["revoked_reason"],
        place=document.key(*path),
    )


def _check_range(document: Document, versions: str, path: Path) -> None:
    from sox_hooks.policy.versions import parse_range

    try:
        if versions:
            parse_range(versions)
    except ValueError as error:
        document.report("SOX003", f"{dotted(path)} cannot be used: {error}", *path)


def _tiers(
    document: Document, rows: dict[str, Any], enforcement: dict[str, Any], tools: dict[str, Any], roles: Collection[str]
) -> tuple[Tier, ...]:
    for index, name in enumerate(enforcement["undeclared"]):
        where = ("enforcement", "undeclared", index)
        document.refer("tier", name, rows, *where)
        if name in rows and rows[name]["declaration"] == "required":
            document.report(
                "SOX003", f"the tier {quoted(name)} requires a declaration, so it cannot stand here", *where
            )
    for name in enforcement["relations"]:
        document.refer("tier", name, rows, "enforcement", "relations", name, key=True)
    tiers = []
    for name, row in rows.items():
        path = ("tiers", name)
        for index, tool in enumerate(row["tools"]):
            document.refer("tool", tool, tools, *path, "tools", index)
        for index, role in enumerate(row["review"]):
            document.refer("role", role, roles, *path, "review", index)
        for what, prefix in (("limits of retention", "retention<="), ("regions", "residency:")):
            if sum(condition.startswith(prefix) for condition in row["require"]) > 1:
                document.report("SOX006", f"{dotted((*path, 'require'))} holds two {what}", *path, "require")
        ai = row["ai"] or AI_ANY
        default = RELATIONS if ai == AI_ANY else _STRICT_RELATIONS
        tiers.append(
            Tier(
                name=name,
                ai=ai,
                rank=0,
                tools=tuple(row["tools"]),
                require=tuple(row["require"]),
                declaration=row["declaration"],
                review=tuple(row["review"]),
                training=tuple(row["training"]),
                key=row["key"],
                reads=row["reads"],
                undeclared=name in enforcement["undeclared"],
                relations=tuple(enforcement["relations"].get(name, default)),
                place=document.key(*path),
            )
        )
    return ranked(tuple(tiers))


def _paths(document: Document, rows: list[Any], tiers: dict[str, Any], case_sensitive: bool) -> tuple[PathRule, ...]:
    rules = []
    for index, row in enumerate(rows):
        path = ("paths", index)
        document.refer("tier", row["tier"], tiers, *path, "tier")
        patterns = compile_patterns(document, row["patterns"], (*path, "patterns"), case_sensitive)
        rules.append(PathRule(patterns, row["tier"], row["because"], document.key(*path)))
    return tuple(rules)


def _json(catalogue: dict[str, Any]) -> str:
    """The overrides as text that is the same for the same content."""
    if not catalogue:
        return ""
    from json import dumps

    return dumps(catalogue, sort_keys=True, separators=(",", ":"))
