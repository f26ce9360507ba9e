// Without this script the page works by forms and by reloading. With it, it follows the world, and the terminal.
"use strict";
const part = (id) => document.getElementById(id);

// In the language of the page.
const sentences = part("news").dataset;

const shown = new Map();

// What is the same stays as it is, with its focus and what was typed into it.
function isShown(place, html) {
  if (shown.get(place.id) === html) return true;
  shown.set(place.id, html);
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  return fresh.innerHTML === place.innerHTML;
}

function show(parts) {
  for (const [id, html] of Object.entries(parts)) {
    const place = part(id);
    if (!place || isShown(place, html)) continue;
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const typed = [...place.querySelectorAll("input[type=text]")].map((input) => [input.id, input.value]);
    const ticked = [...place.querySelectorAll("input:checked")].map((input) => input.id);
    place.innerHTML = html;
    for (const [id, value] of typed) if (part(id)) part(id).value = value;
    for (const id of ticked) if (part(id)) part(id).checked = true;
    if (focused && focused.id && part(focused.id)) part(focused.id).focus();
  }
}

function tell(text) {
  if (text !== undefined && part("news").textContent !== text) part("news").textContent = text;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const before = document.title;
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } })
    .catch(() => null);
  if (!answer || !answer.ok) return tell(sentences.gone);
  const told = await answer.json();
  document.title = told.title;
  for (const input of form.querySelectorAll("input[type=text]")) input.value = "";
  show(told.parts);
  tell(told.news);
  if (told.title !== before) { part("step").focus(); scrollTo(0, 0); }
});

const source = new EventSource("events");
source.onmessage = (event) => {
  const told = JSON.parse(event.data);
  document.title = told.title;
  show(told.parts);
  if (told.news) tell(told.news);
};
let silence;
source.onerror = () => {
  clearTimeout(silence);
  silence = setTimeout(() => tell(sentences.silent), 3000);
};
source.onopen = () => {
  clearTimeout(silence);
  if (Object.values(sentences).includes(part("news").textContent)) tell("");
};
