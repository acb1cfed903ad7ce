// The interactive figure of the first page: choose a schedule, and see who wins and when.
// It trains the toy of training/toy.mjs, step by step, while the page stays usable. render works with anywidget's model,
// and with any object whose get("settings") and get("choice") give what lrreg_utils/interactive/widgets.py puts there.
import { init, step, measure } from "./training/toy.mjs";

const COLUMNS = [
  ["test_p_error", "Error on P alone, %"],
  ["test_q_only_error", "Error on Q alone, %"],
];
const LEARNED = 5; // percent: an error that stays below it counts as learned
const EQUAL = 0.5; // points: a smaller difference is no win
const NAMES = ["L-S", "S"];

// What the reader can choose: name, label, lowest, highest, step of the slider; no numbers for a checkbox.
export const CONTROLS = [
  ["anneal", "L-S anneals after step", 0, 1200, 25],
  ["large", "Large rate", 20, 70, 5],
  ["small", "Small rate", 1, 20, 1],
  ["seed", "Seed", 0, 9, 1],
  ["noise", "Inject noise"],
  ["with_q", "Examples show Q"],
];

// [rate, steps] of each phase of "L-S" or "S".
export function phasesOf(name, choice) {
  const { large, small, anneal, steps } = choice;
  const phases = name === "S" ? [[small, steps]] : [[large, anneal], [small, steps - anneal]];
  return phases.filter(([, count]) => count > 0);
}

// The settings of toy.mjs with what the reader has chosen. The injected noise does not depend on the rates.
export function settingsOf(settings, choice) {
  return { ...settings, noise: choice.noise, with_q: choice.with_q };
}

// One step at a time: a row of measure every `every` steps and at the start, null after the other steps.
export function* training(settings, seed, phases, every) {
  const state = init(settings, seed);
  yield measure(state);
  for (const [rate, count] of phases) {
    for (let left = count - 1; left >= 0; left--) {
      step(state, rate);
      yield state.done % every === 0 ? measure(state) : null;
    }
  }
}

// The step of the first row from which `holds` is true of every row to the end; null if the last fails.
export function sinceStep(rows, holds) {
  let since = null;
  for (let i = rows.length - 1; i >= 0 && holds(rows[i], i); i--) since = rows[i].step;
  return since;
}

const asCount = (number) => number.toLocaleString("en");

// The result in words. rows: the finished rows of "L-S" and of "S", measured at the same steps.
export function verdict(rows, choice) {
  const [annealed, small] = NAMES.map((name) => rows[name]);
  const [a, s] = [annealed, small].map((each) => each.at(-1).test_p_error);
  if (![...annealed, ...small].every((row) => Number.isFinite(row.train_both_loss))) {
    return "The training has blown up: choose a smaller rate.";
  }
  const head = `After ${asCount(choice.steps)} steps, error on P alone: L-S ${a.toFixed(1)} %, S ${s.toFixed(1)} %. `;
  let who = "Neither wins. ";
  if (Math.abs(a - s) >= EQUAL) {
    const [name, sign] = a < s ? ["L-S", 1] : ["S", -1];
    const lead = (_, i) => sign * (small[i].test_p_error - annealed[i].test_p_error) > 0;
    who = `${name} wins; it is ahead for good from step ${asCount(sinceStep(annealed, lead))} on. `;
  }
  if (!choice.with_q) return `${head}${who}No example shows Q.`;
  const [when, other] = [annealed, small].map((each) => {
    const since = sinceStep(each, (row) => row.test_q_only_error < LEARNED);
    return since === null ? "not learned" : `learned by step ${asCount(since)}`;
  });
  return `${head}${who}Q: L-S ${when}, S ${other}.`;
}

// The top of an axis that starts at 0: errors without the first row, at which nothing is learned.
export function topOf(rows, column) {
  const largest = Math.max(0, ...NAMES.flatMap((name) => rows[name].slice(1).map((row) => row[column] || 0)));
  return [5, 10, 15, 20, 30, 50].find((top) => top >= largest) ?? 100;
}

const STYLE = `
.lrreg-schedule { --ls: #b84e00; --s: #0072b2; max-width: 42rem; margin: 1rem 0; color: inherit; }
html[data-theme="dark"] .lrreg-schedule, html[theme="dark"] .lrreg-schedule,
body[data-jp-theme-light="false"] .lrreg-schedule { --ls: #ff9d4d; --s: #6fbdf2; }
.lrreg-schedule .choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .25rem 1.5rem; }
.lrreg-schedule label { display: grid; grid-template-columns: 1fr auto; align-items: center; min-height: 2rem; }
.lrreg-schedule input[type=range] { grid-column: 1 / -1; width: 100%; margin: 0; accent-color: var(--s); }
.lrreg-schedule input[type=checkbox] { width: 1.2rem; height: 1.2rem; accent-color: var(--s); }
.lrreg-schedule :focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.lrreg-schedule .number { font-variant-numeric: tabular-nums; }
.lrreg-schedule svg { display: block; width: 100%; margin: .75rem 0; }
.lrreg-schedule svg text { fill: currentColor; font: 12px sans-serif; }
.lrreg-schedule .frame { fill: none; stroke: currentColor; stroke-opacity: .25; }
.lrreg-schedule .anneal { stroke: currentColor; stroke-opacity: .6; stroke-dasharray: 2 3; }
.lrreg-schedule .line { fill: none; stroke-width: 2; }
.lrreg-schedule .result { min-height: 4.5em; margin: 0; }
`;
const LINES = { "L-S": 'stroke="var(--ls)"', S: 'stroke="var(--s)" stroke-dasharray="7 4"' };
const LEFT = 36, RIGHT = 14, HEIGHT = 130, GAP = 44; // pixels of the chart

