// The two-time kernel: what a step on one ray of Q, made some time ago, does to the rays beside it now.
// The formulas are those of lrreg_utils/theory/formulas.py; the model gives the fan, and examples of P.
import { apart, escaped, line, panel, svgOf } from "./chart.mjs";
import { makeFrame } from "./frame.mjs";

const LONGEST = 3, STEPS = 200; // of the time; the slider's places lie closer near 0, where the tip goes
const WIDEST = 0.3, NARROWEST = 0.001; // radians between rays
const REACH = 0.4; // radians on either side of the kernel

// The time at a place of the slider, in units of 1/lambda.
export const timeOf = (place) => LONGEST * (place / STEPS) ** 4;
export const correlation = (time) => Math.exp(-time);

// K_rho(theta) for unit inputs at angle theta.
export function kernel(theta, rho) {
  const cosine = Math.cos(theta);
  return cosine * (0.25 + Math.asin(rho * cosine) / (2 * Math.PI));
}

export const bend = (r, rho) => 2 * kernel(0, rho) - kernel(r, rho) - kernel(-r, rho);

// Angles and labels of the rays; the middle one is +1, and signs alternate.
export function fanOf(rays, r) {
  const places = Array.from({ length: rays }, (_, i) => i - Math.floor(rays / 2));
  return { angles: places.map((place) => r * place), labels: places.map((place) => (place % 2 ? -1 : 1)) };
}

// x with matrix x = right, by elimination with the largest pivot.
export function solve(matrix, right) {
  const rows = matrix.map((row, i) => [...row, right[i]]), count = rows.length;
  for (let i = 0; i < count; i++) {
    const size = (row) => Math.abs(rows[row][i]),
      best = rows.reduce((top, _, k) => (k > i && size(k) > size(top) ? k : top), i);
    [rows[i], rows[best]] = [rows[best], rows[i]];
    for (const row of rows.slice(i + 1)) {
      const times = row[i] / rows[i][i];
      for (let j = i; j <= count; j++) row[j] -= times * rows[i][j];
    }
  }
  for (let i = count - 1; i >= 0; i--) {
    for (let j = i + 1; j < count; j++) rows[i][count] -= rows[i][j] * rows[j][count];
    rows[i][count] /= rows[i][i];
  }
  return rows.map((row) => row[count]);
}

// The pulls that give each ray its label while activations are frozen.
export function pullsOf({ angles, labels }) {
  return solve(angles.map((a) => angles.map((b) => kernel(a - b, 1))), labels);
}

// The output at theta that they give through the kernel of rho.
export const outputAt = (theta, angles, pulls, rho) =>
  pulls.reduce((sum, pull, i) => sum + pull * kernel(theta - angles[i], rho), 0);

// Pulls of a fan, what they give its rays now, which come out right, and how far the middle ray is from its neighbours.
export function answers(rays, r, rho) {
  const fan = fanOf(rays, r), pulls = pullsOf(fan), middle = Math.floor(rays / 2);
  const outputs = fan.angles.map((angle) => outputAt(angle, fan.angles, pulls, rho));
  const right = outputs.map((output, i) => output * fan.labels[i] > 0);
  return { ...fan, pulls, outputs, right, apart: outputs[middle] - outputs[middle + 1] };
}

// The smallest angle between rays at which all come out right; null if there is none on the slider.
export function narrowest(rays, rho) {
  const fits = (r) => answers(rays, r, rho).right.every(Boolean);
  if (!fits(WIDEST)) return null;
  let low = NARROWEST, high = WIDEST;
  if (fits(low)) return low;
  for (let round = 0; round < 12; round++) {
    const between = (low + high) / 2;
    if (fits(between)) high = between;
    else low = between;
  }
  return high;
}

const digits = (value, count = 2) => Number(value.toPrecision(count)).toString();
export const tellTime = (time) => (time === 0 ? "0" : `${time < 1e-4 ? "<0.0001" : digits(time)}/λ`);
export const tellRho = (rho) => {
  if (rho === 1) return "1";
  return rho > 0.99 ? (Math.floor(rho * 1e4) / 1e4).toFixed(4) : rho.toFixed(2);
};

