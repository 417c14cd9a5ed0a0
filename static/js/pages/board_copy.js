// 复制到群: the orders as words for a group chat, by person.

import { t } from "../text.js";
import { columnsOf } from "./board_parts.js";

function lineOf(card, number) {
  const [what, where, left] = [".head b", ".head .small", ".clock"].map(
    (selector) => card.querySelector(selector)?.textContent.trim() ?? "",
  );
  return `${number}. ${what} ${where} ${left}（${card.dataset.order}）`;
}

/** Writes the chosen cards, or all that are shown, into the dialog's text. */
export function fillCopy(page, dialog, chosen) {
  const wanted = (card) => !chosen.length || chosen.includes(card);
  const groups = columnsOf(page)
    .map((column) => [column, [...column.querySelectorAll(".order-card[data-order]")].filter(wanted)])
    .filter(([, cards]) => cards.length);
  const n = groups.reduce((sum, [, cards]) => sum + cards.length, 0);
  const when = new Date().toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const lines = [t("board.head", { team: page.querySelector("h1").textContent.trim(), when, n })];
  for (const [column, cards] of groups) {
    lines.push("", column.dataset.name ? `@${column.dataset.name}` : t("board.nobody"));
    cards.forEach((card, index) => lines.push(lineOf(card, index + 1)));
  }
  dialog.querySelector("[data-copy-text]").value = lines.join("\n");
}
