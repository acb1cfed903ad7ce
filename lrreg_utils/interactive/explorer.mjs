// The explorer of first rates and anneals: what the nearest recorded run recognized, epoch by epoch.
// render works with anywidget's model, and with any object whose get gives what explorer_model of
// lrreg_utils/interactive/models.py makes. Nothing is interpolated: what is drawn was recorded, and is named.
import { makeFrame } from "./frame.mjs";
import { apart, line, panel, svgOf } from "./chart.mjs";

const PATTERNS = ["image", "patch"], NEVER = "never", HALF = 50;

const unique = (values) => [...new Set(values)].sort((a, b) => a - b);

// The rates and the epochs of an anneal that a network was recorded with; 1: at the lower rate from the start.
export function positionsOf(settings, network) {
  const own = settings.filter((one) => one.network === network), anneals = own.map(({ anneal }) => anneal);
  return { rates: unique(own.map(({ rate }) => rate)),
    anneals: [1, ...unique(anneals.filter((anneal) => anneal !== null)), NEVER] };
}

// How far a recorded setting is from the asked one, in doublings of the rate and of the anneal's epoch. The lower rate
// from the start is one run, whichever of the two says so.
export function distance(setting, asked, { lower, epochs }) {
  const doublings = (a, b) => Math.abs(Math.log2(a / b)), at = (anneal) => (anneal === NEVER ? epochs + 1 : anneal);
  const epoch = at(asked.anneal);
  if (setting.rate === lower) return Math.min(doublings(asked.rate, lower), doublings(epoch, 1));
  return Math.hypot(doublings(asked.rate, setting.rate), doublings(epoch, at(setting.anneal ?? NEVER)));
}

// The recorded setting nearest to the asked one, of its network and its patch; exact: it is the asked one.
export function nearest(settings, asked, network) {
  const open = settings.filter((one) => one.network === asked.network && one.strength === asked.strength);
  const far = open.map((one) => distance(one, asked, network)), least = Math.min(...far);
  return { setting: open[far.indexOf(least)], exact: least < 1e-9 };
}

// What of the choice is asked for: each network has its own two sliders.
export const askedOf = (choice) => ({ network: choice.network, strength: choice.strength,
  rate: choice[`${choice.network}-rate`], anneal: choice[`${choice.network}-anneal`] });

// A rate and an anneal in words.
export function wordsOf({ rate, anneal }, lower) {
  if (rate === lower || anneal === 1) return `rate ${lower} from the start`;
  return anneal === NEVER || anneal === null ? `rate ${rate}, never lowered`
    : `rate ${rate}, lowered to ${lower} at epoch ${anneal}`;
}

// When half are recognized, over the seeds: first and last epoch, null for never.
export function whenOf(epochs) {
  const reached = epochs.filter((epoch) => epoch !== null), missing = epochs.length - reached.length;
  if (!reached.length) return "never";
  const [low, high] = [Math.min(...reached), Math.max(...reached)];
  const when = low === high ? `epoch ${low}` : `epochs ${low} to ${high}`;
  return missing ? `${when}, or never (${missing} of ${epochs.length} seeds)` : when;
}

// The result in words.
export function verdict({ setting, exact }, asked, first, { words, lower }) {
  const head = exact ? "" : `Not recorded: ${wordsOf(asked, lower)}. The nearest recorded run is shown. `;
  const ends = PATTERNS.map((name) => setting[name].at(-1).toFixed(1));
  const gain = setting.image.at(-1) - first.image.at(-1), sign = gain < 0 ? "below" : "above";
  const against = setting === first ? "" : `, ${Math.abs(gain).toFixed(1)} points ${sign} rate ${lower} from the start`;
  return `${head}${words}, ${wordsOf(setting, lower)}, patch strength ${setting.strength} (${setting.source}, mean of ${
    setting.seeds} seeds): at the end ${ends[0]} % of test images are recognized${against}, and ${
    ends[1]} % of patches. Half of the images: ${whenOf(setting.half.image)}. Half of the patches: ${
    whenOf(setting.half.patch)}.`;
}

