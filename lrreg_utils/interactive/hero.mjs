// The figure of the home page: the large and the small rate, trained in the reader's browser, and an anneal to drag.
// render works with anywidget's model, and with any object whose get gives what lrreg_utils/interactive/widgets.py puts
// there: recorded curves, patches recognized at their end, and the text of training/race.mjs with all that it needs.
import { TESTS, drawDots, rowOf } from "./training/dots.mjs";

const EPOCHS = 90, NEVER = EPOCHS + 1;
const FIRST = { anneal: 10, seed: 0, inert: false };
const NAMES = ["large", "small"];
const LOW = 50, HIGH = 90; // percent, of the axis

// The result in words. curves: test accuracy by epoch, "large" and "small", in percent.
export function verdict(curves, { anneal, inert }) {
  const gapAt = (epoch) => Math.round(curves.large[epoch - 1] - curves.small[epoch - 1]);
  const points = (count) => `${Math.abs(count)} point${Math.abs(count) === 1 ? "" : "s"}`;
  const end = gapAt(EPOCHS), before = anneal > 1 && anneal < NEVER ? gapAt(anneal - 1) : 0;
  const when = anneal === NEVER ? "Never lowered" : `Lowered at epoch ${anneal}`;
  const where = end === 0 ? "level with the small one" : `${points(end)} ${end > 0 ? "above" : "below"} the small one`;
  const lead = before ? ` Just before that, it was ${points(before)} ${before > 0 ? "ahead" : "behind"}.` : "";
  const patch = inert ? " Here the patch says nothing about the class." : "";
  return `${when}, the large rate ends at ${Math.round(curves.large.at(-1))} %, ${where}.${lead}${patch}`;
}

// The choice as the end of an address, readable, and back; null where the end says something else.
export function hashOf({ anneal, seed, inert }) {
  return `#hero-anneal-${anneal === NEVER ? "never" : anneal}-seed-${seed}${inert ? "-inert" : ""}`;
}

export function choiceOf(hash) {
  const found = /^#hero-anneal-(never|\d+)-seed-(\d{1,6})(-inert)?$/.exec(hash);
  if (!found) return null;
  const anneal = found[1] === "never" ? NEVER : Math.min(NEVER, Math.max(2, Number(found[1])));
  return { anneal, seed: Number(found[2]), inert: Boolean(found[3]) };
}

// Two heights moved apart until names do not overlap.
export function apart(one, other, room = 15) {
  const close = (room - Math.abs(one - other)) / 2, sign = one <= other ? -1 : 1;
  return close > 0 ? [one + sign * close, other - sign * close] : [one, other];
}

const STYLE = `
.lrreg-hero { --large: #d55e00; --large-word: #b84e00; --small: #0072b2; --image: #3f5566; --patch: #c2247a;
  --paper: #fff; color: inherit; font-size: .875rem; line-height: 1.4; max-width: 44rem; }
html[data-theme="dark"] .lrreg-hero, html[theme="dark"] .lrreg-hero, body[data-jp-theme-light="false"] .lrreg-hero {
  --large: #ff9d4d; --large-word: #ff9d4d; --small: #6fbdf2; --image: #a9bccb; --patch: #f277b6; --paper: #121212; }
.lrreg-hero .chart { position: relative; }
.lrreg-hero svg { display: block; width: 100%; overflow: visible; }
.lrreg-hero svg text { fill: currentColor; font: 12px sans-serif; }
.lrreg-hero svg .name { font-size: 13px; font-weight: bold; }
.lrreg-hero .grid { stroke: currentColor; stroke-opacity: .15; }
.lrreg-hero polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.lrreg-hero .ghost { stroke-width: 1.5; stroke-opacity: .35; }
.lrreg-hero .of-large { stroke: var(--large); } .lrreg-hero svg text.of-large { stroke: none; fill: var(--large-word); }
.lrreg-hero polyline.of-small { stroke-dasharray: 7 3; }
.lrreg-hero .of-small { stroke: var(--small); } .lrreg-hero svg text.of-small { stroke: none; fill: var(--small); }
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
.lrreg-hero button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.lrreg-hero .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; margin-top: .25rem; }
.lrreg-hero .field { min-width: 0; } .lrreg-hero canvas { display: block; width: 100%; }
.lrreg-hero .head, .lrreg-hero .key { display: block; font-size: .8125rem; font-variant-numeric: tabular-nums; }
.lrreg-hero b.image { color: var(--image); } .lrreg-hero b.patch { color: var(--patch); }
.lrreg-hero .controls { display: flex; flex-wrap: wrap; align-items: center; gap: .375rem; margin: .375rem 0; }
.lrreg-hero button { min-height: 2rem; padding: 0 .625rem; border: 1px solid currentColor; border-radius: .25rem;
  background: none; color: inherit; font: inherit; font-size: .8125rem; cursor: pointer; }
.lrreg-hero button.play { border-color: var(--large-word); background: var(--large-word); color: var(--paper);
  font-weight: bold; }
.lrreg-hero button[aria-pressed=true] { background: currentColor; }
.lrreg-hero button[aria-pressed=true] span { color: var(--paper); }
.lrreg-hero button[aria-disabled=true] { opacity: .6; cursor: default; }
.lrreg-hero .result { min-height: 2.8em; margin: 0; }
@media (max-width: 600px) { .lrreg-hero .head span { display: block; } .lrreg-hero .result { min-height: 5.6em; } }
`;
const BODY = `<style>${STYLE}</style>
<div class="chart"><svg role="img"><g class="axes"></g><g class="lines"></g></svg>
<input type="range" min="2" max="${NEVER}" step="1" aria-label="Epoch at which the large rate is lowered"></div>
<div class="controls"><button type="button" class="play"></button>
<button type="button" class="seed">New seed</button>
<button type="button" class="never" aria-pressed="false"><span>Never lower</span></button>
<button type="button" class="inert" aria-pressed="false"><span>Patch says nothing</span></button>
<button type="button" class="reset">Reset</button></div>
<div class="fields">${NAMES.map((name) => `<div class="field"><span class="head" data-of="${name}"></span>
<canvas data-of="${name}" role="img"></canvas></div>`).join("")}</div>
<span class="key">${TESTS} new images, recognized <b class="image">● by the image</b>,
<b class="patch">● by the patch alone</b>, ◐ by both, ○ by neither</span>
<p class="result" aria-live="polite"></p>`;

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

