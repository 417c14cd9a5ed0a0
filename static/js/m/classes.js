// The classes of this bureau, kept on the phone: the six most likely here and now, and search by
// the words people say.

const SIX = 6;
const NEAR_HOURS = 2;
const CLEAR = 3;

/** Load { classes, usage, teams } of the person; empty where there is none yet. */
export async function load(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
    if (response.ok) return await response.json();
  } catch {
    // Offline and never loaded: the words can be typed, the desk picks the class.
  }
  return { classes: [], usage: [], teams: [] };
}

const aboutNow = (when, hour) => Math.min(Math.abs(when - hour), 24 - Math.abs(when - hour)) <= NEAR_HOURS;

/** The class that a person all but always means in a cell about an hour: what he reported there then
 * at least three times, and three times as often as all others together; else null. */
export function likeliest({ classes, usage }, cell, hour) {
  const tally = new Map();
  for (const [category, where, when, times] of usage) {
    if (where === cell && aboutNow(when, hour)) tally.set(category, (tally.get(category) ?? 0) + times);
  }
  const whole = [...tally.values()].reduce((sum, times) => sum + times, 0);
  const [most] = [...tally].sort((a, b) => b[1] - a[1]);
  if (!most || most[1] < CLEAR || most[1] < CLEAR * (whole - most[1])) return null;
  return classes.find((row) => row.id === most[0]) ?? null;
}

/** The six classes of a person most likely in a cell at an hour: what he used here counts
 * threefold, about this hour twice; then what the bureau uses most. */
export function six({ classes, usage }, cell, hour) {
  const score = new Map();
  for (const [category, where, when, times] of usage) {
    const worth = times * (cell && where === cell ? 3 : 1) * (aboutNow(when, hour) ? 2 : 1);
    score.set(category, (score.get(category) ?? 0) + worth);
  }
  return [...classes].sort((a, b) => (score.get(b.id) ?? 0) - (score.get(a.id) ?? 0) || a.rank - b.rank).slice(0, SIX);
}

/** Classes whose name, code or a word people say for them holds the typed words. */
export function search({ classes }, typed) {
  const words = typed.trim().toLowerCase();
  if (!words) return [];
  const place = (row) => Math.min(...[row.name, row.code, ...row.words].map((each) => fit(each.toLowerCase(), words)));
  return classes
    .map((row) => [place(row), row])
    .filter(([at]) => at < 9)
    .sort((a, b) => a[0] - b[0] || a[1].rank - b[1].rank)
    .map(([, row]) => row)
    .slice(0, 12);
}

const fit = (name, words) => (name === words ? 0 : name.startsWith(words) ? 1 : name.includes(words) ? 2 : words.includes(name) && name.length > 1 ? 3 : 9);
