"""Regular expressions: Python's for run folders, RE2's for servers."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wandb_plot.errors import UsageError
from wandb_plot.model.queries.regular_expressions import check_for_server, compile_pattern, glob_pattern


@pytest.mark.parametrize(
    "pattern",
    ["^base", "a|b", r"(?i)x(?-i)y", r"\z", r"\pL+", "[[:alpha:]]", "a{2,1000}", r"[(?=]\(\\", "[]a]", "(?P<n>a)", ""],
)
def test_what_servers_take_is_left_to_them(pattern: str) -> None:
    """Also where Python would refuse it."""
    check_for_server(pattern)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(?=a)", "look-around"),
        ("(?!a)b", "look-around"),
        ("(?<=a)b", "look-around"),
        ("x(?<!a)b", "look-around"),
        (r"(a)\1", "back-references"),
        ("(?P<n>a)(?P=n)", "back-references"),
        ("(?>a)", "conditions"),
        ("a{99999999999}", "repeats"),
        ("a{2,1001}", "repeats"),
        ("(", "nothing ends"),
        ("a)", "nothing begins"),
        ("[", "nothing ends"),
        ("a\\", "nothing ends"),
        pytest.param("(" * 5_000 + ")" * 5_000, "nests", id="parentheses"),
        pytest.param("[" * 5_000, "nothing ends", id="brackets"),
        pytest.param("a{" + "9" * 5_000 + "}", "repeats", id="digits"),
    ],
)
def test_what_no_server_takes_is_refused(pattern: str, said: str) -> None:
    """With the reason, before anything is asked."""
    with pytest.raises(UsageError, match=said) as refused:
        check_for_server(pattern)
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        r"\pL",
        "a{99999999999}",
        pytest.param("(" * 5_000 + ")" * 5_000, id="deep"),
        pytest.param("[" * 5_000, id="open"),
    ],
)
def test_what_python_cannot_read_is_refused(pattern: str) -> None:
    """However it fails."""
    with pytest.raises(UsageError, match="no regular expression"):
        compile_pattern(pattern)


@given(st.text("ab*?[]!-^.\\&\n", max_size=8), st.text("ab]-^.\\&\n", max_size=6))
@example("[]a]?", "ab")
@example("[!]", "[!]")
@example("[]", "[]")
@example("[^a]", "^")
@example("[b-a]", "b")
def test_a_glob_becomes_a_pattern_that_servers_take(glob: str, text: str) -> None:
    """It finds all that `fnmatch` matches, and no more but for the stated cases."""
    pattern = glob_pattern(glob)
    check_for_server(pattern)
    found = bool(compile_pattern(pattern).search(text))
    matches = fnmatchcase(text, glob)
    assert found or not matches
    if pattern and not text.endswith("\n"):
        assert found is matches
