// The fast lane: the next one is fetched beforehand and shown at once; the answer to one brings
// the one after the next. So a case costs one request. Without script each form goes its plain way.

import { keyName, keysAreOff } from "../keys.js";
import { csrfToken, el, t, toast } from "../text.js";

const lane = document.getElementById("lane");
const HEADERS = { "HX-Request": "true", "HX-Target": "lane", Accept: "application/json" };
const WORDS = { 403: "net.forbidden", 404: "net.gone", 409: "net.taken", 429: "net.often" };
let next = null;
let asked = "";
let underway = Promise.resolve();

const stateOf = (root) => root.querySelector("[data-lane-state]").dataset;

function asLane(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  return box.content;
}

const isLane = (content) => Boolean(content.querySelector("[data-lane-state]"));

/** Keeps a lane for later; its photo is fetched, so that it is there when it is needed. */
function keepNext(content) {
  const subject = isLane(content) ? stateOf(content).subject : "";
  // Where the one that was asked for is gone, the answer may be the one that is shown.
  if (!subject || subject === stateOf(lane).subject) return;
  next = { content, subject };
  const photo = content.querySelector(".lane-photo img");
  if (photo) new Image().src = photo.src;
}

async function fetchNext() {
  const { following, subject } = stateOf(lane);
  if (!following || next) return;
  asked = following;
  const { content } = await send(`${following}&${new URLSearchParams({ beyond: subject })}`, {});
  // What was fetched for a lane that has gone by meanwhile is of no use.
  if (content && asked === following && !next) keepNext(content);
}

function show(content) {
  asked = "";
  lane.replaceChildren(content);
  const { here } = stateOf(lane);
  if (here) history.replaceState(null, "", here);
  window.htmx?.process(lane);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: lane } }));
  document.getElementById("main").focus({ preventScroll: true });
}

function showNext() {
  const { content } = next;
  next = null;
  show(content);
}

// --- Asking ---------------------------------------------------------------------------------

async function refusal(answer) {
  const json = answer.headers.get("Content-Type")?.includes("json");
  const said = json ? (await answer.json()).error?.message : "";
  return said || t(WORDS[answer.status] ?? "net.failed");
}

/** The lane that an address answers with, as `content`, else `why` there is none. */
async function send(address, options) {
  try {
    const answer = await fetch(address, { headers: HEADERS, ...options });
    if (!answer.ok || answer.redirected) return { why: await refusal(answer) };
    const content = asLane(await answer.text());
    return isLane(content) ? { content } : { why: t("net.failed") };
  } catch {
    // The line broke, before the answer or in the middle of it.
    return { why: t("net.down") };
  }
}

// --- Accepting ------------------------------------------------------------------------------

/** Says what went wrong with a case that has left the screen already, and leads back to it. */
function sayFailed(number, here, why) {
  const note = el("div", { class: "flash tone-bad" }, t("lane.failed", { number, why }), " ",
    el("a", { href: here }, t("lane.back")));
  lane.querySelector("[data-lane-failed]").append(note);
}

function told(content) {
  const done = content.querySelector("[data-lane-done]");
  const place = lane.querySelector("[data-lane-done]");
  if (done && place) place.replaceChildren(...done.cloneNode(true).childNodes);
  const tabs = content.querySelector(".seg");
  if (tabs) lane.querySelector(".seg")?.replaceWith(tabs.cloneNode(true));
}

// One after the other: the answer to one must not count another that is still on its way.
function accept(form, button) {
  form.classList.add("is-sending");
  underway = underway.then(() => accepted(form, button)).catch((error) => {
    // Whatever goes wrong with one must not keep the next from being sent.
    console.error("lane", error);
    form.classList.remove("is-sending");
    toast(t("net.failed"));
  });
}

async function accepted(form, button) {
  const { subject, here } = stateOf(lane);
  const body = new FormData(form, button);
  const ahead = next;
  if (ahead) body.set("beyond", ahead.subject);
  const address = button?.getAttribute("formaction") || form.action;
  if (ahead) {
    showNext();
    lane.querySelector(`[data-stop="${CSS.escape(here)}"]`)?.remove();
  }
  const headers = { ...HEADERS, "X-CSRFToken": csrfToken() };
  const { content, why } = await send(address, { method: "POST", body, headers });
  form.classList.remove("is-sending");
  if (!content) {
    if (ahead) sayFailed(subject, here, why);
    else toast(why);
    return fetchNext();
  }
  if (!ahead) {
    show(content);
    if (next?.subject === stateOf(lane).subject) next = null;
    return fetchNext();
  }
  told(content);
  // Whoever was quicker than this answer waits for the one that he sees.
  if (stateOf(lane).subject === ahead.subject) keepNext(content);
  return next ? null : fetchNext();
}

function onSubmit(event) {
  const form = event.target;
  if (!form.matches(".lane-form") || event.defaultPrevented) return;
  event.preventDefault();
  if (!form.classList.contains("is-sending")) accept(form, event.submitter);
}

// --- Keys -----------------------------------------------------------------------------------

function nextStandard() {
  const all = [...lane.querySelectorAll("input[name=standard]")];
  const at = all.findIndex((each) => each.checked);
  const one = all[(at + 1) % all.length];
  if (one) one.checked = true;
}

function onClick(event) {
  if (event.target.closest("[data-next-standard]")) return nextStandard();
  const skip = event.target.closest("[data-lane-skip]");
  if (!skip || !next || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showNext();
  fetchNext();
}

// Enter in a list of the proposal accepts too; a list that is open keeps it for its choice.
function onKey(event) {
  if (keysAreOff() || event.repeat || keyName(event) !== "Enter" || !event.target.matches("select")) return;
  const button = event.target.closest(".lane-form")?.querySelector(".btn.primary");
  if (!button) return;
  event.preventDefault();
  button.click();
}

lane.addEventListener("submit", onSubmit);
lane.addEventListener("click", onClick);
lane.addEventListener("keydown", onKey);
if (stateOf(lane).subject) fetchNext();
