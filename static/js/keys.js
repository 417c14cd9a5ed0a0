// One key, one act: the key in data-key clicks its element (or focuses its text field).

import { el, t } from "./text.js";

const OFF = "citymgmt.keys-off";
const PRESS_KEYS = ["Enter", "Space"];
const MOVE_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const FACES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Space: "空格", Escape: "Esc" };
const PRESSED = "button, input[type=checkbox], input[type=radio], input[type=submit], input[type=button], input[type=range]";

/** The name a key goes by in data-key: "n", "/", "?", "Enter", "Space", "ArrowLeft"… */
export function keyName(event) {
  if (event.key === " ") return "Space";
  // With a Chinese input method on, the key is not told; its place on the keyboard is.
  if (event.key === "Process" || event.keyCode === 229) {
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    return event.code.replace(/^(Key|Digit)/, "").toLowerCase();
  }
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** Whether this key press belongs to the focused element and not to the page. */
export function belongsToField(event, name = keyName(event)) {
  if (event.defaultPrevented || event.isComposing) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (target.isContentEditable || target.closest?.("textarea, select")) return true;
  if (target.closest?.("input") && !target.matches(PRESSED)) return true;
  if (target.matches?.("input[type=radio], input[type=range]") && MOVE_KEYS.includes(name)) return true;
  return PRESS_KEYS.includes(name) && Boolean(target.closest?.(`${PRESSED}, a, summary, label`));
}

/** Single keys can be switched off in the help; they then do nothing anywhere. */
export function keysAreOff() {
  return localStorage.getItem(OFF) === "1";
}

const shown = (node) => node.getClientRects().length > 0;
const usable = (node) => shown(node) && !node.disabled && node.getAttribute("aria-disabled") !== "true";

function scope() {
  const open = document.querySelectorAll("dialog[open]");
  return open.length ? open[open.length - 1] : document;
}

function press(node) {
  if (node.matches("input:not([type=checkbox], [type=radio], [type=file]), textarea, select")) {
    node.focus();
    node.select?.();
  } else {
    node.click();
  }
}

function onKey(event) {
  const name = keyName(event);
  if (event.repeat || belongsToField(event, name)) return;
  if (keysAreOff() && name !== "?") return;
  const nodes = [...scope().querySelectorAll("[data-key]")];
  const node = nodes.find((each) => each.dataset.key.split(" ").includes(name) && usable(each));
  if (!node) return;
  event.preventDefault();
  press(node);
}

function wordsOf(node) {
  if (node.dataset.keyLabel) return node.dataset.keyLabel;
  const copy = node.cloneNode(true);
  copy.querySelectorAll("kbd, small, svg").forEach((part) => part.remove());
  return copy.textContent.trim() || node.getAttribute("aria-label") || node.placeholder || "";
}

function lines() {
  const hints = [...document.querySelectorAll(".keys > span")].filter(shown).map((hint) => [
    [...hint.querySelectorAll("kbd")].map((key) => key.textContent),
    wordsOf(hint),
  ]);
  const acts = [...document.querySelectorAll("[data-key]")].filter(usable).map((node) => [
    node.dataset.key.split(" ").map((name) => FACES[name] ?? name),
    wordsOf(node),
  ]);
  return [...acts, ...hints].filter(([, words]) => words);
}

function fillHelp(list) {
  const seen = new Set();
  list.replaceChildren();
  for (const [keys, words] of lines()) {
    const mark = keys.join() + words;
    if (seen.has(mark)) continue;
    seen.add(mark);
    const faces = keys.flatMap((key) => [el("kbd", {}, key), " "]);
    list.append(el("dt", {}, ...faces), el("dd", {}, words));
  }
}

/** Listens to the keyboard, and fills the help whenever it opens. */
export function start() {
  document.addEventListener("keydown", onKey);
  const help = document.getElementById("keys-help");
  if (!help) return;
  const off = help.querySelector("[data-keys-off]");
  off.checked = keysAreOff();
  off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
  document.addEventListener("dialog:before-open", (event) => {
    if (event.target === help) fillHelp(help.querySelector("[data-key-list]"));
  });
  help.setAttribute("aria-label", t("keys.title"));
}
