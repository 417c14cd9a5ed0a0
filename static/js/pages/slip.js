// A warning goes to its shop as a message: by whatever this phone shares with, else from the clipboard.

import { copyOut } from "../copy.js";

for (const button of document.querySelectorAll("[data-share]")) {
  const box = document.querySelector("[data-copy]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!navigator.share) {
      await copyOut(box);
      return;
    }
    try {
      await navigator.share({ title: document.title, text: box.querySelector("[data-copy-text]").value });
    } catch (error) {
      // Whoever closes the choice wants nothing sent.
      if (error.name !== "AbortError") await copyOut(box);
    }
  });
}
