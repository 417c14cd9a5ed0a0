// The table of who answers: a range is chosen by mouse, keys or touch, and given to a team or a
// person by dropping, clicking or typing. What would change is shown in words before it is done.

import { belongsToField, keyName, keysAreOff } from "../keys.js";

const table = document.querySelector("[data-seats]");
const staff = document.querySelector("[data-staff]");
const form = staff?.querySelector("[data-ask]");
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class Range {
  constructor() {
    this.rows = [...table.querySelectorAll("tr[data-place]")];
    this.seats = this.rows.map((row) => [...row.querySelectorAll("td")]);
    this.anchor = this.head = null;
  }

  at(seat) {
    const row = this.rows.indexOf(seat.parentElement);
    return [row, this.seats[row].indexOf(seat)];
  }

  get columns() {
    return this.seats[0]?.length ?? 0;
  }

  get box() {
    if (!this.anchor) return null;
    const [r1, c1] = this.anchor;
    const [r2, c2] = this.head;
    return { top: Math.min(r1, r2), bottom: Math.max(r1, r2), left: Math.min(c1, c2), right: Math.max(c1, c2) };
  }

  holds([row, column]) {
    const { box } = this;
    return box !== null && row >= box.top && row <= box.bottom && column >= box.left && column <= box.right;
  }

  set(anchor, head = anchor) {
    Object.assign(this, { anchor, head });
    this.show();
  }

  clear() {
    this.anchor = this.head = null;
    this.show();
  }

  show() {
    this.seats.forEach((row, r) => row.forEach((seat, c) => {
      const inside = this.holds([r, c]);
      seat.classList.toggle("is-picked", inside);
      seat.setAttribute("aria-selected", String(inside));
    }));
    tell(this);
  }

  get places() {
    const { box } = this;
    return box ? this.rows.slice(box.top, box.bottom + 1).map((row) => row.dataset.place) : [];
  }

  get keys() {
    const { box } = this;
    return box ? this.seats[0].slice(box.left, box.right + 1).map((seat) => seat.dataset.seat) : [];
  }

  // A focus that the keys move; with Shift the range grows to it.
  step([down, right], grow) {
    const from = this.head ?? [0, 0];
    const row = Math.max(0, Math.min(this.rows.length - 1, from[0] + (this.head ? down : 0)));
    const column = Math.max(0, Math.min(this.columns - 1, from[1] + (this.head ? right : 0)));
    this.set(grow && this.anchor ? this.anchor : [row, column], [row, column]);
    const seat = this.seats[row][column];
    seat.focus({ preventScroll: true });
    seat.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function labelOf(key) {
  const node = [...table.querySelectorAll("thead [data-pick]")].find((one) => one.dataset.pick.trim() === key);
  const [duty] = key.split(".");
  const group = [...table.querySelectorAll("thead .duty [data-pick]")].find((one) => one.dataset.pick.includes(`${duty}.`));
  const words = group.textContent.trim();
  return node && node !== group ? `${words}${node.firstChild.textContent.trim()}` : words;
}

function tell(range) {
  const count = range.places.length;
  const words = count
    ? staff.dataset.wordsSome.replace("%(places)s", count).replace("%(columns)s", range.keys.map(labelOf).join("、"))
    : staff.dataset.wordsNone;
  const line = staff.querySelector("[data-chosen]");
  line.textContent = words;
  line.classList.toggle("is-some", count > 0);
  const bar = document.getElementById("assign-bar");
  bar.hidden = !count;
  bar.querySelector("[data-chosen-short]").textContent = count ? words : "";
}

function ask(range, rule, who = "") {
  if (!range.places.length) {
    staff.querySelector("[data-chosen]").scrollIntoView({ block: "nearest" });
    table.querySelector("td")?.focus();
    return;
  }
  form.elements.places.value = range.places.join(" ");
  form.elements.columns.value = range.keys.join(" ");
  form.elements.rule.value = rule;
  form.elements.who.value = who;
  if (!form.reportValidity()) return;
  form.requestSubmit();
}

// --- Mouse and touch ------------------------------------------------------------------------

function startPointing(range) {
  let dragging = false;
  table.addEventListener("pointerdown", (event) => {
    const seat = event.target.closest("td[data-seat]");
    if (!seat || event.button || event.pointerType === "touch") return;
    event.preventDefault();
    dragging = true;
    const here = range.at(seat);
    range.set(event.shiftKey && range.anchor ? range.anchor : here, here);
    seat.focus({ preventScroll: true });
  });
  table.addEventListener("pointerover", (event) => {
    const seat = event.target.closest("td[data-seat]");
    if (dragging && seat) range.set(range.anchor, range.at(seat));
  });
  document.addEventListener("pointerup", () => { dragging = false; });
  // A finger scrolls; it taps the first seat and then the last one.
  table.addEventListener("click", (event) => {
    const seat = event.target.closest("td[data-seat]");
    if (!seat || event.pointerType !== "touch") return;
    const here = range.at(seat);
    const fresh = !range.anchor || String(range.anchor) !== String(range.head) || String(range.anchor) === String(here);
    range.set(fresh ? here : range.anchor, here);
  });
  table.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (!pick || !range.rows.length) return;
    const keys = pick.dataset.pick.trim().split(" ");
    const columns = keys.map((key) => range.seats[0].findIndex((seat) => seat.dataset.seat === key));
    range.set([0, Math.min(...columns)], [range.rows.length - 1, Math.max(...columns)]);
  });
}

