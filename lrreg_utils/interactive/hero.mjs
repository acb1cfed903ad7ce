// The figure of the home page: the large and the small rate, trained in the reader's browser, and an anneal to drag.
// render works with anywidget's model, and with any object whose get gives what lrreg_utils/interactive/widgets.py puts
// there: recorded curves, patches recognized at their end, and the text of training/race.mjs with all that it needs.
import { apart, line, panel } from "./chart.mjs";
import { makeFrame } from "./frame.mjs";
import { TESTS, drawDots, rowOf } from "./training/dots.mjs";

const EPOCHS = 90, NEVER = EPOCHS + 1;
const FIRST = { anneal: 10, seed: 0, inert: false };
const CONTROLS = [{ name: "anneal", low: 2, high: NEVER, step: 1, own: true },
  { name: "seed", low: 0, high: 999999, step: 1, own: true }, { name: "inert", own: true }];
const NAMES = ["large", "small"];

const whenOf = ({ anneal }) => (anneal === NEVER ? "Never lowered" : `Lowered at epoch ${anneal}`);

// The result in words. curves: test accuracy by epoch, "large" and "small", in percent.
export function verdict(curves, choice) {
  const { anneal, inert } = choice;
  const gapAt = (epoch) => Math.round(curves.large[epoch - 1] - curves.small[epoch - 1]);
  const points = (count) => `${Math.abs(count)} point${Math.abs(count) === 1 ? "" : "s"}`;
  const end = gapAt(EPOCHS), before = anneal > 1 && anneal < NEVER ? gapAt(anneal - 1) : 0;
  const where = end === 0 ? "level with the small one" : `${points(end)} ${end > 0 ? "above" : "below"} the small one`;
  const lead = before ? ` Just before that, it was ${points(before)} ${before > 0 ? "ahead" : "behind"}.` : "";
  const patch = inert ? " Here the patch says nothing about the class." : "";
  return `${whenOf(choice)}, the large rate ends at ${Math.round(curves.large.at(-1))} %, ${where}.${lead}${patch}`;
}

const LOOK = `
.lrreg-figure.lrreg-hero, .lrreg-hero .picture { margin: 0; }
.lrreg-hero .chart { position: relative; }
.lrreg-hero svg .name { font-size: 13px; font-weight: bold; }
.lrreg-hero .line { stroke-width: 2.5; }
.lrreg-hero .line.ghost { stroke-width: 1.5; stroke-opacity: .35; }
.lrreg-hero .anneal { stroke: var(--large); stroke-dasharray: 3 3; }
.lrreg-hero input[type=range] { position: absolute; height: 32px; margin: 0; padding: 0; border: 0; appearance: none;
  -webkit-appearance: none; background: none; cursor: ew-resize; touch-action: none; }
.lrreg-hero input[type=range]::-webkit-slider-runnable-track { height: 32px; background: none; }
.lrreg-hero input[type=range]::-webkit-slider-thumb { -webkit-appearance: none; width: 24px; height: 24px; margin: 4px 0;
  border: 3px solid var(--paper); border-radius: 50%; background: var(--large); box-shadow: 0 0 0 1px var(--large); }
.lrreg-hero input[type=range]::-moz-range-track { background: none; }
.lrreg-hero input[type=range]::-moz-range-thumb { box-sizing: border-box; width: 24px; height: 24px;
  border: 3px solid var(--paper); border-radius: 50%; background: var(--large); box-shadow: 0 0 0 1px var(--large); }
.lrreg-hero input[type=range]:focus-visible { outline: 0; }
.lrreg-hero input[type=range]:focus-visible::-webkit-slider-thumb { box-shadow: 0 0 0 3px currentColor; }
.lrreg-hero input[type=range]:focus-visible::-moz-range-thumb { box-shadow: 0 0 0 3px currentColor; }
.lrreg-hero .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; margin-top: .25rem; }
.lrreg-hero .field { min-width: 0; } .lrreg-hero canvas { display: block; width: 100%; }
.lrreg-hero .head, .lrreg-hero .key { display: block; font-size: .8125rem; font-variant-numeric: tabular-nums; }
.lrreg-hero b.image { color: var(--image); } .lrreg-hero b.patch { color: var(--patch); }
.lrreg-hero .controls { display: flex; flex-wrap: wrap; align-items: center; gap: .375rem; margin: .375rem 0; }
.lrreg-hero button { font-size: .8125rem; }
.lrreg-hero button.play { border-color: var(--large-word); background: var(--large-word); color: var(--paper);
  font-weight: bold; }
.lrreg-hero button[aria-pressed=true] { background: currentColor; }
.lrreg-hero button[aria-pressed=true] span { color: var(--paper); }
.lrreg-hero button[aria-disabled=true] { opacity: .6; cursor: default; }
@media (max-width: 600px) { .lrreg-hero .head span { display: block; } .lrreg-hero .result { min-height: 5.6em; } }
`;
const BODY = `<div class="chart"><svg role="img"><g class="axes"></g><g class="lines"></g></svg>
<input type="range" name="anneal" min="2" max="${NEVER}" step="1" aria-label="Epoch at which the large rate is lowered"></div>
<div class="controls"><button type="button" class="play"></button>
<button type="button" class="seed">New seed</button>
<button type="button" class="never" aria-pressed="false"><span>Never lower</span></button>
<button type="button" class="inert" aria-pressed="false"><span>Patch says nothing</span></button></div>
<div class="fields">${NAMES.map((name) => `<div class="field"><span class="head" data-of="${name}"></span>
<canvas data-of="${name}" role="img"></canvas></div>`).join("")}</div>
<span class="key">${TESTS} new images, recognized <b class="image">● by the image</b>,
<b class="patch">● by the patch alone</b>, ◐ by both, ○ by neither</span>`;

