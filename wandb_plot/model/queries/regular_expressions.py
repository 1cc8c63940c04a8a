r"""Regular expressions in filters: runs on disk are matched by Python's, a W&B server matches by RE2's.

RE2 has no look-around and no back-references; it has things that Python lacks, such as `\z` and `\pL`.
"""

import re
import warnings

from wandb_plot.basics.formatting import excerpt
from wandb_plot.errors import UsageError

_HINT = "write KEY~REGEX, such as name~^base"

# RE2's own bounds.
_MOST_REPEATS = 1_000
_DEEPEST_GROUP = 1_000

_TOKEN = re.compile(
    r"""
      \\(?P<reference>[1-9]) | \\.
    | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]
    | (?P<around>\(\?<?[=!])
    | (?P<named>\(\?P=|\(\?\(|\(\?>)
    | (?P<opened>[(])
    | (?P<closed>[)])
    | \{(?P<least>\d+)(?:,(?P<most>\d*))?\}
    | (?P<unfinished>\[|\\)
    """,
    re.VERBOSE | re.DOTALL,
)


# As in fnmatch: a bracket that nothing closes is a character; the first one within may be "]".
_GLOB_TOKEN = re.compile(r"\[!?+(?:\][^\]]*|[^\]]+)\]|.", re.DOTALL)
_SPECIAL_IN_BRACKETS = re.compile(r"[\\\[\]^&~|]")


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern as Python reads it.

    Raises:
        UsageError: it is not valid, or too large.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # a later Python may read it otherwise
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refused(pattern, f"is no regular expression: {error}") from None


def is_glob(text: str) -> bool:
    """Whether a text may match others than itself."""
    return any(symbol in text for symbol in "*?[")


def glob_pattern(glob: str) -> str:
    """A pattern, for Python and RE2 alike, that matches every text that the glob matches.

    It also matches such a text with a line break at its end, and any text where a range in brackets runs backwards.
    """
    translated = []
    for token in _GLOB_TOKEN.findall(glob):
        if len(token) > 1:
            negated, inner = ("^", token[2:-1]) if token[1] == "!" else ("", token[1:-1])
            escaped = _SPECIAL_IN_BRACKETS.sub(r"\\\g<0>", inner)
            translated.append(f"[{negated}{escaped}]")
        else:
            translated.append({"*": "(.|\n)*", "?": "(.|\n)"}.get(token) or re.escape(token))
    pattern = f"^{''.join(translated)}$"
    try:
        compile_pattern(pattern)
    except UsageError:
        return ""
    return pattern


def check_for_server(pattern: str) -> None:
    """Refuse what RE2 refuses and Python may take; the rest is for the server to judge.

    Raises:
        UsageError: it looks around or back, never ends, or repeats or nests too much.
    """
    depth = 0
    for token in _TOKEN.finditer(pattern):
        if token["around"] or token["named"] or token["reference"]:
            what = "look-around" if token["around"] else "back-references and conditions"
            raise _refused(pattern, f"has {what} ({token[0]}), which a W&B server's regular expressions (RE2) lack")
        if token["unfinished"]:
            raise _refused(pattern, f"is no regular expression: nothing ends its {token[0]!r}")
        depth += bool(token["opened"]) - bool(token["closed"])
        if depth < 0:
            raise _refused(pattern, "is no regular expression: nothing begins its ')'")
        # Nine digits are enough to tell, and int() doesn't take any number of them.
        repeats = max(int(count[:9]) if count else 0 for count in (token["least"], token["most"]))
        if depth > _DEEPEST_GROUP or repeats > _MOST_REPEATS:
            raise _refused(pattern, f"repeats or nests more than {_MOST_REPEATS} times, which a W&B server refuses")
    if depth:
        raise _refused(pattern, "is no regular expression: nothing ends its '('")


def _refused(pattern: str, why: str) -> UsageError:
    return UsageError(f"filter: {excerpt(pattern)} {why}", hint=_HINT)
