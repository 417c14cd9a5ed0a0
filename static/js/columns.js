// The chooser of columns: each line can be moved up and down; the form sends them in their order.

import { el, t } from "./text.js";

function mover(line, key, step) {
  const button = el("button", { type: "button", class: "btn s quiet", "aria-label": t(key) }, step < 0 ? "↑" : "↓");
  button.addEventListener("click", () => {
    const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    button.focus();
  });
  return button;
}

/** Brings one <form data-columns> to life. */
export function start(form) {
  for (const line of form.querySelectorAll("li")) {
    line.append(mover(line, "columns.up", -1), mover(line, "columns.down", 1));
  }
}
