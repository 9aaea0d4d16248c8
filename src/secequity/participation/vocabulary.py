"""The controlled vocabulary of what residents do, and how the words of a register find their place in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import combining, normalize

import pandas as pd

from secequity.checks import nearest, require_arguments
from secequity.words import Activity, ActivityKind, Support

_SIGNS = re.compile(r"[^a-z0-9ñ]+")
_BETWEEN = re.compile(r"\s*[,;/+&|]\s*|\s+(?:y|e|and)\s+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Term:
    """One activity: its names, its kind, its place on the four axes, and the words registers write for it."""

    es: str
    en: str
    kind: ActivityKind
    axes: tuple[str, str, str, str]
    words: tuple[str, ...]


TERMS: dict[Activity, Term] = {
    "night_patrol": Term(
        es="ronda o patrullaje vecinal",
        en="residents' patrol",
        kind="embodied",
        axes=("active", "collective", "positive", "activism"),
        words=(
            *("ronda", "ronda nocturna", "ronda urbana", "ronda vecinal", "ronda campesina", "ronda de vigilancia"),
            *("patrullaje vecinal", "patrullaje vecinal nocturno", "patrullaje comunitario", "patrulla vecinal"),
            *("vigilancia vecinal", "vigilancia nocturna", "guardia vecinal", "guardia nocturna", "rondin vecinal"),
            *("night patrol", "resident patrol", "community patrol", "neighbourhood patrol", "neighborhood patrol"),
            *("neighbourhood watch", "neighborhood watch", "night watch"),
        ),
    ),
    "faena": Term(
        es="faena o trabajo comunal",
        en="communal work",
        kind="embodied",
        axes=("active", "collective", "positive", "compliance"),
        words=(
            *("faena", "faena comunal", "faena de limpieza", "faena de alumbrado", "trabajo comunal", "minga", "minka"),
            *(
                "tequio",
                "ayni",
                "mutirao",
                "jornada de limpieza",
                "limpieza comunal",
                "recuperacion de espacio publico",
            ),
            *("communal work", "work party", "work day", "street cleaning", "clean up"),
        ),
    ),
    "dues": Term(
        es="cuota para vigilancia",
        en="quota for a guard",
        kind="embodied",
        axes=("passive", "individual", "positive", "compliance"),
        words=(
            *("cuota", "cuota mensual", "cuota para vigilancia", "cuota de vigilancia", "cuota mensual del vigilante"),
            *("pago de vigilante", "pago de cuota", "aporte para vigilancia", "aporte economico", "colecta"),
            *("due", "quota", "fee", "contribution for a guard", "guard fee", "monthly quota"),
        ),
    ),
    "meeting": Term(
        es="reunión o asamblea",
        en="meeting",
        kind="documentary",
        axes=("active", "collective", "positive", "compliance"),
        words=(
            *("reunion", "reunion de junta vecinal", "reunion vecinal", "asamblea", "asamblea de vecinos", "sesion"),
            *("cabildo", "mesa de trabajo", "capacitacion", "taller", "charla"),
            *("meeting", "assembly", "neighbourhood meeting", "neighborhood meeting", "workshop"),
        ),
    ),
    "presence": Term(
        es="presencia en operativos",
        en="presence at operations",
        kind="documentary",
        axes=("passive", "collective", "positive", "compliance"),
        words=(
            *("presencia", "presencia en operativo", "presencia en operativos", "acompanamiento en operativo"),
            *("asistencia a operativo", "participacion en operativo", "veeduria de operativo"),
            *("presence", "presence at operation", "attendance at operation", "attending operation"),
        ),
    ),
    "complaint": Term(
        es="denuncia o queja",
        en="complaint",
        kind="documentary",
        axes=("active", "individual", "negative", "activism"),
        words=(
            *("denuncia", "queja", "queja ante la municipalidad", "reclamo", "reporte", "llamada de emergencia"),
            *("complaint", "report", "claim", "emergency call"),
        ),
    ),
    "petition": Term(
        es="memorial o solicitud",
        en="petition",
        kind="documentary",
        axes=("active", "collective", "positive", "activism"),
        words=(
            *("memorial", "solicitud", "solicitud de alumbrado", "solicitud de patrullaje", "peticion", "oficio"),
            *("pedido", "carta", "recoleccion de firma", "firma"),
            *("petition", "request", "letter", "signature collection"),
        ),
    ),
    "walk": Term(
        es="caminata exploratoria",
        en="exploratory walk",
        kind="documentary",
        axes=("active", "collective", "positive", "activism"),
        words=(
            *(
                "caminata",
                "caminata exploratoria",
                "marcha exploratoria",
                "recorrido exploratorio",
                "recorrido vecinal",
            ),
            *("mapeo participativo", "walk", "exploratory walk", "safety walk", "safety audit", "walkabout"),
        ),
    ),
}
AXES = ("active_passive", "individual_collective", "positive_negative", "activism_compliance")
STARTS: dict[str, Activity] = {
    **dict.fromkeys(("ronda", "guardia", "vigilancia"), "night_patrol"),
    **dict.fromkeys(("faena", "minga", "minka", "tequio"), "faena"),
    **dict.fromkeys(("cuota", "quota"), "dues"),
    **dict.fromkeys(("reunion", "asamblea", "meeting", "assembly"), "meeting"),
    **dict.fromkeys(("presencia", "presence"), "presence"),
    **dict.fromkeys(("denuncia", "queja", "reclamo", "complaint"), "complaint"),
    **dict.fromkeys(("memorial", "solicitud", "peticion", "petition", "request"), "petition"),
    **dict.fromkeys(("caminata",), "walk"),
}
"""The first word of a wording that tells its activity whatever follows, unless it is somebody else's work."""