// Both curves of a run against the epoch, on a logarithmic axis; first: the run at the lower rate from the start.
export function curves(setting, first, { epochs, lower }, width, label) {
  const at = Math.log10, ticks = [1, 3, 10, 30, epochs].map((epoch) => [at(epoch), epoch]);
  const height = 210, { across, down, parts } = panel({ left: 34, top: 26, width: width - 104, height,
    title: "Recognized by the network, %", x: { from: 0, to: at(epochs), ticks, title: "epoch" },
    y: { from: 0, to: 105, ticks: [0, 25, 50, 75, 100] } });
  const top = down(105), from = across(0), end = across(at(epochs));
  const phased = setting !== first, until = setting.anneal ?? epochs + 1;
  const anneal = Math.min(end, across(at(until - 0.5)));
  const rate = (x, value) => `<text x="${(x + 4).toFixed(1)}" y="${top + 12}">${value}</text>`;
  if (phased) {
    parts.push(`<rect class="in-${setting.rate < lower ? "small" : "large"}" fill-opacity=".12" x="${from}" y="${
      top}" width="${(anneal - from).toFixed(1)}" height="${height}"/>`, rate(from, setting.rate));
  }
  if (!phased || setting.anneal) parts.push(rate(phased ? anneal : from, lower));
  if (phased && setting.anneal) parts.push(`<path class="dotted" d="M${anneal.toFixed(1)} ${top}v${height}"/>`);
  const points = (values) => values.map((value, i) => [across(at(i + 1)), down(value)]);
  for (const name of PATTERNS) {
    if (phased) parts.push(`<g stroke-opacity=".65">${line(points(first[name]), `of-${name}`, "2 4")}</g>`);
    parts.push(line(points(setting[name]), `of-${name}`));
    const seeds = setting.half[name].map((epoch) => epoch ?? epochs), y = down(HALF) + (name === "image" ? -3 : 3);
    const [low, high] = [Math.min(...seeds), Math.max(...seeds)].map((epoch) => across(at(epoch)));
    if (!setting.half[name].every((epoch) => epoch === null)) {
      parts.push(`<path class="half of-${name}" stroke-width="5" d="M${(low - 2).toFixed(1)} ${y}H${
        (high + 2).toFixed(1)}"/>`);
    }
  }
  apart(PATTERNS.map((name) => down(setting[name].at(-1)))).forEach((y, i) => {
    const value = setting[PATTERNS[i]].at(-1).toFixed(1);
    parts.push(`<text class="name of-${PATTERNS[i]}" x="${end + 6}" y="${y + 4}">${PATTERNS[i]} ${value}</text>`);
  });
  return svgOf(width, height + 64, label, parts);
}

// Where the cells of the map are.
function gridOf(settings, network, width) {
  const { rates, anneals } = positionsOf(settings, network), left = 46, top = 26, row = 21;
  const column = (width - left) / rates.length;
  const box = (rate, anneal) => `x="${(left + column * rates.indexOf(rate) + 1).toFixed(1)}" y="${
    top + row * anneals.indexOf(anneal) + 1}" width="${(column - 2).toFixed(1)}" height="${row - 2}"`;
  return { rates, anneals, left, top, row, column, box };
}

// The marks of the map: round the shown setting, and dashed round the asked one where it is another.
export function marks(settings, asked, { setting, exact }, width) {
  const { box } = gridOf(settings, asked.network, width);
  const round = (name, { rate, anneal }, dash = "") => `<rect class="${name}" fill="none" stroke="currentColor"
    stroke-width="2"${dash} ${box(rate, anneal)}/>`;
  if (exact) return round("shown", asked);
  return round("shown", { rate: setting.rate, anneal: setting.anneal ?? NEVER })
    + round("asked", asked, ' stroke-dasharray="3 2"');
}