// Both panels as SVG, `width` pixels wide.
export function chart(rows, choice, width, label) {
  const across = (at) => LEFT + (at / choice.steps) * (width - LEFT - RIGHT), parts = [];
  NAMES.forEach((name, i) => {
    const x = LEFT + 90 * i;
    parts.push(`<path class="line" ${LINES[name]} d="M${x} 10h28"/><text x="${x + 34}" y="14">${name}</text>`);
  });
  COLUMNS.forEach(([column, title], panel) => {
    const above = 44 + panel * (HEIGHT + GAP), top = panel ? 100 : topOf(rows, column);
    const down = (value) => above + HEIGHT * (1 - Math.min(value, top) / top);
    parts.push(`<text x="${LEFT}" y="${above - 8}">${title}</text>`);
    for (const share of [0, 0.5, 1]) {
      const y = down(share * top);
      parts.push(`<path class="frame" d="M${LEFT} ${y}H${width - RIGHT}"/>`,
        `<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${share * top}</text>`);
    }
    parts.push(`<path class="anneal" d="M${across(choice.anneal)} ${above}v${HEIGHT}"/>`);
    for (const name of NAMES) {
      const points = rows[name].filter((row) => Number.isFinite(row[column]))
        .map((row) => `${across(row.step).toFixed(1)},${down(row[column]).toFixed(1)}`);
      parts.push(`<polyline class="line" ${LINES[name]} points="${points.join(" ")}"/>`);
    }
  });
  const foot = 44 + 2 * HEIGHT + GAP + 18;
  for (let at = 0; at <= choice.steps; at += choice.steps / 4) {
    parts.push(`<text x="${across(at)}" y="${foot}" text-anchor="${at < choice.steps ? "middle" : "end"}">${
      asCount(at)}${at ? "" : " steps"}</text>`);
  }
  return `<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${foot + 6}" height="${foot + 6}">${
    parts.join("")}</svg>`;
}

const pause = () => new Promise((resume) => setTimeout(resume));

// Draws the figure into el; returns a function that stops it.
function render({ model, el }) {
  const settings = model.get("settings"), choice = { ...model.get("choice") }, finished = new Map();
  const root = document.createElement("div");
  root.className = "lrreg-schedule";
  root.innerHTML = `<style>${STYLE}</style><div class="choices"></div><div class="chart"></div>
    <p class="result" role="status" aria-live="polite"></p>`;
  el.append(root);
  const [choices, picture, result] = [".choices", ".chart", ".result"].map((name) => root.querySelector(name));
  let rows = { "L-S": [], S: [] }, turn = 0, waiting;

  function draw(words = "training") {
    const width = Math.max(260, Math.round(root.clientWidth));
    picture.innerHTML = chart(rows, choice, width, `Two panels of error against step, for L-S and S: ${words}`);
  }

  // Trains both schedules in turns of some milliseconds; a later call makes it stop.
  async function train() {
    const mine = ++turn;
    const runs = NAMES.map((name) => {
      const phases = phasesOf(name, choice);
      const key = JSON.stringify([phases, choice.seed, choice.noise, choice.with_q]);
      return { name, key, steps: training(settingsOf(settings, choice), choice.seed, phases, choice.every) };
    });
    rows = Object.fromEntries(runs.map(({ name, key }) => [name, finished.get(key) ?? []]));
    result.textContent = "Training …";
    let open = runs.filter(({ key }) => !finished.has(key));
    while (open.length) {
      const until = performance.now() + 15;
      while (open.length && performance.now() < until) {
        open = open.filter((run) => {
          const { value, done } = run.steps.next();
          if (value) rows[run.name].push(value);
          if (done) finished.set(run.key, rows[run.name]);
          return !done;
        });
      }
      draw();
      await pause();
      if (mine !== turn) return;
    }
    result.textContent = verdict(rows, choice);
    draw(result.textContent);
  }

  for (const [name, text, low, high, size] of CONTROLS) {
    const label = document.createElement("label"), input = document.createElement("input");
    const shown = document.createElement("span"), isRange = low !== undefined;
    shown.className = "number";
    shown.ariaHidden = "true"; // a slider says its value itself
    label.append(text, isRange ? shown : "");
    Object.assign(input, isRange ? { type: "range", min: low, max: high, step: size } : { type: "checkbox" });
    if (isRange) input.value = choice[name];
    else input.checked = choice[name];
    input.name = name;
    input.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for its own
    const read = () => {
      choice[name] = isRange ? Number(input.value) : input.checked;
      shown.textContent = asCount(Number(input.value));
    };
    read();
    input.addEventListener("input", () => {
      read();
      turn++; // what is being trained is no longer asked for
      clearTimeout(waiting);
      waiting = setTimeout(train, 200);
    });
    label.append(input);
    choices.append(label);
  }

  const resized = new ResizeObserver(() => draw(result.textContent));
  resized.observe(root);
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    train();
  });
  seen.observe(root);
  return () => {
    turn++;
    resized.disconnect();
    seen.disconnect();
  };
}

export default { render };
