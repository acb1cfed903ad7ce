// Noise hides detail: copies of one parameter train on a rippled bowl while the reader drags the learning rate.
// render works with anywidget's model, and with any object whose get gives what ripple_model of
// lrreg_utils/interactive/models.py makes.
import { makeFrame } from "./frame.mjs";
import { line, panel, svgOf } from "./chart.mjs";
import { advance, begin, measured, stationarySpread, stepsToSettle, visibility } from "./training/parameter.mjs";

const EDGE = 0.5; // of the axis of theta
const BINS = 60, LEFT = 34, LOSS = 190, CLOUD = 64, GAP = 30; // pixels of the two panels
const STEPS_A_SECOND = 300, MOST_AT_ONCE = 12;

export function controlsOf(rates) {
  const two = (value) => value.toFixed(2);
  return [
    { name: "rate", label: "Learning rate η", options: rates.map((rate) => [rate, String(rate)]), slides: true },
    { name: "k", label: "Ripple, fineness k", low: 10, high: 40, step: 1,
      told: (k) => `${k} (wavelength ${two((2 * Math.PI) / k)})` },
    { name: "height", label: "Ripple, height a", low: 0, high: 0.02, step: 0.0025, told: (a) => a.toFixed(4) },
    { name: "sigma", label: "Noise σ of a gradient", low: 0, high: 1.5, step: 0.1, told: (sigma) => sigma.toFixed(1) },
  ];
}

// What the formulas say of a choice: the spread that the bowl alone has, and the share of the ripple left by it.
export function expected({ rate, sigma, k }) {
  const spread = stationarySpread(rate, sigma);
  return { spread, felt: visibility(k, spread) };
}

const percent = (share) => `${Math.round(100 * share) || 0} %`; // no "-0 %"

// The result in words; found: what was measured, null while the copies still train.
export function verdict(choice, found, { copies, steps }) {
  const right = expected(choice), formula = `${right.spread.toFixed(3)} by the formula of the bowl`;
  if (!found) return `Training … Spread: ${formula}, which leaves ${percent(right.felt)} of the ripple.`;
  const gathers = found.felt > right.felt + 0.1, throws = found.spread > 1.1 * right.spread + 0.001;
  const why = gathers ? " The ripple's own slope gathers the copies in its valleys."
    : throws ? " The ripple's slope throws the copies further than the bowl would." : "";
  const felt = choice.height ? `Of the ripple, ${percent(found.felt)} is felt (formula: ${percent(right.felt)}).${why}`
    : "There is no ripple to feel.";
  return `After ${steps.toLocaleString("en")} steps, the spread of ${copies.toLocaleString("en")} copies is ${
    found.spread.toFixed(3)} (${formula}). ${felt}`;
}

// How many copies lie in each bin between -EDGE and EDGE, as a density.
export function histogram(theta) {
  const counts = new Float64Array(BINS), width = (2 * EDGE) / BINS;
  for (const at of theta) {
    const bin = Math.floor((at + EDGE) / width);
    if (bin >= 0 && bin < BINS) counts[bin] += 1 / (theta.length * width);
  }
  return counts;
}

// The share of a ripple that copies feel wherever their mean is: the length of the mean of exp(i k theta).
export function feltBy(theta, k) {
  let real = 0, imaginary = 0;
  for (const at of theta) {
    real += Math.cos(k * at);
    imaginary += Math.sin(k * at);
  }
  return Math.hypot(real, imaginary) / theta.length;
}

