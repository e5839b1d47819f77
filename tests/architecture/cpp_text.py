"""C++ text as the house rules look at it."""

import re

_TOKENS = re.compile(
    r"""//[^\n]*                                  # a comment to the end of the line
      | /\*.*?\*/                                 # a comment between marks
      | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"      # a raw string
      | "(?:\\.|[^"\\\n])*"                       # a string
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'       # a character, not a digit separator
    """, re.VERBOSE | re.DOTALL)


def without_comments_and_strings(text):
    """The text with comments and the insides of literals blanked; lines and columns stay."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found.group(0))
    return _TOKENS.sub(blank, text)
