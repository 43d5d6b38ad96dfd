// Files go up one after another by the tus protocol, and go on where they stopped after a break or a reload.
const form = document.getElementById("upload");
const input = document.getElementById("files");
const drop = document.getElementById("drop");
const list = document.getElementById("sending");
const csrf = document.querySelector("meta[name=csrf-token]").content;
const SAID = ["team", "rep", "consent", "happened_on", "call_type", "account"];
const KEPT = ["consent", "team", "rep", "call_type"];

for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  input.files = event.dataTransfer.files;
});

function row(file) {
  const item = document.createElement("li");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", `How much of ${file.name} has gone up`);
  bar.value = 0;
  const text = document.createElement("span");
  item.append(`${file.name} `, bar, " ", text);
  list.append(item);
  return { item, bar, text };
}

function problemIn(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).detail;
  } catch {
    return "The connection broke; choose the same file again to go on where it stopped.";
  }
}

function send(file, said) {
  const { item, bar, text } = row(file);
  return new Promise((resolve) => {
    const upload = new window.tus.Upload(file, {
      endpoint: "/api/v1/uploads",
      headers: { "X-CSRF-Token": csrf },
      retryDelays: [0, 1000, 3000, 5000, 10000],
      chunkSize: 16 * 1024 * 1024,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, ...said },
      onShouldRetry: (error) => ![400, 401, 403, 404, 413, 422].includes(error.originalResponse?.getStatus()),
      onProgress: (sent, all) => {
        bar.value = all ? sent / all : 0;
      },
      onError: (error) => {
        bar.remove();
        text.className = "bad";
        text.textContent = problemIn(error).replace(`${file.name}: `, "");
        resolve(false);
      },
      onSuccess: ({ lastResponse }) => {
        bar.remove();
        const call = lastResponse.getHeader("Ridealong-Call");
        const link = document.createElement("a");
        link.href = call ? `/calls/${call}` : "/calls";
        link.textContent = "taken in";
        item.append(link);
        resolve(true);
      },
    });
    upload.findPreviousUploads().then((earlier) => {
      if (earlier.length) upload.resumeFromPreviousUpload(earlier[0]);
      upload.start();
    });
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const said = Object.fromEntries(SAID.map((name) => [name, fields.get(name)]).filter(([, value]) => value));
  const kept = Object.fromEntries(KEPT.map((name) => [name, said[name]]).filter(([, value]) => value));
  document.cookie = `ridealong-upload=${encodeURIComponent(JSON.stringify(kept))};path=/;max-age=31622400;samesite=lax`;
  const button = form.querySelector("button.main");
  button.disabled = true;
  list.replaceChildren();
  let good = true;
  for (const file of input.files) good = (await send(file, said)) && good;
  button.disabled = false;
  if (good) location.assign("/calls");
});