// All recorded settings of a network and a patch: test images at the end, by rate and anneal.
export function map(settings, asked, network, width) {
  const { rates, anneals, left, top, row, column, box } = gridOf(settings, asked.network, width), parts = [];
  const ends = settings.filter((one) => one.network === asked.network).map((one) => one.image.at(-1));
  const low = Math.min(...ends), spread = Math.max(...ends) - low;
  anneals.forEach((anneal, i) => {
    parts.push(`<text x="${left - 6}" y="${top + row * i + 15}" text-anchor="end">${anneal}</text>`);
    rates.forEach((rate, k) => {
      const { setting, exact } = nearest(settings, { ...asked, rate, anneal }, network), end = setting.image.at(-1);
      const word = `x="${(left + column * (k + 0.5)).toFixed(1)}" y="${top + row * i + 15}" text-anchor="middle"`;
      const shade = (0.04 + 0.36 * (end - low) / spread).toFixed(2);
      if (exact) parts.push(`<rect class="in-image" fill-opacity="${shade}" ${box(rate, anneal)}/>`);
      parts.push(`<text ${word}>${exact ? Math.round(end) : "·"}</text>`, `<rect class="cell" data-rate="${
        rate}" data-anneal="${anneal}" fill="transparent" style="cursor:pointer" ${box(rate, anneal)}/>`);
    });
  });
  const foot = top + row * anneals.length;
  rates.forEach((rate, k) => parts.push(`<text class="rate" x="${(left + column * (k + 0.5)).toFixed(1)}" y="${
    foot + 15}" text-anchor="middle">${column < 36 ? String(rate).slice(1) : rate}</text>`));
  parts.push(`<text x="0" y="14">Test images at the end, %, if lowered at epoch …</text>`,
    `<text x="${left + (width - left) / 2}" y="${foot + 32}" text-anchor="middle">first learning rate</text>`,
    `<g class="marks" pointer-events="none"></g>`);
  return svgOf(width, foot + 38, "Accuracy on test images at the end of every recorded setting", parts);
}

// The controls, and the choice shown first.
export function controlsOf({ networks, strengths, settings }) {
  const names = Object.keys(networks), controls = [
    { name: "network", label: "Network", options: names.map((name) => [name, networks[name].words.toLowerCase()]) },
    { name: "strength", label: "Patch strength", options: strengths.map((strength) => [strength, strength]) }];
  const start = { network: names[0], strength: networks[names[0]].first.strength };
  for (const name of names) {
    const { rates, anneals } = positionsOf(settings, name), when = ({ network }) => network === name;
    controls.push(
      { name: `${name}-rate`, label: "First learning rate", slides: true, when,
        options: rates.map((rate) => [rate, String(rate)]) },
      { name: `${name}-anneal`, label: `Lowered to ${networks[name].lower} at epoch`, slides: true, when,
        options: anneals.map((anneal) => [anneal, anneal === 1 ? "1 (from the start)" : String(anneal)]) });
    const { rate, anneal } = networks[name].first;
    Object.assign(start, { [`${name}-rate`]: rate, [`${name}-anneal`]: anneal });
  }
  return { controls, start };
}

const KEY = "Bars: when half are recognized, first to last seed. Dotted: the lower rate from the start. "
  + "Map: a number is a recorded setting; press one to see it.";

// Draws the figure into el; returns a function that stops it.
function render({ model, el }) {
  const [networks, strengths, settings] = ["networks", "strengths", "settings"].map((key) => model.get(key));
  const { controls, start } = controlsOf({ networks, strengths, settings });
  let open = start.network, drawn = ""; // the network of the map, and for what it was drawn

  function draw(choice, picture, width) {
    open = choice.network;
    const asked = askedOf(choice), network = networks[open], shown = nearest(settings, asked, network);
    const lowest = nearest(settings, { ...asked, anneal: 1 }, network).setting;
    const told = verdict(shown, asked, lowest, network), beside = width >= 600, right = beside ? 300 : width;
    const left = beside ? width - right - 16 : width, wanted = `${open} ${choice.strength} ${width}`;
    if (wanted !== drawn) { // while a slider moves, only the curves and the marks change
      picture.innerHTML = `<div style="display:flex;flex-wrap:wrap;gap:1rem;align-items:start"><div class="curves"
        style="width:${left}px"></div><div style="width:${right}px">${map(settings, asked, network, right)}</div></div>
        <p style="margin:.25rem 0 0;font-size:.8125rem">${KEY}</p>`;
      drawn = wanted;
    }
    picture.querySelector(".curves").innerHTML = curves(shown.setting, lowest, network, left, told);
    picture.querySelector(".marks").innerHTML = marks(settings, asked, shown, right);
    return told;
  }

  const frame = makeFrame(el, { name: "explorer", controls, first: start, draw });
  const press = ({ target }) => {
    const { rate, anneal } = target.dataset;
    if (rate) frame.choose({ [`${open}-rate`]: Number(rate), [`${open}-anneal`]: Number(anneal) || NEVER });
  };
  el.addEventListener("click", press);
  return () => {
    el.removeEventListener("click", press);
    frame.stop();
  };
}

export default { render };
