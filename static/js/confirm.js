// Dialogs: a link to #id opens <dialog id>; forms with data-confirm ask first.

import { el, t } from "./text.js";

/** Opens a dialog over the page; "dialog:before-open" is fired on it first. */
export function open(dialog) {
  dialog.dispatchEvent(new CustomEvent("dialog:before-open", { bubbles: true }));
  if (dialog.open) dialog.close();
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], [aria-invalid=true], .in :is(input, select, textarea):not([type=hidden])");
  first?.focus();
}

/** Asks in the page; resolves to true when the reader presses the button named `yes`. */
export function ask(question, yes = t("confirm.yes")) {
  const agree = el("button", { class: "btn primary", value: "yes", autofocus: true }, yes);
  const refuse = el("button", { class: "btn", value: "" }, t("confirm.no"));
  const form = el("form", { method: "dialog" }, el("div", { class: "in" }, question), el("footer", {}, refuse, agree));
  const dialog = el("dialog", { class: "dialog", "aria-label": question }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function onClick(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog || opener.hash?.slice(1));
    if (!dialog?.showModal) return;
    event.preventDefault();
    // A menu closes behind its entry, and gets the focus back when the dialog closes.
    const menu = opener.closest("details.menu");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    open(dialog);
  } else if (event.target.closest("[data-dialog-close]")) {
    const dialog = event.target.closest("dialog");
    if (!dialog.open) return;
    event.preventDefault();
    dialog.close();
  }
}

// What the button says, without the key that is drawn on it.
function words(button) {
  const copy = button?.cloneNode(true);
  copy?.querySelectorAll("kbd").forEach((key) => key.remove());
  return copy?.textContent.trim() || undefined;
}

async function onSubmit(event) {
  const form = event.target;
  const submitter = event.submitter;
  // A button's own data-confirm goes before that of its form; an empty one asks nothing.
  const question = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || form.dataset.agreed || event.defaultPrevented) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(question, words(submitter)))) return;
  form.dataset.agreed = "1";
  form.requestSubmit(submitter ?? undefined);
  delete form.dataset.agreed;
}

async function onHtmxConfirm(event) {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await ask(event.detail.question)) event.detail.issueRequest(true);
}

function openNamed() {
  const named = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (named?.matches("dialog.dialog")) open(named);
}

/** Wires openers, closers and questions; shows dialogs that came open from the server. */
export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("htmx:confirm", onHtmxConfirm);
  const waiting = document.querySelector("dialog[open][data-modal]");
  if (waiting) open(waiting);
  // A link from another page leads to a dialog by its name. The browser goes to the place that
  // an address names when all is loaded, and takes the focus along: that is waited for.
  else if (document.readyState === "complete") openNamed();
  else addEventListener("load", () => setTimeout(openNamed));
}
