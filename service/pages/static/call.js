// Sound and transcript together: words that play, the word that is heard now, evidence by kind, scores by key.
const audio = document.getElementById("audio");
const transcript = document.getElementById("transcript");
document.documentElement.classList.add("scripted");

function play(seconds) {
  if (!audio) return;
  audio.currentTime = seconds;
  audio.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (button) play(Number(button.dataset.play));
  const word = event.target.closest(".word");
  if (word && getSelection().isCollapsed) play(Number(word.dataset.at));
});

// Words become elements only in turns that come into view: an hour has ten thousand of them.
const starts = [];
for (const turn of transcript.querySelectorAll(".turn[data-times]")) {
  let at = 0;
  const times = turn.dataset.times.split(" ").map((step) => (at += Number(step)) / 100);
  starts.push({ turn, times, words: null });
}

function wordsOf(entry) {
  if (entry.words) return entry.words;
  entry.words = [];
  const walker = document.createTreeWalker(entry.turn.querySelector("p"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const made = document.createDocumentFragment();
    for (const part of text.data.split(/(\s+)/)) {
      if (!part.trim()) {
        made.append(part);
        continue;
      }
      const word = document.createElement("span");
      word.className = "word";
      word.textContent = part;
      word.dataset.at = entry.times[Math.min(entry.words.length, entry.times.length - 1)];
      entry.words.push(word);
      made.append(word);
    }
    text.replaceWith(made);
  }
  return entry.words;
}

const seen = new IntersectionObserver((found) => {
  for (const { target, isIntersecting } of found) {
    if (!isIntersecting) continue;
    wordsOf(starts.find((entry) => entry.turn === target));
    seen.unobserve(target);
  }
}, { rootMargin: "600px" });
for (const { turn } of starts) seen.observe(turn);

const last = (values, now) => {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= now) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
const firsts = starts.map((entry) => entry.times[0]);
let current = null;
let lastTurn = null;
let scrolled = 0;
addEventListener("wheel", () => (scrolled = Date.now()), { passive: true });
addEventListener("touchmove", () => (scrolled = Date.now()), { passive: true });

function follow() {
  const entry = starts[last(firsts, audio.currentTime + 0.05)];
  if (!entry) return;
  const words = wordsOf(entry);
  const word = words[Math.min(Math.max(last(entry.times, audio.currentTime + 0.05), 0), words.length - 1)];
  if (word === current) return;
  current?.classList.remove("now");
  word?.classList.add("now");
  current = word;
  if (entry.turn !== lastTurn && !audio.paused && Date.now() - scrolled > 4000) {
    entry.turn.scrollIntoView({ block: "center" });
  }
  lastTurn = entry.turn;
}

if (audio) {
  audio.addEventListener("timeupdate", follow);
  audio.addEventListener("seeking", follow);
  const wave = document.getElementById("wave");
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(name).trim();
  // A worker draws what was decoded before drawings were kept: ask again for a minute.
  const drawnBy = async (answer, tries = 20) => {
    if (answer.status === 200) return answer.json();
    if (answer.status !== 202 || !tries) return null;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return drawnBy(await fetch(wave.dataset.peaks), tries - 1);
  };
  const drawn = wave.dataset.player ? fetch(wave.dataset.peaks) : Promise.reject(new Error("no player"));
  drawn
    .then(drawnBy)
    .then(async (made) => {
      if (!made) return;
      const { default: WaveSurfer } = await import(wave.dataset.player);
      const sides = made.sides.map((side) => ({ waveColor: colour("--edge"), progressColor: colour(`--${side}`) }));
      WaveSurfer.create({
        container: wave,
        media: audio,
        peaks: made.peaks.map((channel) => channel.map((value) => value / 100)),
        duration: made.seconds,
        height: made.peaks.length > 1 ? 28 : 48,
        splitChannels: made.peaks.length > 1 ? sides : undefined,
        ...sides[0],
        cursorColor: colour("--ink"),
        barWidth: 2,
        barGap: 1,
        cspNonce: wave.dataset.nonce,
      });
    })
    .catch(() => {});
  document.getElementById("moment")?.addEventListener("focus", (event) => {
    const now = Math.floor(audio.currentTime);
    if (!event.target.value && now) {
      event.target.value = `${Math.floor(now / 60)}:${String(now % 60).padStart(2, "0")}`;
    }
  });
}

// A link to a moment, #t=83, from a search or a profile: there it goes, without playing yet.
function toMoment() {
  const at = Number(/^#t=([\d.]+)$/.exec(location.hash)?.[1] ?? NaN);
  if (Number.isNaN(at)) return;
  const entry = starts[Math.max(last(firsts, at + 0.05), 0)];
  entry?.turn.scrollIntoView({ block: "center" });
  if (audio) audio.currentTime = at;
}
addEventListener("hashchange", toMoment);
toMoment();

const kinds = [...document.querySelectorAll(".kinds input")];
function filter() {
  const shown = new Set(kinds.filter((box) => box.checked).map((box) => box.value));
  for (const mark of transcript.querySelectorAll("mark")) {
    const kind = mark.dataset.kinds.split(" ").find((one) => shown.has(one));
    mark.className = kind ? `kind-${kind}` : "off";
  }
}
for (const box of kinds) box.addEventListener("change", filter);

const cards = () => [...document.querySelectorAll("[data-card]")];
const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const key = event.key.toLowerCase();
  const all = cards();
  const at = all.indexOf(document.activeElement?.closest("[data-card]"));
  if (key === "j" || key === "k") {
    const next = all[Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if (at >= 0 && key === "a") {
    all[at].querySelector("button.accept")?.click();
  } else if (at >= 0 && key >= "1" && key <= "5") {
    all[at].querySelector(`.values button[value="${key}"]`)?.click();
  } else if (key === " " && audio && !event.target.closest("button, a, summary, audio")) {
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  } else {
    return;
  }
  event.preventDefault();
});

// Each score brings all cards anew, so scores given meanwhile wait for it: the next is sent by the new card.
// Where the focus is and what is typed elsewhere stay.
let scored = null;
let waiting = [];
let kept = null;
const cardOf = (element) => element?.closest?.("[data-card]")?.dataset.card ?? null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const card = cardOf(event.target);
  if (card === null) return;
  if (scored === null) {
    scored = card;
    return;
  }
  event.preventDefault();
  const given = event.detail.requestConfig.formData;
  waiting.push({ card, value: given.get(`value-${card}`), reason: given.get(`reason-${card}`) });
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "scores") return;
  const focused = document.activeElement;
  const reasons = [...document.querySelectorAll('#scores input[name^="reason-"]')];
  kept = {
    focus: cardOf(focused) === null ? null : focused.id || `card-${cardOf(focused)}`,
    reasons: reasons.filter((one) => one.value && cardOf(one) !== scored).map((one) => [one.id, one.value]),
  };
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "scores") return; // what else of the page came along settles, too
  for (const [id, text] of kept?.reasons ?? []) {
    const field = document.getElementById(id);
    if (field) field.value = text;
  }
  if (scored) document.getElementById(kept?.focus ?? `card-${scored}`)?.focus({ preventScroll: true });
  scored = kept = null;
  const next = waiting.shift();
  const card = next && document.getElementById(`card-${next.card}`);
  const reason = card?.querySelector('input[name^="reason-"]');
  if (reason) reason.value = next.reason ?? "";
  card?.querySelector(`.values button[value="${next.value}"]`)?.click();
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => {
    waiting = [];
    scored = null;
  });
}
