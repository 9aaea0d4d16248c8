"""Write `docs/errors.md` from the catalogues of sentences: every problem the program can report, in both languages.

Run it after changing a sentence: python docs/make_errors.py
"""

from __future__ import annotations

import json
from pathlib import Path

DOCS = Path(__file__).parent
CATALOGUE = DOCS.parent / "src" / "secequity" / "catalogue"

TITLES = {
    "errors": "The study, its files and its results",
    "arguments": "Arguments of a function",
    "equity": "Gaps, inequality and inference",
    "spatial": "Rates, weights and spatial autocorrelation",
    "map": "The map",
    "report": "The report",
    "template": "A new study file (secequity init)",
    "kinds": "Layers of every kind",
    "transfer": "Areas of service and rasters",
    "catchment": "Costs and catchments",
    "patrol": "Routes and GPS tracks",
    "participation": "What residents give",
    "surveys": "What residents fear, and what they report",
    "privacy": "Data about persons",
}

HEAD = """# Errors and notes

Everything the program can say about your data, by its code. This page is written by `docs/make_errors.py` from the
sentences the program itself speaks; words in braces, such as `{file}`, are filled in with the names of your study.

A message has three parts, `what is wrong with which input · which ids or rows · what to do`: the first five ids are
shown, and how many there are. An **error** stops the study before anything is written, and `secequity check` lists all
of them at once (exit code 1). A **note** says what was repaired, left out or assumed; the study runs, and the note
travels with its results: on the map, in the report, and under `warnings` in `summary.json` with its code. Codes that
end in `_kept` are the notes that take the place of an error after you have accepted it in the study file.

In Python every error is a `secequity.SecEquityError`; its `problems` hold `code`, `which` and `values`, and
`say("es")` or `say("en")` speaks them.

*En español: cada código tiene primero el texto en inglés y luego en español: qué pasa y qué hacer.*
"""


def page() -> str:
    """The page as text."""
    parts = [HEAD]
    for file in sorted((CATALOGUE / "en").glob("*.json"), key=lambda one: (one.stem not in TITLES, _place(one.stem))):
        english = json.loads(file.read_text(encoding="utf-8"))
        spanish = json.loads((CATALOGUE / "es" / file.name).read_text(encoding="utf-8"))
        codes = [key.removeprefix("problem.") for key in english if key.startswith("problem.")]
        if codes:
            parts.append(f"\n## {TITLES.get(file.stem, file.stem.replace('_', ' ').capitalize())}\n")
            parts += [_entry(code, english, spanish) for code in codes]
    return "\n".join(parts)


def _place(stem: str) -> str:
    return f"{list(TITLES).index(stem):02}" if stem in TITLES else stem


def _entry(code: str, english: dict[str, str], spanish: dict[str, str]) -> str:
    lines = [f"### `{code}`", ""]
    for language, sentences in (("en", english), ("es", spanish)):
        what, remedy = (_plain(sentences[f"{part}.{code}"]) for part in ("problem", "remedy"))
        lines.append(f"- **{language}** · {what}<br>→ {remedy}")
    return "\n".join([*lines, ""])


def _plain(sentence: str) -> str:
    """A sentence of the catalogue as Markdown shows it unchanged."""
    sentence = sentence.replace("{{", "{").replace("}}", "}")
    for sign in ("\\", "*", "_", "[", "]", "<", ">", "|"):
        sentence = sentence.replace(sign, f"\\{sign}")
    return sentence


if __name__ == "__main__":
    (DOCS / "errors.md").write_text(page(), encoding="utf-8", newline="\n")
