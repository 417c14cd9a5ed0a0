// On a desk's page of somebody's phone: what still waits there to be sent.

import { openStore } from "./m/store.js";
import { t } from "./text.js";

/** Says at the way back how many wait on this phone, now and whenever that changes. */
export async function start(bar) {
  const user = bar.dataset.toPhone;
  // The mark of the phone's own pages: without it there is no queue of his here to be opened.
  if (localStorage.getItem("phone-user") !== user || !bar.getClientRects().length) return;
  const store = await openStore(user);
  const chip = bar.querySelector("[data-waits]");
  const say = async () => {
    const waiting = (await store.sent()).length;
    chip.hidden = !waiting;
    chip.textContent = waiting ? t("m.waiting", { n: waiting }) : "";
  };
  new BroadcastChannel(`citymgmt-phone-${user}`).onmessage = say;
  await say();
}
