// A click on a quote plays it.
const audio = document.getElementById("audio");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (!button || !audio) return;
  const at = Number(button.dataset.play);
  const go = () => {
    audio.currentTime = at;
    audio.play().catch(() => {});
  };
  // Nothing of the sound is fetched before somebody wants to hear it; until then there is no place to go to.
  if (audio.readyState >= 1) {
    go();
  } else {
    audio.addEventListener("loadedmetadata", go, { once: true });
    audio.load();
  }
});
