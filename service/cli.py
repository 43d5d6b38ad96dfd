"""The command line: `ridealong analyze`, `annotate`, `score`, `framework`, `train`, `evaluate` and others.

Exit status: 0 when every file was analysed, 2 when a file or an option was refused, 130 on Ctrl-C.
The path of a call is imported inside the commands: `--help` and a wrong option need none of its models.
"""

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from models.errors import CallError
from models.files import printable, shown
from models.framework import Framework, load_framework
from models.heads import load_heads
from service import batch, cli_people, cli_service, cli_training, interrupt
from service.cli_framework import ContextName
from service.cli_framework import framework as show_rubric
from service.cli_import import import_calls
from service.cli_learning import learn
from service.cli_rescore import rescore
from service.result import Result, SourcePart, recording_source, result, schema, to_json
from service.view import show_evidence, show_scorecard

if TYPE_CHECKING:
    from models.recogniser import Recogniser

app = typer.Typer(
    name="ridealong",
    help="Analyse recorded sales calls on this machine: transcript, evidence, draft scores.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Files = Annotated[list[Path], typer.Argument(help="Files, or folders of them.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Write each result to this folder, as FILE.json.")]
Rep = Annotated[
    str,
    typer.Option(
        "--rep", help="The rep: left or right channel, a speaker's label, or auto, by what is said."
    ),
]
FrameworkName = Annotated[
    str, typer.Option("--framework", help="What to score by: default, donor, or a TOML file of your own.")
]
Date = Annotated[
    dt.datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the call; resolves dates like 'next Tuesday'."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one result a line.")]
JsonOrText = Annotated[
    bool | None,
    typer.Option("--json/--text", help="JSON, one result a line, or text (default in a terminal)."),
]
app.add_typer(cli_training.train, name="train")
app.add_typer(cli_training.evaluate, name="evaluate")
app.add_typer(cli_people.user, name="user")
cli_service.add_to(app)
app.command("framework")(show_rubric)
app.command("rescore")(rescore)
app.command("import")(import_calls)
app.command("learn")(learn)
INTERRUPTED = 130
Show = Callable[[Console, Result], None]
Tell = Callable[[str, float], None]


@app.command()
def analyze(
    files: Files,
    *,
    as_json: Json = False,
    out_folder: Out = None,
    rep: Rep = "auto",
    model: Annotated[
        str, typer.Option("--model", help="Whisper: base, tiny.en, a folder, or hub:NAME to download one.")
    ] = "base",
    language: Annotated[
        str | None, typer.Option("--language", help="Spoken language, like en; detected by default.")
    ] = None,
    framework: FrameworkName = "default",
    context: ContextName = None,
    date: Date = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option("--device", help="auto: CUDA where there is one.")
    ] = "auto",
    fillers: Annotated[
        bool, typer.Option("--fillers", help="Keep more of um and uh; more errors on noisy lines.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, help="CPU threads; every core by default.")
    ] = None,
) -> None:
    """Analyse recordings: who said what, the evidence in it, and a draft scorecard."""
    from service.analysis import analyse, hear  # noqa: PLC0415

    chosen = _framework(framework, context)

    @cache
    def recogniser() -> "Recogniser":
        from models.recogniser import Whisper  # noqa: PLC0415
        from models.weights import whisper_weights  # noqa: PLC0415

        return Whisper(whisper_weights(model), device=device, threads=threads, fillers=fillers)

    def work(path: Path) -> Result:
        with _progress(path) as tell:
            heard = hear(path, recogniser, rep=_option(rep), language=language, progress=tell)
            analysis = analyse(
                heard.transcript,
                chosen,
                rep=_option(rep),
                call_date=date.date() if date else None,
                versions=heard.versions,
                warnings=heard.warnings,
                progress=tell,
            )
        return result(recording_source(heard.recording), analysis, heard.transcript, chosen)

    _run(batch.collect(files, batch.RECORDINGS), work, show_scorecard, as_json=as_json, out_folder=out_folder)


@app.command()
def score(
    files: Files,
    *,
    as_json: JsonOrText = None,
    out_folder: Out = None,
    rep: Rep = "auto",
    framework: FrameworkName = "default",
    context: ContextName = None,
    date: Date = None,
) -> None:
    """Draft a scorecard from transcripts: Ridealong's JSON, WebVTT, SRT, or lines of "Name: text"."""
    work = _from_transcript(framework, rep, date, context=context, scored=True)
    items = batch.collect(files, batch.TRANSCRIPTS)
    _run(items, work, show_scorecard, as_json=_piped(as_json), out_folder=out_folder)


