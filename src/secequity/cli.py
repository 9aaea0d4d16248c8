"""The command line: demo · init · check · run · render. A user's mistake is a list of sentences, never a traceback."""

from __future__ import annotations

import io
import locale
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from secequity.errors import Problem, SecEquityError
from secequity.startup import enter, prepare
from secequity.texts import LANGUAGES, Language, text
from secequity.words import EngineName

if TYPE_CHECKING:
    from secequity.study import Study

app = typer.Typer(
    name="secequity",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Who is guarded, who guards themselves, and by how much. · A quién se cuida, quién se cuida solo y en cuánto.",
)

StudyFile = Annotated[
    Path, typer.Argument(metavar="STUDY.toml", readable=False, help="The study file. · El archivo de estudio.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", readable=False, help="Folder for the results. · Carpeta de resultados.")
]
Spoken = Annotated[
    str | None, typer.Option("--language", metavar="es|en", help="Language of map, report and messages. · Idioma.")
]
Worker = Annotated[
    str,
    typer.Option("--engine", metavar="|".join(get_args(EngineName)), help="Who reads GPS tracks. · Quién lee el GPS."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors. · Solo errores.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error. · Mostrar el rastro del error.")]


@app.command()
def demo(out: Out = Path("demo"), language: Spoken = None, quiet: Quiet = False, debug: Debug = False) -> None:
    """Run the embedded city, a model of metropolitan Ayacucho. · Ejecutar la ciudad de ejemplo."""
    from secequity.demo import demo_study

    _run(demo_study(), out, _Terminal(language=_known(language), quiet=quiet, debug=debug))


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the new study. · Carpeta del nuevo estudio.")
    ],
    language: Spoken = None,
    debug: Debug = False,
) -> None:
    """Write a commented study.toml, proposed from the files in the folder. · Crear un study.toml comentado."""
    from secequity.template import write_template

    terminal = _Terminal(language=_known(language), quiet=False, debug=debug)
    with terminal.guarded():
        path, guessed = write_template(folder, language=terminal.language)
        terminal.say("cli.init", path=str(path))
        if guessed:
            terminal.say("cli.init.guess", what=", ".join(guessed))


@app.command()
def check(study: StudyFile, language: Spoken = None, quiet: Quiet = False, debug: Debug = False) -> None:
    """List every problem of a study at once. · Enumerar todos los problemas de un estudio."""
    terminal = _Terminal(language=_known(language), quiet=quiet, debug=debug)
    with terminal.guarded():
        read = _inspected(study, terminal)
        people = float(read.city.frame["population"].sum())
        counts = {"neighbourhoods": len(read.city.frame), "layers": len(read.layers), "people": people}
        terminal.say("cli.ok", file=str(study), **counts)
        terminal.notices(read.notices)
        terminal.say("cli.next", file=str(study))