// Draws the figure into el; returns a function that stops it.
function render({ model, el }) {
  const [recorded, patches] = ["recorded", "patches"].map((key) => model.get(key));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const root = document.createElement("div");
  root.className = "lrreg-hero";
  root.innerHTML = BODY;
  el.append(root);
  const one = (selector) => root.querySelector(selector);
  const [svg, axes, lines, handle] = ["svg", ".axes", ".lines", "input"].map(one);
  const [play, never, inert, result] = [".play", ".never", ".inert", ".result"].map(one);
  handle.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for its own
  const linked = el.id === "figure-hero";
  let choice, rows, finished, ghost, waiting = 0, size = {}, trainer = null;

  const isTrained = () => choice.started;
  const curves = () => isTrained() ? Object.fromEntries(NAMES.map((name) => [name, rows[name].map((row) => row.accuracy)]))
    : recorded;

  function begin(first) {
    choice = { ...first, running: false, started: false };
    [rows, finished, ghost] = [{ large: [], small: [] }, false, null];
  }

  const across = (epoch) => size.left + (epoch / EPOCHS) * (size.width - size.left - size.right);
  const down = (value) => {
    const share = (Math.min(HIGH, Math.max(LOW, value)) - LOW) / (HIGH - LOW);
    return size.top + (1 - share) * (size.height - size.top - size.bottom);
  };
  const pointsOf = (values) => values.map((value, i) => `${across(i + 1).toFixed(1)},${down(value).toFixed(1)}`).join(" ");

  // What depends on the width alone.
  function lay() {
    const width = Math.max(280, root.clientWidth);
    size = { width, height: Math.round(Math.min(310, Math.max(170, width * 0.5))), left: 30, right: 50, top: 22, bottom: 36 };
    svg.setAttribute("viewBox", `0 0 ${width} ${size.height}`);
    svg.setAttribute("height", size.height);
    const bottom = size.height - size.bottom, parts = [`<text x="0" y="12">Accuracy on new images, %</text>`];
    for (let value = LOW; value <= HIGH; value += 10) {
      parts.push(`<path class="grid" d="M${size.left} ${down(value)}H${across(EPOCHS)}"/>`,
        `<text x="${size.left - 6}" y="${down(value) + 4}" text-anchor="end">${value}</text>`);
    }
    for (const epoch of [0, 30, 60, 90]) {
      parts.push(`<text x="${across(epoch)}" y="${size.height - 6}" text-anchor="middle">${epoch || "epoch 0"}</text>`);
    }
    axes.innerHTML = parts.join("");
    const thumb = 24, from = across(1.5), to = across(NEVER - 0.5);
    Object.assign(handle.style, { left: `${from - thumb / 2}px`, width: `${to - from + thumb}px`, top: `${bottom - 16}px` });
    draw();
  }

  function drawLines() {
    const now = curves(), parts = [], bottom = size.height - size.bottom;
    for (const name of ghost ? NAMES : []) {
      parts.push(`<polyline class="ghost of-${name}" points="${pointsOf(ghost[name])}"/>`);
    }
    const at = across(choice.anneal - 0.5), right = at > size.width * 0.6;
    parts.push(`<path class="anneal" d="M${at} ${size.top}V${bottom}"/>`,
      `<text class="of-large" x="${at + (right ? -16 : 16)}" y="${bottom + 16}" text-anchor="${right ? "end" : "start"}">${
        choice.anneal === NEVER ? "never lowered" : "large rate lowered: drag"}</text>`);
    for (const name of NAMES) parts.push(`<polyline class="of-${name}" points="${pointsOf(now[name])}"/>`);
    const ends = NAMES.map((name) => down(now[name].at(-1) ?? 70));
    apart(...ends).forEach((height, i) => {
      const values = now[NAMES[i]];
      if (values.length) {
        parts.push(`<text class="name of-${NAMES[i]}" x="${across(values.length) + 6}" y="${height + 4}">${NAMES[i]}</text>`);
      }
    });
    lines.innerHTML = parts.join("");
  }

  function drawFields() {
    for (const name of NAMES) {
      const canvas = one(`canvas[data-of=${name}]`);
      const last = isTrained() ? rows[name].at(-1) : rowOf(recorded[name].at(-1), patches[name]);
      const words = last ? `<b class="image">image ${Math.round(last.accuracy)} %</b>, <b class="patch">patch ${
        Math.round(last.patch)} %</b>` : "training …";
      const head = one(`.head[data-of=${name}]`);
      head.innerHTML = `<span>${name === "large" ? "Large rate" : "Small rate"}:</span> ${words}`;
      canvas.setAttribute("aria-label", head.textContent);
      drawDots(canvas, last?.known);
    }
  }

  function drawControls() {
    handle.value = choice.anneal;
    handle.setAttribute("aria-valuetext", choice.anneal === NEVER ? "never" : `epoch ${choice.anneal}`);
    never.ariaPressed = String(choice.anneal === NEVER);
    inert.ariaPressed = String(choice.inert);
    play.ariaDisabled = String(finished);
    play.textContent = finished ? "Trained" : choice.running ? "❚❚ Pause" : choice.started ? "▶ Go on" : "▶ Train it here";
  }

  function draw() {
    waiting = 0;
    drawControls();
    drawLines();
    drawFields();
  }

  const redraw = () => (waiting ||= requestAnimationFrame(draw));

  function say() {
    const told = choice.started && !finished ? choice.running ? "Training …" : "Paused."
      : `${verdict(curves(), choice)} ${choice.started ? `(Seed ${choice.seed}, trained here.)` : "(Recorded, mean of ten seeds.)"}`;
    if (result.textContent !== told) result.textContent = told;
    svg.setAttribute("aria-label", `Test accuracy against epoch for the large and the small rate. ${told}`);
  }

  function hear({ choice: asked, from, rows: news, finished: all }) {
    if (!choice.started || ["seed", "inert", "anneal"].some((name) => asked[name] !== choice[name])) return;
    for (const name of NAMES) rows[name] = [...rows[name].slice(0, from[name]), ...news[name]];
    finished = all;
    if (finished) choice.running = false;
    say();
    if (finished || !calm.matches) redraw(); // who wants no motion sees the end
  }

  // Trains what is chosen, after a change of it; what was finished stays as a ghost.
  function train(change = {}) {
    if (!choice.started || finished) ghost = { ...curves() };
    choice = { ...choice, ...change, started: true, running: true };
    finished = false;
    trainer ??= trainerOf(model.get("training"), hear);
    trainer.send({ ...choice });
    say();
    redraw();
  }

  function keep() { // in the address of a page of the site, not of a notebook
    if (!linked) return;
    const here = hashOf(choice), first = here === hashOf(FIRST) && !choice.started;
    history.replaceState(null, "", first ? location.pathname + location.search : here);
  }

  const press = (selector, action) => one(selector).addEventListener("click", () => {
    action();
    keep();
  });
  press(".play", () => {
    if (finished) return;
    if (!choice.running) return train();
    choice.running = false;
    trainer.send({ ...choice });
    say();
    redraw();
  });
  press(".seed", () => train({ seed: choice.seed + 1 }));
  press(".never", () => train({ anneal: choice.anneal === NEVER ? FIRST.anneal : NEVER }));
  press(".inert", () => train({ inert: !choice.inert }));
  press(".reset", () => {
    trainer?.send({ ...choice, running: false });
    begin(FIRST);
    say();
    draw();
  });
  handle.addEventListener("input", () => train({ anneal: Number(handle.value) }));
  handle.addEventListener("change", keep);

  const asked = linked ? choiceOf(location.hash) : null;
  begin(asked ?? FIRST);
  lay();
  say();
  if (asked) train();
  const resized = new ResizeObserver(() => root.clientWidth !== size.width && lay());
  resized.observe(root);
  const themed = new MutationObserver(() => draw());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "theme"] });
  return () => {
    trainer?.stop();
    resized.disconnect();
    themed.disconnect();
  };
}

export default { render };
