// Recording a look-back: the chosen result names the button and the address, the new photo is shown large.

import { el } from "../text.js";

const form = document.querySelector("[data-record]");

function choose() {
  const button = form.querySelector("[data-record-button]");
  button.hidden = false;
  const chosen = form.querySelector("input[name=result]:checked")?.value;
  if (!chosen) return;
  form.action = form.dataset.moveUrl.replace("RESULT", chosen);
  const label = form.querySelector("[data-labels]").content.querySelector(`data[value="${chosen}"]`);
  button.disabled = false;
  button.firstElementChild.textContent = label.textContent;
  for (const note of form.querySelectorAll("[data-for]")) note.hidden = note.dataset.for !== chosen;
}

function show(url) {
  const place = form.querySelector("[data-now-picture]");
  place.classList.toggle("wait", !url);
  if (url) place.replaceChildren(el("img", { src: url, alt: "" }));
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "result") choose();
  });
  form.addEventListener("photo:placed", (event) => show(event.detail.display_url));
  const ready = form.querySelector("[data-upload-list] img");
  if (ready) show(ready.src);
  choose();
  const refused = form.querySelector("[aria-invalid=true]");
  if (refused) refused.focus();
  else form.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
}