@app.command()
def run(
    study: StudyFile,
    out: Out = Path("out"),
    language: Spoken = None,
    engine: Worker = "auto",
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compute a study and write its map, report and tables. · Calcular un estudio y escribir mapa, informe y tablas."""
    _run(study, out, _Terminal(language=_known(language), quiet=quiet, debug=debug), engine=_engine(engine))


@app.command()
def render(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of finished results. · Carpeta con resultados.")
    ],
    language: Spoken = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw map and report of finished results again. · Dibujar de nuevo el mapa y el informe."""
    from secequity import outputs

    chosen = _known(language)
    terminal = _Terminal(language=chosen, quiet=quiet, debug=debug)
    with terminal.guarded(), terminal.progress() as step:
        outputs.render(folder, language=chosen, step=step)
    terminal.pages(folder)


@app.command()
def words(
    language: Annotated[str, typer.Option("--language", metavar="qu", help="Catalogue to look at. · Catálogo.")] = "qu",
) -> None:
    """List what a catalogue has not translated yet. · Enumerar lo que falta traducir."""
    from secequity.texts import untranslated

    for key, sentence in untranslated(language).items():
        typer.echo(f"{key}\t{sentence}")


def _run(study: Path, out: Path, terminal: _Terminal, *, engine: EngineName = "auto") -> None:
    enter("secequity.study", "secequity.outputs", "spreg")
    from secequity import findings, outputs

    with terminal.guarded():
        if terminal.chosen is None:
            terminal.language = _language_of(study)
        outputs.check_folder(out)
        with terminal.progress() as step:
            step("read")
            read = _inspected(study, terminal, engine=engine, told=step.piece)
            step.expect(1 + len(read.steps) + len(outputs.STEPS))
            results = read.run(step=step)
            results.write(out, language=terminal.language, step=step)
        terminal.notices(results.notices)
        terminal.say("cli.findings")
        for at, finding in enumerate(findings.three(results, terminal.language), start=1):
            terminal.line(f"  {at}. {finding.text}")
        terminal.pages(out)


def _inspected(
    study: Path, terminal: _Terminal, *, engine: EngineName = "auto", told: Callable[[int, int], None] | None = None
) -> Study:
    """The study, or every problem on the terminal and exit code 1."""
    enter("secequity.study")
    from secequity.study import inspect_study

    if terminal.chosen is None:
        terminal.language = _language_of(study)
    read, found = inspect_study(study, engine=engine, progress=told or (lambda done, total: None))
    if read is None:
        terminal.errors(found.errors, file=str(study))
        raise typer.Exit(1)
    return read


def _language_of(study: Path) -> Language:
    """The language a study is written in, even when it cannot be used."""
    import tomllib

    try:
        written = tomllib.loads(study.read_text(encoding="utf-8-sig"))["study"].get("language", "es")
    except (OSError, ValueError, KeyError, AttributeError):
        return _of_the_machine()
    return written if written in LANGUAGES else "es"


def _engine(name: str) -> EngineName:
    for one in get_args(EngineName):
        if name == one:
            return cast(EngineName, one)
    raise typer.BadParameter(" | ".join(get_args(EngineName)), param_hint="--engine")


def _of_the_machine() -> Language:
    known = (locale.getlocale()[0] or "").lower()
    return "es" if known.startswith(("es", "spanish")) else "en"


def _known(language: str | None) -> Language | None:
    if language is None:
        return None
    for one in LANGUAGES:
        if language == one:
            return one
    raise typer.BadParameter("es | en", param_hint="--language")


class _Terminal:
    """Where the user is spoken to: progress bars on a terminal, plain lines when piped."""

    def __init__(self, *, language: Language | None, quiet: bool, debug: bool) -> None:
        self.chosen = language
        self.language = language or _of_the_machine()
        self.quiet, self.debug = quiet, debug

    def line(self, said: str) -> None:
        if not self.quiet:
            typer.echo(said)

    def say(self, key: str, **values: Any) -> None:
        self.line(text(key, self.language, **values))

    def notices(self, notices: tuple[Problem, ...]) -> None:
        if notices:
            self.say("cli.notices")
        for one in notices:
            self.line(f"  – {one.say(self.language)}")

    def errors(self, problems: list[Problem] | tuple[Problem, ...], *, file: str = "secequity") -> None:
        key = "cli.problems.one" if len(problems) == 1 else "cli.problems"
        typer.echo(text(key, self.language, file=file, count=len(problems)), err=True)
        for at, one in enumerate(problems, start=1):
            typer.echo(f"  {at}. {one.say(self.language)}", err=True)

    def pages(self, folder: Path) -> None:
        self.say("cli.map", path=str(folder / "map.html"))
        self.say("cli.report", path=str(folder / "report.html"))
        self.say("cli.open")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Errors as sentences and exit code 1; the traceback only with --debug."""
        try:
            yield
        except SecEquityError as error:
            if self.debug:
                raise
            self.errors(error.problems)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo(text("cli.interrupted", self.language), err=True)
            raise typer.Exit(1) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if self.debug:
                raise
            said = f"{type(error).__name__}: {error}"
            typer.echo(text("cli.unexpected", self.language, error=said), err=True)
            raise typer.Exit(1) from None

    @contextmanager
    def progress(self) -> Iterator[_Progress]:
        """Tells the step at hand: a moving bar on a terminal, a line a step when piped, nothing when quiet."""
        if self.quiet:
            yield _Progress(lambda _: None, lambda _: None)
        elif sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

            columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            with Progress(*columns, console=Console(stderr=True)) as bar:
                task = bar.add_task("", total=None)

                def moved(name: str) -> None:
                    bar.update(
                        task, total=progress.expected, completed=progress.begun - 1, description=self._step(name)
                    )

                progress = _Progress(moved, lambda share: bar.update(task, description=self._read(share)))
                yield progress
                bar.update(task, total=progress.begun, completed=progress.begun, description="")
        else:
            yield _Progress(
                lambda name: typer.echo(f"· {self._step(name)}", err=True),
                lambda share: typer.echo(f"· {self._read(share)}", err=True),
            )

    def _read(self, share: int) -> str:
        return text("step.tracks", self.language, share=share)

    def _step(self, name: str) -> str:
        step, _, measure = name.partition(":")
        return text(f"step.{step}", self.language, measure=measure).removesuffix(": ")


class _Progress:
    """The steps begun so far, out of as many as are expected; each is shown as it begins."""

    def __init__(self, show: Callable[[str], None], show_share: Callable[[int], None]) -> None:
        self._show, self._show_share = show, show_share
        self._share = 0
        self.begun = 0
        self.expected: int | None = None

    def __call__(self, name: str) -> None:
        self.begun += 1
        self._show(name)

    def piece(self, done: int, total: int) -> None:
        """How many pieces of a long file are read; said every tenth of the way."""
        share = 10 * (10 * done // max(total, 1))
        if share != self._share and total > 1:
            self._show_share(share)
        self._share = share

    def expect(self, total: int) -> None:
        """How many steps there will be in all."""
        self.expected = total


def main() -> None:
    """Entry point of the `secequity` command; a console without the letters of a sentence shows it all the same."""
    prepare()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