// Two panels as SVG: the loss and what is felt of it; where the copies are.
export function picture(theta, choice, { large, width, label }) {
  const { k, height } = choice, right = expected(choice), colour = large ? "large" : "small";
  const places = Array.from({ length: 161 }, (_, i) => EDGE * (i / 80 - 1));
  const bowl = (share) => places.map((at) => [across(at), down((at * at) / 2 - height * share * Math.cos(k * at))]);
  const inside = width - LEFT - 12, top = 24, x = { from: -EDGE, to: EDGE, ticks: [-0.4, -0.2, 0, 0.2, 0.4] };
  const { across, down, parts } = panel({ left: LEFT, top, width: inside, height: LOSS, title: "Loss",
    x: { ...x, ticks: [] }, y: { from: -0.03, to: 0.13, ticks: [0, 0.05, 0.1] } });
  parts.push(`<g stroke-opacity=".55">${line(bowl(1), "itself")}</g>`,
    line(bowl(feltBy(theta, k)), `felt of-${colour}`), line(bowl(right.felt), "formula", "2 4"));
  const one = Math.max(-EDGE, Math.min(EDGE, theta[0])), y = down((one * one) / 2 - height * Math.cos(k * one));
  parts.push(`<circle class="one in-${colour}" cx="${across(one).toFixed(1)}" cy="${y.toFixed(1)}" r="5"/>`);

  // A bell of any width fills the panel, unless the copies lie closer than it
  const found = histogram(theta), below = top + LOSS + GAP;
  const scale = Math.min(1.9 * Math.max(right.spread, 0.02), 1 / Math.max(...found));
  const cloud = panel({ left: LEFT, top: below, width: inside, height: CLOUD, title: "Where the copies are",
    x: { ...x, title: "parameter θ" }, y: { from: 0, to: 1, ticks: [] } });
  const step = inside / BINS, bars = Array.from(found, (density, i) => {
    const tall = CLOUD * density * scale;
    const from = (LEFT + i * step).toFixed(1), wide = (step - 1).toFixed(1), high = tall.toFixed(1);
    return `M${from} ${below + CLOUD}v-${high}h${wide}v${high}z`;
  });
  parts.push(...cloud.parts, `<path class="cloud in-${colour}" d="${bars.join("")}"/>`);
  if (right.spread > 0) {
    const bell = places.map((at) => [across(at), cloud.down(scale * Math.exp(-((at / right.spread) ** 2) / 2)
      / (right.spread * Math.sqrt(2 * Math.PI)))]);
    parts.push(line(bell, "formula", "2 4"));
  }
  return svgOf(width, below + CLOUD + 40, label, parts);
}

const LINES = `<style>.lrreg-ripple .itself, .lrreg-ripple .formula { stroke: currentColor; }
.lrreg-ripple .itself, .lrreg-ripple .formula { stroke-width: 1.5; } .lrreg-ripple .cloud { fill-opacity: .55; }
.lrreg-ripple .one { stroke: var(--paper); stroke-width: 1.5; }
.lrreg-ripple .key { margin: .25rem 0 0; font-size: .8125rem; } .lrreg-ripple .key b.large { color: var(--large-word); }
.lrreg-ripple .key b.small { color: var(--small); }</style>`;

// What the lines are, and the formulas with their values.
function keyOf({ rate, sigma, k }, large) {
  const right = expected({ rate, sigma, k }), name = large ? "large" : "small";
  return `<p class="key">Thin: the loss itself. <b class="${name}">Colour</b>: the loss felt, averaged over the copies
    (dot: one of them). Dotted: by formula, for a bowl without the ripple's own slope.</p>
    <p class="key">Spread <i>s</i> = <i>σ</i> √(<i>η</i> / (2 − <i>η</i>)) = ${right.spread.toFixed(3)};
    share of the ripple felt = exp(−<i>k</i>²<i>s</i>²/2) = ${percent(right.felt)}.</p>`;
}

// Draws the figure into el; returns a function that stops it.
function render({ model, el }) {
  const [first, rates, training] = ["first", "rates", "training"].map((key) => model.get(key));
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), middle = Math.sqrt(rates.at(0) * rates.at(-1));
  const state = begin(training);
  let choice = null, done = 0, before = 0, asked = 0, seen = false;
  const isSettled = () => done >= stepsToSettle(choice.rate);

  function draw(chosen, place, width) {
    if (chosen !== choice) {
      choice = chosen;
      done = 0;
      go();
    }
    const found = isSettled() ? measured(state) : null, large = choice.rate > middle;
    const told = verdict(choice, found, { copies: training.copies, steps: stepsToSettle(choice.rate) });
    place.innerHTML = LINES + picture(state.theta, choice, { large, width, label: told }) + keyOf(choice, large);
    return told;
  }

  function go() {
    if (!seen || asked) return;
    before = performance.now();
    asked = requestAnimationFrame(train);
  }

  // As many steps as the time since the last frame asks for; who wants no motion sees their end.
  function train(now) {
    asked = 0;
    const due = Math.ceil(((now - before) / 1000) * STEPS_A_SECOND), wanted = calm.matches ? MOST_AT_ONCE : due;
    before = now;
    for (let i = Math.min(wanted, MOST_AT_ONCE); i > 0 && !isSettled(); i--, done++) advance(state, choice);
    if (!isSettled()) asked = requestAnimationFrame(train);
    if (isSettled() || !calm.matches) frame.redraw();
  }

  const frame = makeFrame(el, { name: "ripple", controls: controlsOf(rates), first, draw });
  const watched = new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    if (seen && !isSettled()) go();
    if (!seen) asked = cancelAnimationFrame(asked) ?? 0;
  });
  watched.observe(el);
  return () => {
    watched.disconnect();
    cancelAnimationFrame(asked);
    frame.stop();
  };
}

export default { render };
