"""How soon can one work with a call's page, and what goes over the wire?

    python -m bench.pages [--minutes 60] [--times 5] [--folder FOLDER]

The page of a long call against that of a call of five minutes, each opened in a browser with nothing kept, in
turns, by real Chromium from the real web process on this machine. First paint is the browser's.
*Interactive* is when the scripts have run, no task of more than 50 ms is left, and a keystroke has moved the
focus to a score card. Bytes are those over the wire, headers included; sound is left out and told by itself.
"""

import argparse
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.pages_rows import spoken
from bench.service_house import SECRET, House, database, house, load, server

SHORT = 5.0  # minutes
PATIENCE = 300_000  # milliseconds
BUDGET_SECONDS, BUDGET_BYTES = 1.0, 300_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WATCH = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longTasks.push([one.startTime, one.duration]);
}).observe({ type: "longtask", buffered: true });
document.addEventListener("focusin", (event) => {
  if (!window.cardAt && event.target.closest("[data-card]")) window.cardAt = performance.now();
});
"""
FIGURES = """() => ({
  first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  answered: performance.getEntriesByType("navigation")[0].responseStart,
  scripts: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
  card: window.cardAt,
  long: window.longTasks,
})"""


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening: seconds, and bytes over the wire without and of sound.

    `server` and `tab` are processor seconds of the web process and of the page's own thread, which a busy
    machine doesn't stretch.
    """

    server: float
    tab: float
    answered: float
    first_paint: float
    interactive: float
    longest_task: float
    long_tasks: float
    size: int
    sound: int


def opened(browser: Browser, there: House, path: str) -> Opened:
    """Open a page in a browser context of its own and work with it at once."""
    context = browser.new_context(
        base_url=there.address, extra_http_headers={"Authorization": f"Bearer {SECRET}"}
    )
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(WATCH)
        wire = context.new_cdp_session(page)
        kinds: dict[str, str] = {}
        sizes: dict[str, int] = {}
        wire.on("Network.requestWillBeSent", lambda e: kinds.update({e["requestId"]: e.get("type", "")}))
        wire.on(
            "Network.loadingFinished",
            lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])}),
        )
        wire.send("Network.enable")
        wire.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = sum(there.web.cpu_times()[:2])
        page.goto(path, wait_until="domcontentloaded")
        page.keyboard.press("j")
        page.wait_for_function("() => window.cardAt")
        page.wait_for_selector("#wave > *")
        page.wait_for_timeout(500)  # for tasks that the waveform and the observer still have
        server = sum(there.web.cpu_times()[:2]) - before
        told = {one["name"]: one["value"] for one in wire.send("Performance.getMetrics")["metrics"]}
        return _figures(page.evaluate(FIGURES), kinds, sizes, server, told["TaskDuration"])
    finally:
        context.close()


def _figures(
    found: dict[str, Any], kinds: dict[str, str], sizes: dict[str, int], server: float, tab: float
) -> Opened:
    tasks = [(start + length, length) for start, length in found["long"]]
    last = max((end for end, _ in tasks), default=0.0)
    sound = sum(size for request, size in sizes.items() if kinds.get(request) == "Media")
    return Opened(
        server=server,
        tab=tab,
        answered=found["answered"] / 1000,
        first_paint=found["first"] / 1000,
        interactive=max(found["scripts"], found["card"], last) / 1000,
        longest_task=max((length for _, length in tasks), default=0.0) / 1000,
        long_tasks=sum(length for _, length in tasks) / 1000,
        size=sum(sizes.values()) - sound,
        sound=sound,
    )


def shown(name: str, rounds: list[Opened]) -> str:
    """A line with the medians of a page's openings."""
    middle = {
        field: statistics.median(getattr(one, field) for one in rounds)
        for field in Opened.__dataclass_fields__
    }
    return (
        f"{name:12}{middle['answered']:10.2f}{middle['first_paint']:13.2f}{middle['interactive']:13.2f}"
        f"{middle['longest_task']:14.2f}{middle['long_tasks']:12.2f}{middle['server']:8.2f}"
        f"{middle['tab']:8.2f}{middle['size'] / 1000:6.0f}"
    )


def main() -> None:
    """Print the medians for both pages, their ratio, and whether the budget holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    rounds: dict[float, list[Opened]] = {arguments.minutes: [], SHORT: []}
    with (
        server(arguments.folder) as (data, server_url),
        database(server_url) as url,
        house(data, url) as there,
        tempfile.TemporaryDirectory(dir=arguments.folder) as folder,
    ):
        paths = {minutes: spoken(there, Path(folder), minutes) for minutes in rounds}
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS) as browser,
        ):
            for path in paths.values():
                opened(browser, there, path)  # the server's and the browser's first is slower
            for _ in range(arguments.times):
                for minutes, path in paths.items():
                    rounds[minutes].append(opened(browser, there, path))
        busy = load()
    print(f"{arguments.times} openings each in turns, medians; seconds and kB; {busy}")
    print(
        f"{'':12}{'answered':>10}{'first paint':>13}{'interactive':>13}{'longest task':>14}"
        f"{'long tasks':>12}{'server':>8}{'tab':>8}{'kB':>6}"
    )
    for minutes, found in rounds.items():
        print(shown(f"{minutes:g} minutes", found))
    ratios = [long.interactive / short.interactive for long, short in zip(*rounds.values(), strict=True)]
    print(f"interactive, long against short: {statistics.median(ratios):.2f} times")
    worst = rounds[arguments.minutes]
    seconds = statistics.median(one.interactive for one in worst)
    size = max(one.size for one in worst)
    holds = seconds < BUDGET_SECONDS and size < BUDGET_BYTES
    print(
        f"budget of {BUDGET_SECONDS:g} s and {BUDGET_BYTES // 1000} kB: "
        f"{'holds' if holds else 'does not hold'} ({seconds:.2f} s, {size / 1000:.0f} kB)"
    )


if __name__ == "__main__":
    main()
