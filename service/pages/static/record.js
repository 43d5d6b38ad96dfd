// Practice: record with the microphone, see that one is heard, listen, and send it up; files go the same way.
const place = document.getElementById("recorder");
const fileForm = document.getElementById("file-form");
const begin = document.getElementById("begin");
const csrf = document.querySelector("meta[name=csrf-token]").content;
const button = (name) => place.querySelector(`[data-do=${name}]`);
const [record, stop, use, again] = ["record", "stop", "use", "again"].map(button);
const time = place.querySelector("[data-time]");
const levelRow = place.querySelector("[data-level]");
const level = document.getElementById("level");
const listen = place.querySelector("[data-listen]");
const heard = listen.querySelector("audio");
const line = place.querySelector("[data-say]");
const sent = place.querySelector("[data-sent]");
const QUIET = 0.01; // of full scale, root mean square
const PATIENCE = 4000; // milliseconds of silence before it is mentioned
const KINDS = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
];

let recorder = null;
let made = null;

function say(text, bad = false) {
  line.textContent = text;
  line.classList.toggle("bad", bad);
}

function shown(element, is) {
  element.hidden = !is;
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// Why there is no microphone, and what else can be done.
function excuse(error) {
  if (error?.name === "NotAllowedError") {
    return "The browser may not use the microphone. Allow it beside the address, or upload a recording below.";
  }
  if (error?.name === "NotFoundError") {
    return "No microphone was found. Plug one in, or upload a recording below.";
  }
  if (error?.name === "NotReadableError") {
    return "Another program has the microphone. Close it and try again, or upload a recording below.";
  }
  return "This browser can’t record here. Upload a recording below.";
}

function watch(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const since = performance.now();
  let loud = since;
  const step = () => {
    if (recorder?.state !== "recording") {
      context.close();
      return;
    }
    analyser.getFloatTimeDomainData(wave);
    const power = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
    const now = performance.now();
    level.value = Math.min(1, power * 4);
    time.textContent = clock((now - since) / 1000);
    if (power > QUIET) {
      if (now - loud > PATIENCE) say("Recording.");
      loud = now;
    } else if (now - loud > PATIENCE) {
      say("Nothing is heard. Speak up, or choose another microphone in the browser.");
    }
    requestAnimationFrame(step);
  };
  step();
}

async function start() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    say(excuse(error), true);
    return;
  }
  const kind = KINDS.find(([type]) => MediaRecorder.isTypeSupported(type));
  if (!kind) {
    for (const track of stream.getTracks()) track.stop();
    say(excuse(null), true);
    return;
  }
  const pieces = [];
  recorder = new MediaRecorder(stream, { mimeType: kind[0] });
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => {
    for (const track of stream.getTracks()) track.stop();
    made = new File(pieces, `practice.${kind[1]}`, { type: kind[0] });
    heard.src = URL.createObjectURL(made);
    for (const [element, is] of [[stop, false], [levelRow, false], [listen, true], [record, false]]) shown(element, is);
    say("Listen to it, use it, or record again.");
    use.focus();
  });
  recorder.start(1000);
  for (const [element, is] of [[record, false], [stop, true], [levelRow, true], [listen, false]]) shown(element, is);
  stop.focus();
  say("Recording.");
  watch(stream);
}

function problemIn(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).detail;
  } catch {
    return "The connection broke; nothing is lost, try again.";
  }
}

function send(file) {
  const { team, framework, title } = place.dataset;
  shown(sent, true);
  say("Going up.");
  const upload = new window.tus.Upload(file, {
    endpoint: "/api/v1/uploads",
    headers: { "X-CSRF-Token": csrf },
    retryDelays: [0, 1000, 3000, 5000, 10000],
    chunkSize: 16 * 1024 * 1024,
    storeFingerprintForResuming: false,
    metadata: { filename: file.name, team, framework, title, practice: "true" },
    onShouldRetry: (error) => ![400, 401, 403, 404, 413, 422].includes(error.originalResponse?.getStatus()),
    onProgress: (come, all) => {
      sent.value = all ? come / all : 0;
    },
    onError: (error) => {
      shown(sent, false);
      say(problemIn(error), true);
      use.disabled = false;
    },
    onSuccess: ({ lastResponse }) => {
      const call = lastResponse.getHeader("Ridealong-Call");
      if (!call) {
        location.reload();
        return;
      }
      begin.querySelector("[name=call]")?.remove();
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "call", value: call });
      begin.append(field);
      begin.submit();
    },
  });
  upload.start();
}

record.addEventListener("click", start);
again.addEventListener("click", () => {
  URL.revokeObjectURL(heard.src);
  made = null;
  start();
});
stop.addEventListener("click", () => recorder.stop());
use.addEventListener("click", () => {
  use.disabled = true;
  send(made);
});
fileForm.addEventListener("submit", (event) => {
  const [file] = document.getElementById("file").files;
  if (!file) return;
  event.preventDefault();
  send(file);
});

shown(place, true);
if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
  shown(record, false);
  say(excuse(null));
}