function startDropping(range) {
  staff.addEventListener("dragstart", (event) => {
    const who = event.target.closest("[data-who]");
    if (who) event.dataTransfer.setData("text/plain", who.dataset.who);
  });
  table.addEventListener("dragover", (event) => {
    const seat = event.target.closest("td[data-seat]");
    if (!seat) return;
    event.preventDefault();
    table.querySelector(".is-drop")?.classList.remove("is-drop");
    seat.classList.add("is-drop");
  });
  table.addEventListener("drop", (event) => {
    const seat = event.target.closest("td[data-seat]");
    const who = event.dataTransfer.getData("text/plain");
    table.querySelector(".is-drop")?.classList.remove("is-drop");
    if (!seat || !/^\d+(\.\d+)?$/.test(who)) return;
    event.preventDefault();
    if (!range.holds(range.at(seat))) range.set(range.at(seat));
    ask(range, "give", who);
  });
}

// --- Keys -----------------------------------------------------------------------------------

function startKeys(range, find) {
  document.addEventListener("keydown", (event) => {
    if (keysAreOff() || document.querySelector("dialog[open]")) return;
    const name = keyName(event);
    const inTable = table.contains(event.target) || event.target === document.body || event.target.id === "main";
    if (!inTable || (belongsToField(event, name) && !event.target.closest("td"))) return;
    if (STEPS[name]) {
      event.preventDefault();
      range.step(STEPS[name], event.shiftKey);
    } else if (name === "Enter" && range.anchor) {
      event.preventDefault();
      find.focus();
    } else if (name === "Delete" && range.anchor) {
      ask(range, "clear");
    } else if (name === "Escape") {
      range.clear();
    }
  });
}

class Finder {
  constructor(range) {
    this.range = range;
    this.input = staff.querySelector("[data-find]");
    this.all = [...staff.querySelectorAll("[data-who]")];
    this.input.addEventListener("input", () => this.narrow());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
  }

  get shown() {
    return this.all.filter((one) => !one.hidden);
  }

  narrow() {
    const words = this.input.value.trim().toLowerCase();
    for (const one of this.all) one.hidden = Boolean(words) && !one.dataset.name.toLowerCase().includes(words);
    this.mark(words ? this.shown[0] : null);
  }

  mark(one) {
    for (const other of this.all) other.setAttribute("aria-selected", String(other === one));
    one?.scrollIntoView({ block: "nearest" });
    this.marked = one ?? null;
  }

  onKey(event) {
    if (event.isComposing) return;
    const { shown } = this;
    const here = shown.indexOf(this.marked);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? here + 1 : here - 1;
      this.mark(shown[Math.max(0, Math.min(shown.length - 1, next))]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.marked) ask(this.range, "give", this.marked.dataset.who);
    } else if (event.key === "Escape") {
      this.input.value = "";
      this.narrow();
      table.querySelector("td.is-picked")?.focus();
    }
  }
}

function startAsking(range) {
  staff.addEventListener("click", (event) => {
    const who = event.target.closest("[data-who]");
    if (who) ask(range, "give", who.dataset.who);
    const rule = event.target.closest("[data-rule]");
    if (rule) ask(range, rule.dataset.rule);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "assign-preview") return;
    const dialog = document.getElementById("assign-dialog");
    if (!dialog.open) dialog.showModal();
    dialog.querySelector(".btn.primary")?.focus();
  });
}

if (table && staff) {
  const range = new Range();
  const finder = new Finder(range);
  startPointing(range);
  startDropping(range);
  startKeys(range, finder.input);
  startAsking(range);
}
