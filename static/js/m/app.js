// What every phone page does: open the person's queue, send what waits, say how it stands.

import { el, t, toast } from "../text.js";
import { forget, openStore } from "./store.js";
import { Sender, ask } from "./sender.js";
import { Tracker } from "./track.js";

const { user, made, hello, uploads, reports, tracks, sw } = document.body.dataset;
const EVERY = 60000;
const FRESH = 30000;
const DRAWN_EVERY = 150;
const WAITING_KEY = `phone-todo-${user}`;
const WARM_KEY = "phone-warm";
const TRIES = 4;
const MOST_SAID = 99;
const MARKED_S = 180 * 24 * 3600;
const said = new BroadcastChannel(`citymgmt-phone-${user}`);
const listeners = new Set();
let state = { busy: false, why: "" };
let store = null;
let sender = null;
let telling = null;

/** What notes where the person walks while he is on patrol; without a queue it does nothing. */
export const tracker = new Tracker({ hello, tracks });

/** Resolves to the queue of who is signed in; to null where this browser has no room for one. */
export const ready = opened();

async function opened() {
  markPhone(true);
  await changeHands();
  navigator.storage?.persist?.();
  // After a hard stop the old process may hold the database for a moment.
  for (let left = TRIES; left > 0; left -= 1) {
    try {
      return await openStore(user);
    } catch (error) {
      console.warn(error);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  document.getElementById("no-store").hidden = false;
  return null;
}

// Pages that were kept for offline hours belong to whom they were made for.
async function changeHands() {
  if (localStorage.getItem("phone-user") === user) return;
  for (const name of await keptPages()) await caches.delete(name);
  localStorage.setItem("phone-user", user);
  localStorage.removeItem(WARM_KEY);
}

// The desk's pages then show the way back here, from their first line on; `false` takes it away.
function markPhone(on) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `phone=${on ? user : ""}; path=/; max-age=${on ? MARKED_S : 0}; samesite=lax${secure}`;
}

// What is needed without a signal is kept anew once a day, and for whoever the phone comes to; a
// worker that is new keeps it by itself.
function warm() {
  const today = new Date().toDateString();
  if (localStorage.getItem(WARM_KEY) === today || !navigator.onLine) return;
  navigator.serviceWorker.controller?.postMessage("warm");
  localStorage.setItem(WARM_KEY, today);
}

// On a slow line a kept page may be shown to whoever has signed in since: his own takes its place.
// Where something waits the page itself says that it waits for somebody else.
async function checkHands() {
  let told = null;
  try {
    told = await ask(user, "GET", hello);
  } catch (error) {
    console.info(error);
  }
  if (!told?.user || String(told.user) === user || (await store?.sent())?.length) return;
  for (const name of await keptPages()) await caches.delete(name);
  location.reload();
}

async function keptPages() {
  const names = (await globalThis.caches?.keys()) ?? [];
  return names.filter((name) => name.startsWith("phone-own"));
}

// While it sends there is news many times a second: the page is drawn anew a few times.
function tell(news) {
  state = news;
  if (telling === null) telling = setTimeout(say, news.busy ? DRAWN_EVERY : 0);
}

function say() {
  telling = null;
  said.postMessage("changed");
  show();
}

/** Call `act` with how the queue stands, and whenever it changed, here or in another window. */
export function onChange(act) {
  listeners.add(act);
  // What was told before this page's script was there is told again.
  show();
}

/** Send now. */
export function kick() {
  sender?.kick();
}

/** Say everywhere that something was put into the queue, and send it. */
export function changed() {
  said.postMessage("changed");
  show();
  kick();
}

const TONES = { broken: ["bad", "diamond"], refused: ["bad", "diamond"], login: ["bad", "diamond"], waiting: ["warn", "triangle"], sending: ["doing", "square"], done: ["ok", "dot"] };

function counted(forms) {
  const waiting = forms.filter((form) => form.state === "waiting").length;
  return { waiting, refused: forms.length - waiting };
}

async function show() {
  await ready;
  const forms = store ? await store.sent() : [];
  const { waiting, refused } = counted(forms);
  const chip = document.getElementById("queue");
  const [kind, words] = !store
    ? ["broken", t("m.broken")]
    : refused
    ? ["refused", t("m.mend", { n: refused })]
    : waiting && (state.why === "login" || state.why === "other")
      ? ["login", t("m.login", { n: waiting })]
      : waiting && state.busy
        ? ["sending", t("m.sending", { n: waiting })]
        : waiting
          ? ["waiting", t("m.waiting", { n: waiting })]
          : ["done", t("m.all")];
  const [tone, shape] = TONES[kind];
  chip.className = `queue tone-${tone}`;
  chip.dataset.state = kind;
  chip.dataset.count = store ? String(forms.length) : "?";
  chip.replaceChildren(el("i", { class: `shape ${shape}`, "aria-hidden": "true" }), words);
  for (const bar of document.querySelectorAll("[data-offline]")) bar.hidden = navigator.onLine && state.why !== "line";
  for (const act of listeners) act({ forms, state });
}

said.onmessage = show;

// --- The sun: black on white, thick lines, kept on this phone ---------------------------------

function sun(on) {
  document.documentElement.classList.toggle("sun", on);
  for (const button of document.querySelectorAll("[data-sun]")) button.setAttribute("aria-pressed", String(on));
}

sun(localStorage.getItem("sun") === "1");
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-sun]")) return;
  const on = localStorage.getItem("sun") !== "1";
  localStorage.setItem("sun", on ? "1" : "0");
  sun(on);
});

