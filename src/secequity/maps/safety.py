"""Data on its way into a page: always text, never markup or script."""

from __future__ import annotations

import json
from typing import Any

_FORBIDDEN_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def script_json(value: Any) -> str:
    """JSON that cannot end the `<script>` it stands in, and that a parser reads back unchanged.

    >>> script_json({"name": "</script>"})
    '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in _FORBIDDEN_IN_SCRIPT.items():
        written = written.replace(character, escape)
    return written
