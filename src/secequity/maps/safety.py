"""Text from the data on its way into a page: always text, never markup, script or a change of reading direction."""

from __future__ import annotations

import json
import re
from typing import Any

_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_FORBIDDEN_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def plain(value: object) -> str:
    """A value as a line of text without control characters and without orders to change the reading direction.

    Names of places never hold such orders; somebody who wants a page to read backwards does.

    >>> plain("San\\u202eJuan\\x00 Bautista")
    'SanJuan Bautista'
    """
    return _CONTROL.sub("", _DIRECTION.sub("", str(value)))


def script_json(value: Any) -> str:
    """JSON that cannot end the `<script>` it stands in, and that a parser reads back unchanged.

    >>> script_json({"name": "</script>"})
    '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in _FORBIDDEN_IN_SCRIPT.items():
        written = written.replace(character, escape)
    return written
