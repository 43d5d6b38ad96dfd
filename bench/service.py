"""How fast is the service, what does it cost, and does it stay so with many calls?

    python -m bench.service upload [--mib 512]      one large upload, against dd to the same disk
    python -m bench.service many [--count 200]      so many uploads at once, against one after another
    python -m bench.service pages [--calls 100000]  list, call page and search, against 1,000 calls
    python -m bench.service waiting [--calls 100000]  the queue of a manager and a coach, against 1,000 calls
    python -m bench.service queue [--jobs 2000]     an empty task with 1, 2, 4 workers, against the rows alone
    python -m bench.service overhead [--file FILE]  upload to scorecard, against `ridealong analyze`

Each has a database and a data folder of its own, in --folder, removed afterwards.
"""

import argparse
from pathlib import Path

from bench import service_overhead, service_pages, service_queue, service_upload, service_waiting


def main() -> None:
    """Run the measurement that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folder", type=Path, help="where the data folder is made; the disk is measured, too"
    )
    kinds = parser.add_subparsers(required=True)
    upload = kinds.add_parser("upload")
    upload.add_argument("--mib", type=int, default=512)
    upload.set_defaults(run=service_upload.throughput)
    many = kinds.add_parser("many")
    many.add_argument("--count", type=int, default=200)
    many.add_argument("--kib", type=int, default=1024)
    many.set_defaults(run=service_upload.many)
    pages = kinds.add_parser("pages")
    pages.add_argument("--calls", type=int, default=100_000)
    pages.add_argument("--turns", type=int, default=20)
    pages.add_argument("--times", type=int, default=60)
    pages.set_defaults(run=service_pages.pages)
    waiting = kinds.add_parser("waiting")
    waiting.add_argument("--calls", type=int, default=100_000)
    waiting.add_argument("--times", type=int, default=60)
    waiting.set_defaults(run=service_waiting.waiting)
    jobs = kinds.add_parser("queue")
    jobs.add_argument("--jobs", type=int, default=2000)
    jobs.set_defaults(run=service_queue.jobs)
    overhead = kinds.add_parser("overhead")
    overhead.add_argument("--file", type=Path, default=service_overhead.DEFAULT)
    overhead.add_argument("--times", type=int, default=3)
    overhead.set_defaults(run=service_overhead.overhead)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
