"""Draw the scorecard in README.md: python docs/picture.py, from the root of the repository."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console

from service.result import Result
from service.view import show_scorecard

ROOT = Path(__file__).parents[1]
CALL = "discovery-clinic"


def main() -> None:
    """Analyse the sample call and write docs/scorecard.svg."""
    command = [str(Path(sys.executable).with_name("ridealong")), "analyze", "--json"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, str(ROOT / "sample_calls" / CALL / "audio.opus")], check=True, capture_output=True
    )
    console = Console(record=True, width=100, force_terminal=True, file=StringIO())
    show_scorecard(console, Result.model_validate(json.loads(done.stdout)))
    svg = console.export_svg(title=f"ridealong analyze sample_calls/{CALL}/audio.opus")
    # Fonts are the reader's own: a picture fetches nothing.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (ROOT / "docs" / "scorecard.svg").write_text(svg)


if __name__ == "__main__":
    main()
