// Progress of calls on their way, as the server tells it; the page is asked for again when nothing moves.
const NAMES = {
  queued: "Waiting",
  running: "Being analysed",
  done: "Ready",
  failed: "Failed",
  cancelled: "Stopped",
  quarantined: "Needs consent",
};
const STAGES = {
  decode: "reading the sound",
  recognise: "recognising words",
  diarise: "telling voices apart",
  annotate: "finding evidence",
  score: "drafting scores",
};
const moving = () => [...document.querySelectorAll("[data-moving]")];

function show(place, progress) {
  const bar = place.querySelector("progress");
  const over = !["queued", "running"].includes(progress.state);
  if (bar && over) bar.remove();
  else if (bar) bar.value = progress.share;
  const stage = place.querySelector("[data-stage]");
  if (stage) stage.textContent = (over ? progress.reason : (STAGES[progress.stage] ?? progress.stage)) ?? "";
  const state = place.querySelector(".state");
  if (state) {
    state.className = `state ${progress.state}`;
    state.textContent = NAMES[progress.state] ?? progress.state;
  }
  const left = place.querySelector("[data-left]");
  if (left) {
    const seconds = over ? null : progress.remaining_seconds;
    left.textContent = seconds === null ? "" : `about ${Math.ceil(seconds / 60)} min left`;
  }
}

function again() {
  const list = document.getElementById("list");
  if (list && window.htmx) {
    window.htmx.ajax("GET", location.href, { target: "#list", select: "#list", swap: "outerHTML" });
  } else {
    location.reload();
  }
}

let source = null;

function follow() {
  source?.close();
  const ids = moving().map((place) => `ids=${place.dataset.moving}`);
  if (!ids.length) return;
  source = new EventSource(`/api/v1/events?${ids.join("&")}`);
  source.addEventListener("progress", (event) => {
    const progress = JSON.parse(event.data);
    for (const place of moving()) if (place.dataset.moving === progress.call) show(place, progress);
  });
  source.addEventListener("end", () => {
    source.close();
    again();
  });
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "list") follow();
});
follow();
