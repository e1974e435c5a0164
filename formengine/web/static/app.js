// Enhancements alone: every page works without this file (ux.md P1).

// A second press of the same button within a second is the hand's, not the mind's (ux.md 3.7).
let sentAt = 0;
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const now = Date.now();
  if (now - sentAt < 1000) event.preventDefault();
  else sentAt = now;
});
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => { sentAt = 0; });

// Copy buttons exist only where copying works.
for (const holder of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "kern-btn kern-btn--secondary app-no-print";
  const label = document.createElement("span");
  label.className = "kern-label";
  label.textContent = holder.dataset.copyLabel;
  button.append(label);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(holder.dataset.copy);
    label.textContent = holder.dataset.copiedLabel;
    setTimeout(() => { label.textContent = holder.dataset.copyLabel; }, 4000);
  });
  holder.append(button);
}

// Print buttons likewise.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// "None of these" takes the other ticks away; the server says the same.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox" || !box.checked) return;
  const group = box.closest("[data-exclusive]");
  if (!group) return;
  const isNone = box.hasAttribute("data-none");
  for (const other of group.querySelectorAll("input[type=checkbox]")) {
    if (other !== box && (isNone || other.hasAttribute("data-none"))) other.checked = false;
  }
});

// A QR code opens this page with the code behind the #, which never travels to a server (RES-04).
const code = document.querySelector("input[name=_code]");
if (code && location.hash.length > 20) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
}