OTHERS = frozenset(
    (
        *("policial", "policia", "police", "serenazgo", "sereno", "municipal"),
        *("privada", "privado", "private", "ejercito", "military", "army"),
    )
)
"""Words that say that not the residents did it."""

SUPPORT: dict[str, Support | None] = {
    **dict.fromkeys(("radio", "radio portatil", "walkie talkie", "handie"), "radios"),
    **dict.fromkeys(("silbato", "pito", "whistle"), "whistles"),
    **dict.fromkeys(
        ("vehiculo", "camioneta", "moto", "patrullero", "movilidad", "vehicle", "car", "motorcycle"), "vehicle"
    ),
    **dict.fromkeys(("visita", "acompanamiento", "visit", "patrulla", "patrullaje integrado"), "visit"),
    **dict.fromkeys(
        ("equipo", "chaleco", "linterna", "alarma", "camara", "equipment", "vest", "torch", "flashlight", "alarm"),
        "equipment",
    ),
    **dict.fromkeys(("capacitacion", "taller", "charla", "training", "workshop"), "training"),
    **dict.fromkeys(("otro", "otra", "other", "si", "yes", "x", "1", "true", "verdadero"), "other"),
    **dict.fromkeys(("no", "ninguno", "ninguna", "nada", "none", "0", "false", "falso", "sin apoyo"), None),
}
"""What registers write for the support they received; None: it says that there was none."""

YES = frozenset(("si", "s", "yes", "y", "x", "1", "true", "verdadero", "presente", "v"))
NO = frozenset(("no", "n", "0", "false", "falso", "ausente", "ninguno", "ninguna", "none", "f"))


def folded(wording: str) -> str:
    """A wording without accents, capitals, signs and plurals.

    >>> folded("Rondas Nocturnas"), folded("Reuniones de JUNTAS vecinales")
    ('ronda nocturna', 'reunion de junta vecinal')
    """
    plain = normalize("NFKD", wording.casefold().replace("_", " "))
    letters = "".join(sign for sign in plain if not combining(sign))
    return " ".join(_singular(one) for one in _SIGNS.split(letters) if one)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith(("iones", "ales", "ores", "udes", "eles", "antes", "ades")):
        return word.removesuffix("s") if word.endswith("antes") else word.removesuffix("es")
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word


