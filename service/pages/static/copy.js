// A button beside what is shown once, so that nobody has to select it.
for (const field of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    field.select();
    let copied = false;
    try {
      await navigator.clipboard.writeText(field.value);
      copied = true;
    } catch {
      copied = document.execCommand("copy"); // without https there is no clipboard of its own
    }
    const notice = document.getElementById("notice");
    button.textContent = copied ? "Copied" : "Copy";
    if (notice) notice.textContent = copied ? "Copied." : "Copying isn’t allowed here; the text is selected, copy it by keyboard.";
  });
  field.after(button);
}