@app.command()
def annotate(
    files: Files,
    *,
    as_json: JsonOrText = None,
    out_folder: Out = None,
    rep: Rep = "auto",
    date: Date = None,
) -> None:
    """Find the evidence in transcripts, without scoring them; takes what `score` takes."""
    work = _from_transcript("default", rep, date, scored=False)
    items = batch.collect(files, batch.TRANSCRIPTS)
    _run(items, work, show_evidence, as_json=_piped(as_json), out_folder=out_folder)


@app.command()
def doctor() -> None:
    """Check that every model is installed and is the one it should be."""
    from service.doctor import checks  # noqa: PLC0415

    console = Console(highlight=False)
    faults = 0
    for name, check in checks():
        try:
            console.print(Text.assemble(("ok    ", "green"), f"{name}: {check()}"))
        except CallError as error:
            faults += 1
            console.print(Text.assemble(("wrong ", "red"), f"{name}: {error}"))
    raise typer.Exit(2 if faults else 0)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON schema of a result."""
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"ridealong {version('ridealong')}\n")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _from_transcript(
    framework: str, rep: str, date: dt.datetime | None, *, scored: bool, context: str | None = None
) -> Callable[[Path], Result]:
    from models.transcripts import call_date, read_transcript  # noqa: PLC0415
    from service.analysis import analyse  # noqa: PLC0415

    chosen = _framework(framework, context)

    def work(path: Path) -> Result:
        transcript = read_transcript(path)
        day = date.date() if date else call_date(path)
        analysis = analyse(transcript, chosen, rep=_option(rep), call_date=day)
        source = SourcePart(
            name=printable(path.name),
            kind="transcript",
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            duration=transcript.duration,
        )
        return result(source, analysis, transcript, chosen, scored=scored)

    return work


def _framework(name: str, context: str | None = None) -> Framework:
    """The framework, with its weights found to be there before work begins."""
    chosen = load_framework(name, context)
    load_heads(chosen)
    return chosen


def _option(rep: str) -> str | None:
    return None if rep == "auto" else rep


def _piped(as_json: bool | None) -> bool:
    """Whether to print JSON where nothing was said: when no person is looking."""
    return not sys.stdout.isatty() if as_json is None else as_json


def _run(
    items: Iterator[batch.Item | CallError],
    work: Callable[[Path], Result],
    show: Show,
    *,
    as_json: bool,
    out_folder: Path | None,
) -> None:
    console = Console(highlight=False)
    if out_folder is not None:
        batch.prepare(out_folder)

    def done(item: batch.Item, made: Result) -> None:
        interrupt.check()
        if out_folder is not None:
            batch.write(made, out_folder / item.output)
        if as_json:
            sys.stdout.write(to_json(made) + "\n")
            sys.stdout.flush()
        elif out_folder is None or sys.stdout.isatty():
            show(console, made)

    with interrupt.heeded():
        clean = batch.process(items, work, done, _complain)
    if not clean:
        raise typer.Exit(2)


def _complain(message: str) -> None:
    """One line on standard error, whatever is in the message."""
    sys.stderr.write(f"ridealong: {printable(' '.join(message.split()))}\n")


@contextmanager
def _progress(path: Path) -> Iterator[Tell]:
    """A bar for each stage of a file's way, on standard error, gone when it is done; none when piped."""
    bar = Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    tasks = {}
    with bar:
        if not bar.disable:
            bar.print(Text(shown(path), style="bold"))

        def tell(stage: str, share: float) -> None:
            interrupt.check()
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0)
            bar.update(tasks[stage], completed=share)

        yield tell


def main() -> None:
    """Run the command line; errors a user can act on are one line and exit status 2."""
    if isinstance(sys.stdout, TextIOWrapper):
        # JSON is UTF-8 wherever it goes; a terminal that lacks a character gets a question mark for it.
        sys.stdout.reconfigure(
            encoding=None if sys.stdout.isatty() else "utf-8", errors="replace", newline="\n"
        )
    try:
        app()
    except CallError as error:
        _complain(str(error))
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as stop:
        # Typer turns Ctrl-C into an exit of its own, without a word.
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:
            raise
        _complain("stopped")
        sys.exit(INTERRUPTED)