def vocabulary() -> pd.DataFrame:
    """Every activity of the controlled vocabulary and its place on the four axes of participation.

    Returns
    -------
    Frame by `activity` (the word of study files and tables): `es`, `en` (its names), `kind` (`embodied` or
    `documentary`), `active_passive`, `individual_collective`, `positive_negative`, `activism_compliance` (its place on
    each axis) and `words` (wordings that are recognised, in both languages).

    Embodied: residents give their bodies' time or pay for another's. Documentary: they ask, attend, accompany or
    report, and leave a paper. Negative: it objects to the service, rather than adding to it. Compliance: at the call of
    an authority or by the rule of one's own organisation, rather than on one's own initiative.

    Source: Brudney & England (1983), Public Administration Review 43(1); the axes as in Payan, "Coproduction of Public
    Safety"; embodied and documentary after Marquardt, "Participatory Security". The placing is this package's.

    >>> vocabulary().loc["night_patrol", ["kind", *AXES]].tolist()
    ['embodied', 'active', 'collective', 'positive', 'activism']
    """
    rows = {
        activity: [term.es, term.en, term.kind, *term.axes, "; ".join(term.words)] for activity, term in TERMS.items()
    }
    columns = ["es", "en", "kind", *AXES, "words"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("activity")


def recognise(wordings: pd.Series, *, activities: Mapping[str, str] | None = None) -> pd.Series:
    """The activity of the controlled vocabulary that each wording means.

    Parameters
    ----------
    wordings : text as a register writes it; accents, capitals, signs and plurals make no difference.
    activities : the user's own wordings and the activity each means; they win over the vocabulary.

    Returns
    -------
    Series like `wordings`: a word of the vocabulary, or missing where none is recognised.

    >>> recognise(pd.Series(["RONDAS NOCTURNAS", "Asambleas", "patrullaje policial"])).tolist()
    ['night_patrol', 'meeting', None]
    """
    require_arguments(wordings=("series", wordings), activities=("mapping or none", activities))
    own = {folded(wording): activity for wording, activity in (activities or {}).items()}
    told = {one: _recognised(one, own) for one in wordings.dropna().unique()}
    return wordings.map(told, na_action="ignore").astype(object).where(lambda found: found.notna(), None)


def _known() -> dict[str, Activity]:
    """Every wording of the vocabulary, and the words themselves, as `folded` leaves them."""
    by_wording: dict[str, Activity] = {}
    for activity, term in TERMS.items():
        by_wording |= {folded(word): activity for word in (*term.words, activity)}
    return by_wording


KNOWN = _known()


def _recognised(wording: str, own: Mapping[str, str]) -> str | None:
    plain = folded(wording)
    if plain in own:
        return own[plain]
    if plain in KNOWN:
        return KNOWN[plain]
    words = plain.split()
    start = STARTS.get(words[0]) if words else None
    return None if start in ("night_patrol", "faena") and OTHERS & set(words[1:3]) else start


def suggestion(wording: str, own: Mapping[str, str]) -> str:
    """The activity that a wording nobody recognises resembles most, or an empty string.

    >>> suggestion("Reunoin vecinal", {}), suggestion("Kermés", {})
    ('meeting', '')
    """
    words: dict[str, str] = {**KNOWN, **{folded(wording): activity for wording, activity in own.items()}}
    close = nearest(folded(wording), words, cutoff=0.75)
    return words[close] if close else ""


def supports_of(cell: str, own: Mapping[str, Support | None]) -> tuple[Support | None, ...] | None:
    """The kinds of support a cell names, `(None,)` where it says that there was none; None for an unknown word.

    >>> supports_of("radios y silbatos", {}), supports_of("ninguno", {}), supports_of("globos", {})
    (('radios', 'whistles'), (None,), None)
    """
    mapped = {folded(wording): support for wording, support in own.items()}
    known = {folded(wording): support for wording, support in SUPPORT.items()}
    every = {**known, **mapped}
    whole = folded(cell)
    parts = [whole] if whole in every else [folded(one) for one in _BETWEEN.split(cell.strip()) if one]
    if not parts or any(one not in every for one in parts):
        return None
    found = tuple(dict.fromkeys(every[one] for one in parts))
    return tuple(one for one in found if one) or (None,)


def yes_or_no(cell: str) -> bool | None:
    """What a cell answers, or None for a word that is neither.

    >>> yes_or_no("Sí"), yes_or_no("no"), yes_or_no("quizás")
    (True, False, None)
    """
    plain = folded(cell)
    return True if plain in YES else False if plain in NO else None
