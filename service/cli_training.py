"""The command line for whoever trains models: `ridealong train ...` and `ridealong evaluate ...`.

Training and its data are imported inside the commands: nobody else's start should wait for scikit-learn.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

train = typer.Typer(help="Train models from labelled calls.", no_args_is_help=True)
evaluate = typer.Typer(help="Measure models on labelled calls they never saw.", no_args_is_help=True)

Corpora = Annotated[
    Path | None,
    typer.Option("--corpora", help="Folder with the public corpora (ami, mrda, casino, p4g, email_intent)."),
]


@train.command("annotators")
def train_annotators(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models to train; all by default.", show_default=False)
    ] = None,
    *,
    corpora: Corpora = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write models to; Ridealong's own by default.")
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="Also measure by leaving out a writer at a time; takes long.")
    ] = False,
) -> None:
    """Train the annotators' models on our labelled calls, and public corpora where a model needs them."""
    from annotators.linear import FOLDER  # noqa: PLC0415
    from training.annotators import train as run  # noqa: PLC0415

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    for model in run(corpora, out or FOLDER, names or (), _tell, figures=figures):
        sys.stdout.write(f"{model.name}: {model.size}\n")


@evaluate.command("annotators")
def evaluate_annotators(
    *,
    corpora: Corpora = None,
    training: Annotated[
        bool, typer.Option("--training", help="On the calls the models learned from: what they fit.")
    ] = False,
) -> None:
    """Print how well the annotators find what two readers marked, and what people labelled in corpora."""
    from training.annotators import report  # noqa: PLC0415

    for line in report(corpora, held_out=not training):
        sys.stdout.write(line + "\n")


Framework = Annotated[str, typer.Option("--framework", help="default, donor, or a TOML file of your own.")]


@train.command("scorer")
def train_scorer(
    *,
    reviews: Annotated[
        list[Path] | None, typer.Option("--reviews", help="Exported reviews, JSON lines; may be repeated.")
    ] = None,
    framework: Framework = "default",
    out: Annotated[
        Path | None, typer.Option("--out", help="Weights file to write; beside the framework by default.")
    ] = None,
) -> None:
    """Learn to score from our calls and exported reviews; a head must beat the current one to replace it."""
    from models.framework import load_framework  # noqa: PLC0415
    from models.heads import load_heads  # noqa: PLC0415
    from training.score_commands import gather, learned_from, retrain, sources  # noqa: PLC0415
    from training.score_summary import summary, weights_file  # noqa: PLC0415

    chosen = load_framework(framework)
    scored = gather(reviews or (), _tell)
    trained = retrain(chosen, scored, load_heads(chosen), _tell)
    for line in summary(trained, chosen):
        sys.stdout.write(line + "\n")
    if trained.changed:
        target = out or chosen.path.with_suffix(".weights.toml")
        text = weights_file(chosen, trained, sources(scored), learned_from(scored))
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"written: {target}\n")


@train.command("features")
def train_features(
    *,
    work: Annotated[
        Path, typer.Option("--work", help="Folder to work in; a run that was stopped goes on from there.")
    ] = Path("build/features"),
    folds: Annotated[int, typer.Option("--folds", min=2, help="Parts the writers are dealt into.")] = 3,
    corpora: Corpora = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; by default the one the scorer learns from.")
    ] = None,
) -> None:
    """Measure our calls by annotators that had not learned from them; fits all annotators once a fold."""
    from training.call_features import NAME, cross_fit  # noqa: PLC0415
    from training.datasets import DATA  # noqa: PLC0415

    made = cross_fit(work, _tell, folds=folds, corpora=corpora)
    target = out or DATA / NAME
    target.write_text(made.read_text(encoding="utf-8"), encoding="utf-8")
    sys.stdout.write(f"written: {target}\n")


@evaluate.command("scorer")
def evaluate_scorer(
    *,
    reviews: Annotated[
        list[Path] | None, typer.Option("--reviews", help="Exported reviews, JSON lines; may be repeated.")
    ] = None,
    framework: Framework = "default",
    report_file: Annotated[
        Path | None, typer.Option("--report", help="HTML file to write a report with plots to.")
    ] = None,
    learning_curve: Annotated[
        bool,
        typer.Option(
            "--learning-curve", help="Also how soon drafts follow organisations that score otherwise."
        ),
    ] = False,
    shortcuts: Annotated[
        bool, typer.Option("--shortcuts", help="Also how far length, turns and bare words get; takes long.")
    ] = False,
) -> None:
    """Print how well drafts agree with the scores given to calls the scorer did not learn from."""
    from models.framework import load_framework  # noqa: PLC0415
    from training.score_commands import gather, report  # noqa: PLC0415

    chosen = load_framework(framework)
    scored = gather(reviews or (), _tell)
    for line in report(chosen, scored):
        sys.stdout.write(line + "\n")
    if report_file or learning_curve or shortcuts:
        from training.evaluate_scorer import further  # noqa: PLC0415

        for line in further(chosen, scored, _tell, report=report_file, curves=learning_curve, cuts=shortcuts):
            sys.stdout.write(line + "\n")


@evaluate.command("ordinal")
def evaluate_ordinal(
    file: Annotated[Path, typer.Argument(help="CSV file with a header, a case a line.", show_default=False)],
    *,
    text: Annotated[list[str], typer.Option("--text", help="Column with a text; may be repeated.")],
    rating: Annotated[str, typer.Option("--rating", help="Column with the rating, a number.")],
    group: Annotated[
        str | None, typer.Option("--group", help="Column whose equal values stay together in folds.")
    ] = None,
) -> None:
    """Compare the ordinal model with ridge-and-round and multinomial logistic regression on rated texts."""
    from training.ordinal_benchmark import compare, from_csv, lines  # noqa: PLC0415

    rated = from_csv(file, text, rating, group)
    for line in lines(rated, compare(rated, _tell)):
        sys.stdout.write(line + "\n")


def _tell(stage: str, share: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{share:4.0%} {stage:<24}")
        if share >= 1:
            sys.stderr.write("\n")