// --- Signing out: asked first where something waits -------------------------------------------

async function reached() {
  try {
    await ask(user, "GET", hello);
    return true;
  } catch (error) {
    console.info(error);
    return false;
  }
}

// What would be deleted, in the words of the pages that list it; "" where there is nothing.
async function heldWords() {
  const { waiting, refused } = counted(store ? await store.sent() : []);
  const drafts = store ? (await store.drafts()).length : 0;
  const walked = await tracker.unsent();
  const held = [["m.waiting_whole", waiting], ["m.mend", refused], ["m.unfinished", drafts], ["m.track_unsent", walked]];
  return held.filter(([, n]) => n).map(([key, n]) => t(key, { n })).join("，");
}

/** Leave nothing of this person on the phone: queue, kept pages. */
async function leave() {
  await tracker.leave(user);
  store?.db.close();
  await forget(user);
  for (const name of await keptPages()) await caches.delete(name);
  markPhone(false);
  localStorage.removeItem("phone-user");
  localStorage.removeItem(WARM_KEY);
  localStorage.removeItem(`phone-walk-${user}`);
  localStorage.removeItem(`phone-walked-${user}`);
  localStorage.removeItem(WAITING_KEY);
}

for (const form of document.querySelectorAll("form[data-logout]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const dialog = document.getElementById("logout-ask");
    const what = dialog.open ? "" : await heldWords();
    if (what) {
      dialog.querySelector("[data-count]").textContent = t("m.logout", { what });
      dialog.showModal();
      return;
    }
    // Without the server nobody is signed out: then nothing is taken away either.
    if (!(await reached())) {
      dialog.close();
      toast(t("m.logout_line"));
      return;
    }
    await leave();
    form.submit();
  });
}

// --- Sending: on load, on `online`, on a timer, when the page is looked at again ---------------

addEventListener("online", kick);
addEventListener("online", checkHands);
addEventListener("online", () => tracker.send());
addEventListener("offline", show);
// Gone back to as it was left: what was written or sent meanwhile is not on it yet.
addEventListener("pageshow", (event) => event.persisted && show());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && kick());
setInterval(() => sender?.look(), EVERY);

// Only once the pages of whoever was here before are gone.
function install() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(sw, { scope: "/m/", updateViaCache: "none" }).then(watch, (error) => console.warn(error));
  warm();
}

// A new version waits until the person says so; what is in the queue does not mind either way.
function watch(registration) {
  const offer = () => {
    const bar = document.getElementById("news");
    if (!bar || !registration.waiting || !navigator.serviceWorker.controller) return;
    bar.hidden = false;
    bar.onclick = () => registration.waiting?.postMessage("take-over");
  };
  offer();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
  let fresh = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (fresh) fresh = false;
    else location.reload();
  });
}

/** Hand a form to the queue and go to where it is seen; false where it could not be written. */
export async function sendForm(form, button, outbox) {
  button.disabled = true;
  try {
    await (await ready).send(form);
  } catch (error) {
    sayTrouble(error);
    button.disabled = false;
    return false;
  }
  changed();
  location.assign(`${outbox}?form=${form.id}`);
  return true;
}

/** How many things wait for the person, at the tab that leads to them; kept for the other pages. */
export function sayTodo(count = Number(localStorage.getItem(WAITING_KEY) ?? 0)) {
  localStorage.setItem(WAITING_KEY, String(count));
  for (const badge of document.querySelectorAll("[data-todo]")) {
    badge.hidden = !count;
    badge.textContent = count > MOST_SAID ? `${MOST_SAID}+` : String(count);
  }
}

/** What a form lacks before it can go, by the key of its words; "" when it lacks nothing. It stands
 * in the bar that sends, so that it is seen wherever the page is scrolled to. */
export function sayLack(key) {
  const line = document.querySelector("[data-lack]");
  line.hidden = !key;
  line.textContent = key ? t(key) : "";
}

// Whatever is entered or tapped next may be what was missing; the tap that sends says it anew.
for (const name of ["input", "change", "click"]) {
  const clear = (event) => event.target.closest?.("#main :is(button, label, summary, input, select, textarea)") && sayLack("");
  if (document.querySelector("[data-lack]")) document.addEventListener(name, clear, { capture: true });
}

/** Nothing more is sent from here: the bar says why in place of its buttons. */
export function closeBar(key) {
  const bar = document.querySelector(".send-bar");
  for (const button of bar.querySelectorAll("button")) button.hidden = true;
  bar.append(el("p", { class: "strip tone-ok", role: "status" }, t(key)));
}

/** Say that something could not be kept, in words. */
export function sayTrouble(error) {
  const full = error?.name === "QuotaExceededError";
  const words = { empty: "m.empty", picture: "m.picture" }[error?.message];
  toast(t(full ? "m.full" : (words ?? "m.kept_not")));
}

ready.then((found) => {
  store = found;
  if (store) sender = new Sender(store, { hello, uploads, reports }, tell);
  // The queue does not wait for it.
  if (store) tracker.begun(user);
  install();
  sayTodo();
  show();
  kick();
  if (Math.abs(Date.now() - Number(made) * 1000) > FRESH) checkHands();
  document.documentElement.dataset.ready = "1";
  // Somebody signed out at a desk's page of this phone.
  if (new URLSearchParams(location.search).has("leave")) document.querySelector("form[data-logout]")?.dispatchEvent(new Event("submit", { cancelable: true }));
});
