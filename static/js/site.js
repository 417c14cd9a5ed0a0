// Entry of every page. Reading and sending work without it; this makes them quick.

import * as clock from "./clock.js";
import * as confirm from "./confirm.js";
import * as idempotency from "./idempotency.js";
import * as keys from "./keys.js";
import { t, toast } from "./text.js";

// What a page may hold, and the module that brings it to life: start(element) once for each.
const PARTS = {
  "[data-choices]": () => import("./choices.js"),
  "[data-columns]": () => import("./columns.js"),
  "[data-pins]": () => import("./pins.js"),
  "[data-compare]": () => import("./compare.js"),
  "[data-poll]": () => import("./poll.js"),
  "[data-lightbox]": () => import("./lightbox.js"),
  "[data-rows]": () => import("./rows.js"),
  "[data-select]": () => import("./select.js"),
  "[data-upload]": () => import("./upload.js"),
  "[data-map]": () => import("./map.js"),
  "[data-case-map]": () => import("./casemap.js"),
  "[data-place-layers]": () => import("./places.js"),
  "[data-news]": () => import("./news.js"),
  "[data-live]": () => import("./live.js"),
  "[data-leave]": () => import("./leaving.js"),
  "[data-to-phone]": () => import("./tophone.js"),
};
// By selector: one element may be several things.
const started = new Map(Object.keys(PARTS).map((selector) => [selector, new WeakSet()]));

function wake(root) {
  for (const [selector, load] of Object.entries(PARTS)) {
    const nodes = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) nodes.push(root);
    const known = started.get(selector);
    const fresh = nodes.filter((node) => !known.has(node));
    fresh.forEach((node) => known.add(node));
    if (fresh.length) load().then((part) => fresh.forEach((node) => part.start(node)));
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function onClick(event) {
  closeMenus(event.target.closest("details.menu"));
  if (event.target.closest("[data-copy-do]")) import("./copy.js").then((part) => part.copyOut(event.target.closest("dialog, [data-copy]") ?? document));
  const eye = event.target.closest("[data-reveal]");
  if (!eye) return;
  const field = document.getElementById(eye.dataset.reveal);
  const show = field.type === "password";
  field.type = show ? "text" : "password";
  eye.setAttribute("aria-pressed", String(show));
  eye.textContent = t(show ? "secret.hide" : "secret.show");
}

function onEscape(event) {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const menu = document.querySelector("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
  if (location.hash === "#rail") location.hash = "#main";
}

function onChange(event) {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) {
    form.requestSubmit();
  }
}

// The server's own sentence, where it answered in the house's one form of error.
function sentenceOf(xhr) {
  if (!xhr?.getResponseHeader("Content-Type")?.includes("json")) return "";
  return JSON.parse(xhr.responseText).error?.message ?? "";
}

function onHtmxError(event) {
  const { xhr } = event.detail;
  const known = { 0: "net.down", 403: "net.forbidden", 404: "net.gone", 409: "net.taken", 429: "net.often" };
  toast(sentenceOf(xhr) || t(known[xhr?.status ?? 0] ?? "net.failed"));
}

// An emptied filter should not stand in the address; a form about the view tells the one on screen.
function onSubmit(event) {
  if (event.target.matches("form[data-here]")) event.target.elements.query.value = location.search.slice(1);
  if (!event.target.matches("form.filters, form.seek")) return;
  const empty = [...event.target.elements].filter((field) => field.name && !field.value && !field.disabled);
  empty.forEach((field) => (field.disabled = true));
  setTimeout(() => empty.forEach((field) => (field.disabled = false)));
}

clock.start();
confirm.start();
idempotency.start();
keys.start();
document.addEventListener("click", onClick);
document.addEventListener("keydown", onEscape);
document.addEventListener("change", onChange);
document.addEventListener("submit", onSubmit);
document.addEventListener("htmx:responseError", onHtmxError);
document.addEventListener("htmx:sendError", onHtmxError);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
document.querySelectorAll("[data-reveal]").forEach((eye) => (eye.hidden = false));
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
wake(document);
