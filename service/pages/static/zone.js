// The browser's time zone: the first default of a new account, and offered under "Your account" where it differs.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const first = document.getElementById("zone-of-browser");
if (first && here) first.value = here;
const field = document.getElementById("time_zone");
if (field && here && field.value !== here) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = `Use this device’s: ${here}`;
  button.addEventListener("click", () => {
    field.value = here;
    button.remove();
    field.focus();
  });
  field.after(button);
}