// What can be told apart now, in words.
export function verdict({ rays, r, time: place }) {
  const time = timeOf(place), rho = correlation(time), found = answers(rays, r, rho);
  const right = found.right.filter(Boolean).length, share = (100 * bend(r, rho)) / bend(r, 1);
  const least = narrowest(rays, rho), when = time === 0 ? "A step made now" : `A step made ${tellTime(time)} ago`;
  const head = `${when} (ρ = ${tellRho(rho)}) bends the outputs on rays ${r.toFixed(2)} apart ${
    time === 0 ? "fully" : `${share < 1 ? "less than 1" : Math.round(share)} % as much as a fresh one`}`;
  const gap = `${right} of ${rays} rays come out right, and neighbours differ by ${found.apart.toFixed(2)}${
    time === 0 ? "" : " instead of 2"}`;
  const end = time === 0 ? "Rays at any angle can be told apart." : least === null
    ? `No ${rays} rays up to ${WIDEST} apart can be told apart now.`
    : `Now only rays at least ${digits(least)} apart can be told apart.`;
  return `${head}: ${gap}. ${end}`;
}

const range = (from, to, count) => Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);
const curve = (plot, values, f, className, dash) =>
  line(values.map((x) => [plot.across(x), plot.down(f(x))]), className, dash);
const LOOKS = { then: ["of-small", "6 3"], now: ["of-large", ""] };

function names(x, heights, words) {
  const places = apart(heights);
  return Object.keys(LOOKS).map((key, i) =>
    `<text class="name ${LOOKS[key][0]}" x="${x}" y="${(places[i] + 4).toFixed(1)}">${escaped(words[i])}</text>`);
}

function kernelPanel({ r }, rho, box) {
  const plot = panel({ ...box, title: "A step at angle 0: effect at θ, less that at 0",
    x: { from: -REACH, to: REACH, ticks: [[-REACH, `−${REACH}`], 0, REACH] },
    y: { from: -0.1, to: 0.004, ticks: [[-0.1, "−0.1"], [-0.05, "−0.05"], 0] } });
  const steps = range(-REACH, REACH, 120), right = box.left + box.width + 5;
  const less = (rho) => (theta) => kernel(theta, rho) - kernel(0, rho), now = less(rho);
  plot.parts.push(curve(plot, steps, less(1), ...LOOKS.then), curve(plot, steps, now, ...LOOKS.now));
  const [top, low] = [now(0), (now(r) + now(-r)) / 2].map(plot.down);
  for (const angle of [-r, 0, r]) {
    plot.parts.push(`<circle class="in-large" cx="${plot.across(angle)}" cy="${plot.down(now(angle))}" r="4"/>`);
  }
  plot.parts.push(`<path class="dotted" d="M${plot.across(-r)} ${low}H${plot.across(r)}"/>`,
    `<path class="line of-large" d="M${plot.across(0)} ${top}V${low}"/>`,
    `<text x="${plot.across(0)}" y="${low + 16}" text-anchor="middle">bend</text>`,
    ...names(right, [1, rho].map((each) => plot.down(less(each)(REACH))), ["frozen", "now"]));
  return plot.parts;
}

const sign = (label) => (label > 0 ? "+" : "−");

// A ray's dot, full for the label +1; crossed where its output has the wrong sign.
function dot(x, y, label, isRight, pattern = "patch") {
  const look = label > 0 ? `in-${pattern}` : "hollow";
  return `<circle class="line of-${pattern} ${look}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5"/>${
    isRight ? "" : `<path class="cross" d="M${(x - 7).toFixed(1)} ${(y - 7).toFixed(1)}l14 14m0 -14l-14 14"/>`}`;
}

function answersPanel(found, rho, box) {
  const { angles, pulls, labels, outputs, right } = found, edge = angles.at(-1) * 1.12;
  const plot = panel({ ...box, title: "The same pulls, seen on the rays",
    x: { from: -edge, to: edge, ticks: angles.map((angle) => [angle, angle.toFixed(2).replace("-", "−")]) },
    y: { from: -1.35, to: 1.35, ticks: [[-1, "−1"], 0, 1] } });
  const steps = range(angles[0], angles.at(-1), 120);
  const f = (rho) => (theta) => outputAt(theta, angles, pulls, rho);
  plot.parts.push(curve(plot, steps, f(1), ...LOOKS.then), curve(plot, steps, f(rho), ...LOOKS.now),
    ...angles.map((angle, i) => dot(plot.across(angle), plot.down(outputs[i]), labels[i], right[i])),
    ...names(box.left + box.width + 5, [1, rho].map((each) => plot.down(f(each)(angles.at(-1)))), ["frozen", "now"]));
  return plot.parts;
}

function title(text, { left, top }) {
  return `<text x="${left}" y="${top - 8}">${escaped(text)}</text>`;
}

