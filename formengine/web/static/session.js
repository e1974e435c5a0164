// Warns five minutes before the session ends; one press goes on (ux.md 6.15). Without this file the page says the time.
const dialog = document.getElementById("sitzung-ende");
const { form, ended, token, language } = dialog.dataset;
const WARN = 300_000;
const EVERY = 60_000;
const text = document.getElementById("sitzung-text");
const note = document.getElementById("sitzung");
const timer = dialog.querySelector("[role=timer]");
const announce = dialog.querySelector("[role=status]");
const title = document.title;
const told = text.textContent;
const noted = note ? note.textContent : "";
const channel = "BroadcastChannel" in window ? new BroadcastChannel("formengine-session") : null;

let ends = Date.now() + dialog.dataset.left * 1000;
const latest = Date.now() + dialog.dataset.most * 1000;
let used = Date.now();
let warned = false;
let shown = 0;

// As the page writes it: in Berlin's time, 14:35.
function clock(at) {
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" });
  return time.format(at);
}
const hour = language.startsWith("de") ? " Uhr" : "";
const isLast = () => ends > latest - 1000;

function over() {
  document.documentElement.hidden = true;
  location.replace(ended);
}

function until(at) {
  ends = at;
  warned = false;
  if (dialog.open) dialog.close();
  document.title = title;
  if (note) note.textContent = noted.replace(/\d\d[:.]\d\d/, clock(at));
}

async function extend() {
  used = Date.now();
  let answer;
  try {
    answer = await fetch(`${form}session`, { method: "POST", body: new URLSearchParams({ _token: token, _end: "1" }) });
  } catch {
    return;
  }
  if (answer.status === 401) {
    channel?.postMessage({ over: true });
    over();
  } else if (answer.ok) {
    until(Date.now() + answer.headers.get("Session-Left") * 1000);
    channel?.postMessage({ ends });
  }
}

function warn(left) {
  const minutes = Math.max(1, Math.ceil(left / 60_000));
  if (!warned) {
    warned = true;
    shown = 0;
    document.dispatchEvent(new CustomEvent("formengine:save"));
    text.textContent = told.replace("<1>", clock(ends) + hour);
    dialog.querySelector("[data-latest]").hidden = !isLast();
    dialog.showModal();
  }
  if (minutes === shown) return;
  shown = minutes;
  const said = timer.dataset.minutes.replace("<1>", minutes);
  timer.textContent = said;
  if (dialog.open && [5, 2, 1].includes(minutes)) announce.textContent = said;
  document.title = `⏳ ${said} – ${title}`;
}

setInterval(() => {
  const left = ends - Date.now();
  if (left <= 0) over();
  else if (left <= WARN) warn(left);
}, 1000);

dialog.querySelector("[data-session=stay]").addEventListener("click", () => { dialog.close(); });
dialog.querySelector("[data-session=leave]").addEventListener("click", () => {
  const save = document.querySelector("main [data-action=save]");
  if (save) save.click();
  else document.querySelector("form.app-leave").requestSubmit();
});
// Esc goes on as well: whoever is there is there.
dialog.addEventListener("close", () => { if (warned && ends > Date.now()) extend(); });

// Whatever one does goes on with the session, in every tab.
for (const kind of ["keydown", "pointerdown", "input"]) {
  addEventListener(kind, () => { if (!dialog.open && Date.now() - used > EVERY) extend(); }, { passive: true });
}
channel?.addEventListener("message", ({ data }) => { if (data.over) over(); else if (data.ends > ends) until(data.ends); });

// A page out of the browser's memory is shown again only if its session still lives (SES-06).
addEventListener("pageshow", async (event) => {
  if (!event.persisted) return;
  document.documentElement.hidden = true;
  await extend();
  document.documentElement.hidden = false;
});
