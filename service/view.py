"""A result as text for the terminal: the scorecard with its quotes, and the figures of the call."""

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models.files import printable
from service.quotes import quotable
from service.result import EvidencePart, Result, ScorecardPart, ScorePart

QUOTES = 3
QUOTE_WORDS = 28
HIGHEST = 5
MARGIN = 8  # columns
COACHED = 2  # skills in a coaching cycle

# Figures of a call worth a line for a reader: feature, what it is called, how it is written.
FIGURES: tuple[tuple[str, str, str], ...] = (
    ("talk_ratio", "Rep's share of talk", "{:.0%}"),
    ("longest_monologue", "Rep's longest stretch", "{:.0f} s"),
    ("longest_buyer_turn", "Buyer's longest turn", "{:.0f} s"),
    ("switches_per_minute", "Changes of speaker", "{:.1f} a minute"),
    ("patience", "Rep's pause before answering", "{:.1f} s"),
    ("words_per_minute", "Rep's pace", "{:.0f} words a minute"),
    ("fillers_per_100_words", "Fillers", "{:.1f} in 100 words"),
    ("discovery_questions", "Discovery questions", "{:.0f}"),
    ("open_discovery_questions", "  of them open", "{:.0f}"),
    ("probing_questions", "  of them probing", "{:.0f}"),
    ("objections", "Objections", "{:.0f}"),
    ("next_steps", "Next steps named", "{:.0f}"),
)


def clock(seconds: float | None) -> str:
    """Seconds as m:ss or h:mm:ss; empty when not known."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def show_scorecard(console: Console, result: Result) -> None:
    """Print the scorecard of a call."""
    console.print()
    console.print(_head(result))
    for warning in result.warnings:
        console.print(Text(f"! {warning}", style="yellow"))
    if result.scorecard is not None:
        for score in sorted(result.scorecard.scores, key=lambda score: -score.emphasis):
            console.print(Padding(_score(score, result), (1, 0, 0, 0)))
        if result.scorecard.coach_first:
            console.print(Padding(_coaching(result.scorecard), (1, 0, 0, 0)))
    if result.features is not None:
        console.print(Padding(_figures(result.features), (1, 0, 0, 0)))
    if result.scorecard is not None:
        console.print(Padding(Text(_foot(result.scorecard), style="dim"), (1, 0, 0, 0)))


def show_evidence(console: Console, result: Result) -> None:
    """Print what was found in a call, in its order."""
    console.print(_head(result))
    for warning in result.warnings:
        console.print(Text(f"! {warning}", style="yellow"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("turn", "time", "who", "what", "words"):
        table.add_column(column, justify="right" if column in {"turn", "time"} else "left")
    for item in result.evidence:
        kind = " ".join([item.label, *(f"{key}={value}" for key, value in item.attributes.items())])
        table.add_row(
            *(
                Text(printable(part))
                for part in (str(item.turn), clock(item.start_time), item.speaker, kind, _clip(item.quote))
            )
        )
    console.print(table)


def _head(result: Result) -> Text:
    source = result.source
    parts = [clock(source.duration)] if source.duration is not None else []
    parts += [source.layout] if source.layout else []
    parts += [result.transcript.language] if result.transcript.language else []
    sure = "" if result.rep.sure else " (unsure)"
    parts.append(f"rep: {printable(result.rep.label)}{sure}")
    return Text.assemble((printable(source.name), "bold"), "  ", (" · ".join(parts), "dim"))


def _score(score: ScorePart, result: Result) -> RenderableType:
    if score.value is None:
        head = Text.assemble((f"{score.title:<20}", "bold"), ("not scored", "dim"))
        return Group(head, _row("", Text(score.reason or "", style="dim")))
    dots = "●" * score.value + "○" * (HIGHEST - score.value)
    low, high = score.interval or (score.value, score.value)
    span = f"likely {low}–{high}" if low != high else f"likely {low}"
    return Group(
        Text.assemble((f"{score.title:<20}", "bold"), (dots, "cyan"), f" {score.value}  ", (span, "dim")),
        *(_quote(one, result) for one in quotable(result.evidence, score.evidence, QUOTES)),
        *(_row("!", Text(warning), "yellow") for warning in score.warnings),
        *([_row("raise it", Text(printable(score.advice)), "green")] if score.advice else []),
    )


def _quote(item: EvidencePart, result: Result) -> RenderableType:
    said = Text.assemble((f"{_called(item.speaker, result)}: ", "dim"), f"“{_clip(item.quote)}”")
    return _row(clock(item.start_time) or f"turn {item.turn}", said, "dim")


def _called(speaker: str, result: Result) -> str:
    """A speaker in the framework's words; "buyer 2" keeps its number."""
    role, _, number = speaker.partition(" ")
    words = result.scorecard.vocabulary if result.scorecard else {}
    return printable(f"{words.get(role, role)} {number}".strip())


def _row(margin: str, text: Text, style: str = "") -> RenderableType:
    """Text with a word in the margin; its further lines stay clear of it."""
    row = Table.grid(padding=(0, 1))
    row.add_column(width=MARGIN, justify="right", no_wrap=True)
    row.add_column()
    row.add_row(Text(margin, style=style), text)
    return row


def _clip(quote: str) -> str:
    """The beginning of a quote; a transcript's control characters could rewrite the reader's screen."""
    words = printable(quote).split()
    return " ".join(words if len(words) <= QUOTE_WORDS else [*words[:QUOTE_WORDS], "…"])


def _coaching(card: ScorecardPart) -> Text:
    """At most two skills at a time: more are not learnt."""
    titles = {score.dimension: score.title for score in card.scores}
    first = [titles[dimension] for dimension in card.coach_first[:COACHED]]
    return Text(f"Most room to improve: {', then '.join(first)}.")


def _figures(features: dict[str, float | None]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, title, form in FIGURES:
        value = features.get(name)
        if value is not None:
            table.add_row(title, form.format(value))
    return table


def _foot(card: ScorecardPart) -> str:
    context = f" in the words of {card.context.name} {card.context.version}" if card.context else ""
    return (
        f"Drafts by {card.framework} {card.framework_version}{context}, model {card.model_version}; "
        "a person decides. Score: 1 low, 5 high."
    )
