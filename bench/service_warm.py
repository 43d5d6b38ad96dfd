"""`ridealong analyze` as a process that goes on: a path a line comes in, the seconds it took go out."""

import sys
from functools import cache, partial
from pathlib import Path

from bench.service_house import timed
from models.framework import load_framework
from models.recogniser import Whisper
from models.weights import whisper_weights
from service.analysis import analyse, hear
from service.result import recording_source, result, to_json
from service.settings import load_settings


def main() -> None:
    """Analyse files until there are no more, with the settings of a worker."""
    given = load_settings()
    framework = load_framework()

    @cache
    def recogniser() -> Whisper:
        return Whisper(whisper_weights(given.model), device=given.device, threads=given.threads)

    def work(path: Path) -> None:
        heard = hear(path, recogniser, rep=None, language=None)
        found = analyse(
            heard.transcript, framework, rep=None, versions=heard.versions, warnings=heard.warnings
        )
        to_json(result(recording_source(heard.recording), found, heard.transcript, framework))

    for line in sys.stdin:
        print(timed(partial(work, Path(line.strip()))), flush=True)


if __name__ == "__main__":
    main()
