// Keeps what is typed while one types, unchecked (ux.md 6.16). Without this file every button of the page does.
const form = document.getElementById("step");
const status = document.getElementById("gespeichert");
const AFTER = 2000;
const QUIET = 60_000;

let timer = 0;
let running = null;
let dirty = false;
let failed = false;
let stopped = false;
let told = 0;

function tell(text, isUrgent = false) {
  status.classList.toggle("app-urgent", isUrgent);
  if (status.textContent !== text) status.textContent = text;
}

function put(name, value) {
  for (const field of document.querySelectorAll(`input[name=${name}]`)) field.value = value;
}

async function send() {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  body.set("_action", "autosave");
  dirty = false;
  let answer;
  try {
    const address = form.getAttribute("action") || location.pathname + location.search;
    answer = await fetch(address, { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } });
  } catch {
    dirty = failed = true;
    tell(status.dataset.offline, true);
    return false;
  }
  if (answer.status === 401) {
    const address = new URL(status.dataset.ended, location.href);
    if (answer.headers.get("Late-Kept")) address.searchParams.set("kept", "1");
    location.replace(address);
    return false;
  }
  if (answer.status === 409) {
    stopped = true;
    failed = false;
    tell(status.dataset.conflict, true);
    return true;
  }
  if (!answer.ok) {
    dirty = failed = true;
    tell(status.dataset.failed, true);
    return true;
  }
  put("_revision", answer.headers.get("Revision"));
  put("_base", decodeURIComponent(answer.headers.get("Base")));
  if (failed || Date.now() - told > QUIET) {
    told = Date.now();
    tell(status.dataset.saved.replace("<1>", answer.headers.get("Saved-At")));
  }
  failed = false;
  return true;
}

function save() {
  clearTimeout(timer);
  if (stopped) return Promise.resolve(true);
  running ??= send().finally(() => {
    running = null;
    if (dirty && !failed) later();
  });
  return running;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, AFTER);
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    if (event.target.type === "file" || stopped) return;
    dirty = true;
    later();
  });
}
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && dirty) save(); });
document.addEventListener("formengine:save", () => { if (dirty) save(); });
addEventListener("online", () => { if (failed) save(); });

// A page that cannot be sent is not left: what is typed stays where it is.
form.addEventListener("submit", async (event) => {
  clearTimeout(timer);
  if (!running && navigator.onLine && !failed) return;
  event.preventDefault();
  const button = event.submitter;
  const isThere = await (running ?? save());
  if (isThere) {
    failed = false;
    form.requestSubmit(button);
  } else {
    status.focus();
  }
});
