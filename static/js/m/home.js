// The camera is one tap away: a picture taken here opens the form that it belongs to.

import { ready, sayTrouble } from "./app.js";
import { keepLinked } from "./keep.js";
import { photoOf } from "./photo.js";
import { draft } from "./sender.js";

for (const input of document.querySelectorAll("input[data-shoot]")) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    const store = await ready;
    if (!file || !store) return;
    document.documentElement.classList.add("is-busy");
    try {
      const form = draft();
      form.handled = input.dataset.shoot === "handled";
      await store.keepPhoto(await photoOf(file, { form: form.id, fresh: input.hasAttribute("capture") }), form);
      location.assign(`${input.dataset.form}?form=${form.id}`);
    } catch (error) {
      sayTrouble(error);
      document.documentElement.classList.remove("is-busy");
    }
    input.value = "";
  });
}

ready.then(keepLinked);
