// Pinned columns of a table stay at the left: how far each of them stands is measured.

function place(list) {
  const heads = [...list.querySelectorAll("thead th.pinned")];
  let left = 0;
  for (const head of heads) {
    list.style.setProperty(`--pin-${head.cellIndex}`, `${left}px`);
    left += head.getBoundingClientRect().width;
  }
}

/** Brings one [data-pins] table to life. */
export function start(list) {
  if (!list.querySelector("th.pinned")) return;
  place(list);
  new ResizeObserver(() => list.isConnected && place(list)).observe(list);
}
