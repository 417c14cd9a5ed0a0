// Moments as they are said in the street, the same on every page.

import { t } from "../text.js";

const DAY = 24 * 60 * 60 * 1000;

/** A moment in words: today and tomorrow by their name, another day by its month and day. */
export function momentWords(moment, now = new Date()) {
  const at = new Date(moment);
  const time = at.toLocaleTimeString("zh-CN", { hour12: false, hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === now.toDateString()) return t("m.at_today", { time });
  if (at.toDateString() === new Date(now.getTime() + DAY).toDateString()) return t("m.at_tomorrow", { time });
  return t("m.at_day", { month: at.getMonth() + 1, day: at.getDate(), time });
}