// The fan of Q, true to its angles.
function fanPanel({ angles, labels, right }, box) {
  const [x, y] = [box.left + 2, box.top + box.height / 2];
  const length = Math.min(box.width - 34, (box.height / 2 - 6) / Math.sin(2 * WIDEST));
  const parts = [title(`Q: ${angles.length} rays, labels alternate`, box)];
  const ends = angles.map((angle) => [x + length * Math.cos(angle), y - length * Math.sin(angle)]);
  const heights = apart(ends.map((end) => end[1]), 13);
  ends.forEach(([endX, endY], i) => {
    const tip = x + length + 6;
    const end = `${endX.toFixed(1)} ${endY.toFixed(1)}`;
    parts.push(`<path class="line of-patch" d="M${x} ${y}L${end}"/>`,
      `<path class="dotted" d="M${end}L${tip} ${heights[i].toFixed(1)}"/>`,
      dot(tip + 6, heights[i], labels[i], right[i]),
      `<text x="${tip + 16}" y="${(heights[i] + 4).toFixed(1)}">${sign(labels[i])}</text>`);
  });
  return parts;
}

// Examples of P along w* and along one of the other directions, in margins.
function dotsPanel({ p, directions }, box) {
  const across = (value) => box.left + box.width * (0.5 + value / 9);
  const down = (value) => box.top + box.height * (0.5 - value / 7);
  const parts = [title(`P: one direction in ${directions}, w*`, box),
    `<path class="dotted" d="M${across(-1)} ${box.top}v${box.height}M${across(1)} ${box.top}v${box.height}"/>`,
    `<text x="${across(-2.5)}" y="${box.top + box.height + 14}" text-anchor="middle">y = −1</text>`,
    `<text x="${across(2.5)}" y="${box.top + box.height + 14}" text-anchor="middle">y = +1</text>`];
  const round = "a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0";
  for (const [look, own] of [["in-image", 1], ["hollow", -1]]) {
    const dots = p.filter(([, , label]) => label === own)
      .map(([along, aside]) => `M${(across(along) - 2.5).toFixed(1)} ${down(aside).toFixed(1)}${round}`);
    parts.push(`<path class="line of-image ${look}" style="stroke-width:1" d="${dots.join("")}"/>`);
  }
  return parts;
}

// The whole picture as SVG, `width` pixels wide.
export function figure(model, choice, width, label) {
  const { rays, r, time } = choice, rho = correlation(timeOf(time)), found = answers(rays, r, rho);
  const wide = width >= 560, room = 52, left = 34, high = wide ? 170 : 130, low = wide ? 150 : 120;
  const half = wide ? width / 2 : width, second = wide ? 24 : 24 + high + 48, third = second + high + 48;
  const first = { left, top: 24, width: half - left - room, height: high };
  const beside = { ...first, left: wide ? half + left : left, top: second };
  const column = width / 2 - 12, bottom = { top: third, height: low, width: column };
  return svgOf(width, third + low + 20, label, [...kernelPanel(choice, rho, first), ...answersPanel(found, rho, beside),
    ...fanPanel(found, { ...bottom, left: wide ? left : 0 }),
    ...dotsPanel(model, { ...bottom, left: width / 2 + 12 })]);
}

const LOOK = `
.lrreg-figure.lrreg-kernel svg :is(text, text[class]) { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.lrreg-kernel .hollow { fill: var(--paper); }
.lrreg-kernel .cross { stroke: currentColor; stroke-width: 2; fill: none; }
`;

// Draws the figure into el; returns a function that stops it.
function render({ model: given, el }) {
  const model = Object.fromEntries(["r", "rays", "directions", "p"].map((key) => [key, given.get(key)]));
  const controls = [
    { name: "time", label: "Time between the step and now", low: 0, high: STEPS, step: 1,
      told: (place) => `${tellTime(timeOf(place))}, ρ = ${tellRho(correlation(timeOf(place)))}` },
    { name: "r", label: "Angle r between rays", low: 0.01, high: WIDEST, step: 0.01,
      told: (r) => `${r.toFixed(2)} rad` },
    { name: "rays", label: "Rays of Q", options: [[3, "three"], [5, "five"]] },
  ];
  function draw(choice, place, width) {
    const told = verdict(choice);
    const label = `The kernel, the outputs on the rays of Q, the rays, and examples of P. ${told}`;
    place.innerHTML = figure(model, choice, width, label);
    return told;
  }
  const first = { time: 30, r: model.r, rays: model.rays };
  return makeFrame(el, { name: "kernel", controls, first, draw, style: LOOK }).stop;
}

export default { render };
