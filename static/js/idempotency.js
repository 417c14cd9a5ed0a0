// A form is sent once: its button rests while the answer is on its way, and a repeat
// carries the same idempotency_key, so that the server can answer as it did the first time.

import { t, toast, uuid } from "./text.js";

const PATIENCE = 20000;
const KEY = "input[name=idempotency_key]";
const timers = new WeakMap();

const buttonsOf = (form) =>
  [...form.elements].filter((each) => each.matches("button:not([type=button]), input[type=submit]"));

function rest(form) {
  form.dataset.busy = "1";
  // The browser collects the fields after this event: a button disabled now would not be sent.
  setTimeout(() => {
    for (const button of buttonsOf(form).filter((each) => !each.disabled)) {
      button.disabled = true;
      button.dataset.rests = "1";
      button.setAttribute("aria-busy", "true");
    }
  });
}

function wake(form) {
  clearTimeout(timers.get(form));
  delete form.dataset.busy;
  for (const button of buttonsOf(form).filter((each) => each.dataset.rests)) {
    button.disabled = false;
    delete button.dataset.rests;
    button.removeAttribute("aria-busy");
  }
}

function renew(form) {
  const field = form.querySelector(KEY);
  if (field) field.value = uuid();
}

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.busy) {
    event.preventDefault();
    return;
  }
  rest(form);
  // A download leaves the page standing: nothing will tell that it is over.
  const stays = form.hasAttribute("data-stays");
  const timer = setTimeout(() => {
    wake(form);
    if (!stays) toast(t("form.slow"), "warn");
  }, stays ? 3000 : PATIENCE);
  timers.set(form, timer);
}

function onHtmxEnd(event) {
  const form = event.target.closest?.("form");
  if (!form) return;
  wake(form);
  // Only an answer ends the attempt; after a broken line the same key must go again.
  if (event.detail.xhr?.status >= 200) renew(form);
}

/** Wires every POST form of the page, whether sent plainly or by htmx. */
export function start() {
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form && form.method === "post") rest(form);
  });
  document.addEventListener("htmx:afterRequest", onHtmxEnd);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-busy]")) {
      wake(form);
      renew(form);
    }
  });
}
