// Words for a group chat, taken out of a dialog or a part of the page.

import { t, toast } from "./text.js";

/** Puts the text on the clipboard; where the browser refuses, it stays marked to be copied. */
export async function copyOut(dialog) {
  const field = dialog.querySelector("[data-copy-text]");
  field.select();
  // Plain http, as in many an intranet, has no clipboard of the new kind.
  const done = navigator.clipboard
    ? await navigator.clipboard.writeText(field.value).then(() => true, () => false)
    : document.execCommand("copy");
  if (done) dialog.close?.();
  toast(t(done ? "board.copied" : "board.by_hand"), done ? "ok" : "warn");
}