// A function that sends choices to race.mjs: in a worker, or, where the browser refuses one, in slices on the page.
export function trainerOf(text, onAnswer) {
  const later = "(work) => setTimeout(work)";
  const inSlices = () => new Function("post", `${text}\nreturn makeServer(post, ${later});`)(onAnswer);
  let send = null;
  try {
    const own = `${text}\nconst serve = makeServer((news) => postMessage(news), ${later}); onmessage = ({ data }) => serve(data);`;
    const address = URL.createObjectURL(new Blob([own], { type: "text/javascript" })), worker = new Worker(address);
    let last = null, answered = false;
    worker.onmessage = ({ data }) => {
      answered = true;
      onAnswer(data);
    };
    worker.onerror = () => {
      if (answered) return;
      send = inSlices();
      if (last) send(last);
    };
    send = (choice) => worker.postMessage((last = choice));
    return { send: (choice) => send(choice), stop: () => worker.terminate() };
  } catch {
    send = inSlices();
    return { send, stop() {} };
  }
}

// The axes, `width` pixels wide, and where the handle is; the epochs stand below it.
function layOut(width) {
  const height = Math.round(Math.min(310, Math.max(170, width * 0.5))), left = 30, top = 22, bottom = height - 36;
  const ticks = [50, 60, 70, 80, 90];
  const plot = panel({ left, top, width: width - left - 50, height: bottom - top, title: "Accuracy on new images, %",
    x: { from: 0, to: EPOCHS, ticks: [] }, y: { from: ticks[0], to: ticks.at(-1), ticks } });
  for (const epoch of [0, 30, 60, 90]) {
    const word = epoch || "epoch 0";
    plot.parts.push(`<text x="${plot.across(epoch)}" y="${height - 6}" text-anchor="middle">${word}</text>`);
  }
  const down = (value) => plot.down(Math.min(ticks.at(-1), Math.max(ticks[0], value)));
  const thumb = 24, from = plot.across(1.5), to = plot.across(NEVER - 0.5);
  const handle = { left: `${from - thumb / 2}px`, width: `${to - from + thumb}px`, top: `${bottom - 16}px` };
  return { ...plot, down, width, height, top, bottom, handle };
}

// The lines of both rates, what they were before the last change, and the anneal, as SVG text.
function linesOf(curves, ghost, anneal, { across, down, width, top, bottom }) {
  const drawn = (values, name, look) =>
    line(values.map((value, i) => [across(i + 1), down(value)]), `${look}of-${name}`, name === "small" ? "7 3" : "");
  const parts = ghost ? NAMES.map((name) => drawn(ghost[name], name, "ghost ")) : [];
  const at = across(anneal - 0.5), right = at > width * 0.6;
  parts.push(`<path class="anneal" d="M${at} ${top}V${bottom}"/>`,
    `<text class="of-large" x="${at + (right ? -16 : 16)}" y="${bottom + 16}" text-anchor="${right ? "end" : "start"}">${
      anneal === NEVER ? "never lowered" : "large rate lowered: drag"}</text>`,
    ...NAMES.map((name) => drawn(curves[name], name, "")));
  const places = apart(NAMES.map((name) => down(curves[name].at(-1) ?? 70)));
  NAMES.forEach((name, i) => {
    const count = curves[name].length, x = across(count) + 6;
    if (count) parts.push(`<text class="name of-${name}" x="${x}" y="${places[i] + 4}">${name}</text>`);
  });
  return parts.join("");
}

