"""The part of the reference service that a vendor copies stays small enough to read."""

import ast
import io
import tokenize

from checks.support import ROOT

LIMIT = 2_000
LEFT_OUT = ("onboarding", "workflows", "service", "tests")


def count_code_lines(source: str) -> int:
    """Count the lines of a module that hold code: no blanks, comments or docstrings."""
    lines: set[int] = set()
    skipped = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                lines.difference_update(range(value.lineno, (value.end_lineno or value.lineno) + 1))
    return len(lines)


def test_only_code_is_counted() -> None:
    source = '''"""Doc."""

# why
x = (
    1
)

def f() -> int:
    """Doc
    string."""
    return 1
'''
    assert count_code_lines(source) == 5


def test_the_reference_is_under_2000_lines() -> None:
    counted = {
        path.relative_to(ROOT).as_posix(): count_code_lines(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "reference").rglob("*.py"))
        if not any(part in LEFT_OUT or part.startswith("workflows") for part in path.parts)
    }
    assert counted
    assert sum(counted.values()) < LIMIT, counted
