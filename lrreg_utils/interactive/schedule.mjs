// The interactive figure of the first page: choose a schedule, and see who wins and when.
// It trains the toy of training/toy.mjs, step by step, while the page stays usable. render works with anywidget's model,
// and with any object whose get("settings") and get("choice") give what lrreg_utils/interactive/widgets.py puts there.
import { line, panel, svgOf } from "./chart.mjs";
import { makeFrame } from "./frame.mjs";
import { init, step, measure } from "./training/toy.mjs";

const COLUMNS = [
  ["test_p_error", "Error on P alone, %"],
  ["test_q_only_error", "Error on Q alone, %"],
];
const LEARNED = 5; // percent: an error that stays below it counts as learned
const EQUAL = 0.5; // points: a smaller difference is no win
const NAMES = ["L-S", "S"];

export const CONTROLS = [
  { name: "anneal", label: "L-S anneals after step", low: 0, high: 1200, step: 25 },
  { name: "large", label: "Large rate", low: 20, high: 70, step: 5 },
  { name: "small", label: "Small rate", low: 1, high: 20, step: 1 },
  { name: "seed", label: "Seed", low: 0, high: 9, step: 1 },
  { name: "noise", label: "Inject noise" },
  { name: "with_q", label: "Examples show Q" },
];

// [rate, steps] of each phase of "L-S" or "S".
export function phasesOf(name, choice) {
  const { large, small, anneal, steps } = choice;
  const phases = name === "S" ? [[small, steps]] : [[large, anneal], [small, steps - anneal]];
  return phases.filter(([, count]) => count > 0);
}

// How many steps two lists of phases have in common, from the start.
export function sharedSteps(one, other) {
  let shared = 0;
  for (let i = 0; i < Math.min(one.length, other.length) && one[i][0] === other[i][0]; i++) {
    shared += Math.min(one[i][1], other[i][1]);
    if (one[i][1] !== other[i][1]) break;
  }
  return shared;
}

// The most rows that are known of a run { data, phases }: those of a run on the same data, as long as phases agree.
export function knownRows(trained, { data, phases }) {
  const found = trained.filter((other) => other.data === data)
    .map((other) => other.rows.filter((row) => row.step <= sharedSteps(other.phases, phases)));
  return found.reduce((most, rows) => (rows.length > most.length ? rows : most), []);
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

// What is being trained, in words.
export function plan({ large, small, anneal, seed, noise, with_q }) {
  const left = `${noise ? "" : ", no noise"}${with_q ? "" : ", no Q"}`, until = asCount(anneal);
  return `Training with seed ${seed}${left}: L-S at rate ${large} up to step ${until}, then ${small}; S at ${small} …`;
}

// The top of an axis that starts at 0: errors without the first row, at which nothing is learned.
export function topOf(rows, column) {
  const largest = Math.max(0, ...NAMES.flatMap((name) => rows[name].slice(1).map((row) => row[column] || 0)));
  return [5, 10, 15, 20, 30, 50].find((top) => top >= largest) ?? 100;
}

const LOOKS = { "L-S": ["of-large", ""], S: ["of-small", "7 4"] };
const LEFT = 36, RIGHT = 18, HEIGHT = 130, GAP = 44; // pixels of the chart

// Both panels as SVG, `width` pixels wide.
export function chart(rows, choice, width, label) {
  const parts = NAMES.map((name, i) => {
    const x = LEFT + 90 * i;
    return `${line([[x, 10], [x + 28, 10]], ...LOOKS[name])}<text x="${x + 34}" y="14">${name}</text>`;
  });
  const quarters = [0, 1, 2, 3, 4].map((part) => (part * choice.steps) / 4).map((at) => [at, asCount(at)]);
  COLUMNS.forEach(([column, title], i) => {
    const top = i ? 100 : topOf(rows, column), above = 44 + i * (HEIGHT + GAP);
    const plot = panel({ left: LEFT, top: above, width: width - LEFT - RIGHT, height: HEIGHT, title,
      x: { from: 0, to: choice.steps, ticks: i ? quarters : [], title: i ? "step" : "" },
      y: { from: 0, to: top, ticks: [0, top / 2, top] } });
    parts.push(...plot.parts, `<path class="dotted" d="M${plot.across(choice.anneal)} ${above}v${HEIGHT}"/>`);
    for (const name of NAMES) {
      const points = rows[name].map((row) => [plot.across(row.step), plot.down(Math.min(row[column], top))]);
      parts.push(line(points, ...LOOKS[name]));
    }
  });
  return svgOf(width, 44 + 2 * HEIGHT + GAP + 40, label, parts);
}

const LOOK = "@media (max-width: 600px) { .lrreg-schedule .result { min-height: 5.6em; } }"; // nothing below moves
const pause = () => new Promise((resume) => setTimeout(resume));

// Draws the figure into el; returns a function that stops it.
function render({ model, el }) {
  const settings = model.get("settings"), { steps, every, ...first } = model.get("choice"), trained = [];
  let choice = null, chosen = null, runs = [], turn = 0, waiting = 0, seen = false;
  const isWhole = (run) => knownRows(trained, run).at(-1)?.step === steps;

  function draw(asked, place, width) {
    if (asked !== chosen) ask(asked);
    const rows = Object.fromEntries(runs.map((run) => [run.name, knownRows(trained, run)]));
    const told = runs.every(isWhole) ? verdict(rows, choice) : plan(choice);
    place.innerHTML = chart(rows, choice, width, `Two panels of error against step, for L-S and S: ${told}`);
    return told;
  }

  // What is being trained is no longer asked for; what is asked for is trained once the reader stops moving.
  function ask(asked) {
    [chosen, choice] = [asked, { ...asked, steps, every }];
    const data = JSON.stringify([choice.seed, choice.noise, choice.with_q]);
    runs = NAMES.map((name) => ({ name, data, phases: phasesOf(name, choice) }));
    turn++;
    clearTimeout(waiting);
    if (seen) waiting = setTimeout(train, 200);
  }

  // Trains what is asked for, in turns of some milliseconds.
  async function train() {
    const mine = ++turn;
    let open = runs.filter((run) => !isWhole(run)).map((run) => {
      const rows = [];
      trained.push({ ...run, rows });
      return { rows, steps: training(settingsOf(settings, choice), choice.seed, run.phases, every) };
    });
    while (open.length) {
      const until = performance.now() + 15;
      while (open.length && performance.now() < until) {
        open = open.filter((run) => {
          const { value, done } = run.steps.next();
          if (value) run.rows.push(value);
          return !done;
        });
      }
      frame.redraw();
      await pause();
      if (mine !== turn) return;
    }
  }

  const frame = makeFrame(el, { name: "schedule", controls: CONTROLS, first, draw, style: LOOK });
  const watched = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen = true;
    watched.disconnect();
    train();
  });
  watched.observe(el);
  return () => {
    turn++;
    clearTimeout(waiting);
    watched.disconnect();
    frame.stop();
  };
}

export default { render };