// Draws the figure into el; returns a function that stops it.
function render({ model, el }) {
  const [recorded, patches] = ["recorded", "patches"].map((key) => model.get(key));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let choice = null, started = false, running = false, finished = false, trainer = null;
  let rows = { large: [], small: [] }, ghost = null, plot = {}, one = null;
  const accuracyOf = (name) => rows[name].map((row) => row.accuracy);
  const curves = () => (started ? { large: accuracyOf("large"), small: accuracyOf("small") } : recorded);

  function draw(chosen, place, width) {
    if (!one) build(place);
    if (chosen !== choice) {
      choice = chosen;
      if (choice === FIRST) begin();
      else train();
    }
    if (width !== plot.width) lay(width);
    drawControls();
    one(".lines").innerHTML = linesOf(curves(), ghost, choice.anneal, plot);
    drawFields();
    const told = say();
    one("svg").setAttribute("aria-label", `Test accuracy against epoch for the large and the small rate. ${told}`);
    return told;
  }

  function build(place) {
    place.innerHTML = BODY;
    one = (selector) => place.querySelector(selector);
    const press = (selector, action) => one(selector).addEventListener("click", action);
    press(".play", play);
    press(".seed", () => frame.choose({ seed: choice.seed + 1 }));
    press(".never", () => frame.choose({ anneal: choice.anneal === NEVER ? FIRST.anneal : NEVER }));
    press(".inert", () => frame.choose({ inert: !choice.inert }));
    one("input").addEventListener("input", ({ target }) => frame.choose({ anneal: Number(target.value) }));
  }

  // Shows what was recorded.
  function begin() {
    started = running = finished = false;
    ghost = null;
    trainer?.send({ ...choice, running });
  }

  // Trains what is chosen; what was finished stays as a ghost.
  function train() {
    if (!started || finished) ghost = { ...curves() };
    [started, running, finished] = [true, true, false];
    trainer ??= trainerOf(model.get("training"), hear);
    trainer.send({ ...choice, running });
  }

  function play() {
    if (finished) return;
    if (!running) return frame.choose({}); // what is chosen already
    running = false;
    trainer.send({ ...choice, running });
    frame.redraw();
  }

  function hear({ choice: asked, from, rows: news, finished: all }) {
    if (["seed", "inert", "anneal"].some((name) => asked[name] !== choice[name])) return;
    for (const name of NAMES) rows[name] = [...rows[name].slice(0, from[name]), ...news[name]];
    if (!started) return;
    finished = all;
    if (finished) running = false;
    if (finished || !calm.matches) frame.redraw(); // who wants no motion sees the end
  }

  // What depends on the width alone.
  function lay(width) {
    plot = layOut(width);
    one("svg").setAttribute("viewBox", `0 0 ${width} ${plot.height}`);
    one("svg").setAttribute("height", plot.height);
    one(".axes").innerHTML = plot.parts.join("");
    Object.assign(one("input").style, plot.handle);
  }

  function drawFields() {
    for (const name of NAMES) {
      const canvas = one(`canvas[data-of=${name}]`);
      const last = started ? rows[name].at(-1) : rowOf(recorded[name].at(-1), patches[name]);
      const words = last ? `<b class="image">image ${Math.round(last.accuracy)} %</b>, <b class="patch">patch ${
        Math.round(last.patch)} %</b>` : "training …";
      const head = one(`.head[data-of=${name}]`);
      head.innerHTML = `<span>${name === "large" ? "Large rate" : "Small rate"}:</span> ${words}`;
      canvas.setAttribute("aria-label", head.textContent);
      drawDots(canvas, last?.known);
    }
  }

  function drawControls() {
    const [handle, button] = ["input", ".play"].map(one), isNever = choice.anneal === NEVER;
    handle.value = choice.anneal;
    handle.setAttribute("aria-valuetext", isNever ? "never" : `epoch ${choice.anneal}`);
    one(".never").ariaPressed = String(isNever);
    one(".inert").ariaPressed = String(choice.inert);
    button.ariaDisabled = String(finished);
    button.textContent = finished ? "Trained" : running ? "❚❚ Pause" : started ? "▶ Go on" : "▶ Train it here";
  }

  function say() {
    if (started && !finished) return `${whenOf(choice)}: ${running ? "training …" : "paused."}`;
    const from = started ? `(Seed ${choice.seed}, trained here.)` : "(Recorded, mean of ten seeds.)";
    return `${verdict(curves(), choice)} ${from}`;
  }

  const frame = makeFrame(el, { name: "hero", controls: CONTROLS, first: FIRST, draw, style: LOOK });
  const themed = new MutationObserver(frame.redraw); // dots have the theme's colours
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "theme"] });
  return () => {
    trainer?.stop();
    themed.disconnect();
    frame.stop();
  };
}

export default { render };
