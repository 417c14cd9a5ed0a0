// A menu of many choices: typing narrows it, arrows walk through it, what is chosen stands out.

const labelsOf = (menu) => [...menu.querySelectorAll(".options label")];
const shown = (label) => !label.hidden;

function narrow(menu, words) {
  const sought = words.trim().toLowerCase();
  for (const label of labelsOf(menu)) {
    label.hidden = Boolean(sought) && !label.textContent.toLowerCase().includes(sought);
  }
}

function walk(menu, step) {
  const boxes = labelsOf(menu).filter(shown).map((label) => label.querySelector("input"));
  const here = boxes.indexOf(document.activeElement);
  if (here + step < 0) menu.querySelector("[data-choices-search]")?.focus();
  else boxes[Math.min(boxes.length - 1, here + step)]?.focus();
}

function onKey(menu, event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(menu, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && event.target.matches("[data-choices-search]")) {
    labelsOf(menu).find(shown)?.querySelector("input").click();
  } else return;
  event.preventDefault();
}

/** Brings one <details data-choices> to life. */
export function start(menu) {
  const search = menu.querySelector("[data-choices-search]");
  search?.addEventListener("input", () => narrow(menu, search.value));
  search?.addEventListener("change", (event) => event.stopPropagation());
  menu.addEventListener("keydown", (event) => onKey(menu, event));
  menu.addEventListener("toggle", () => menu.open && search?.focus());
  menu.addEventListener("htmx:afterSettle", () => search && narrow(menu, search.value));
}
