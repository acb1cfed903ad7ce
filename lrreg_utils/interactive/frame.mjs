// What the interactive figures share: controls, a picture that follows them, a sentence, and the choice in the address.
// A figure says its controls and how it draws; makeFrame does the rest, on a page and in a notebook.
//
// A control is { name, label, low, high, step, told } for a slider, { name, label, options: [[value, word], ...] } for
// buttons of which one is chosen, with slides: true for a slider that snaps to them, { name, label } for a checkbox.
// told(value) is what is read beside a slider; where when(choice) is false, the control is hidden. One with own: true is
// drawn by the figure itself, and only kept in the address.

const COLORS = ["large", "small", "noise", "constant", "image", "patch"];
const STYLE = `
.lrreg-figure { --large: #d55e00; --large-word: #b84e00; --small: #0072b2; --noise: #009e73; --noise-word: #00795a;
  --constant: #8c6bb1; --image: #3f5566; --patch: #c2247a; --paper: #fff; max-width: 44rem; margin: 1rem 0; color: inherit;
  font-size: .875rem; line-height: 1.4; }
html[data-theme="dark"] .lrreg-figure, html[theme="dark"] .lrreg-figure,
body[data-jp-theme-light="false"] .lrreg-figure { --large: #ff9d4d; --large-word: #ff9d4d; --small: #6fbdf2;
  --noise: #4fd0a8; --noise-word: #4fd0a8; --constant: #cf9fe6; --image: #a9bccb; --patch: #f277b6; --paper: #121212; }
.lrreg-figure .choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .25rem 1.5rem; }
.lrreg-figure .choices > [hidden] { display: none !important; }
.lrreg-figure label { display: grid; grid-template-columns: 1fr auto; align-items: center; min-height: 2rem; }
.lrreg-figure input[type=range] { grid-column: 1 / -1; width: 100%; min-height: 1.5rem; margin: 0;
  accent-color: var(--small); touch-action: pan-y; }
.lrreg-figure input[type=checkbox], .lrreg-figure input[type=radio] { width: 1.2rem; height: 1.2rem; margin: 0;
  accent-color: var(--small); }
.lrreg-figure fieldset { min-width: 0; margin: 0; padding: 0; border: 0; }
.lrreg-figure legend { float: left; padding: 0; margin: .375rem .75rem 0 0; font-size: inherit; }
.lrreg-figure fieldset label { display: inline-flex; gap: .375rem; margin-right: .75rem; }
.lrreg-figure .number { font-variant-numeric: tabular-nums; }
.lrreg-figure :focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.lrreg-figure .picture { margin: .5rem 0; }
.lrreg-figure .picture svg { display: block; width: 100%; overflow: visible; }
.lrreg-figure svg text { fill: currentColor; font: 12px sans-serif; }
.lrreg-figure svg .name { font-weight: bold; }
.lrreg-figure .grid { stroke: currentColor; stroke-opacity: .15; fill: none; }
.lrreg-figure .dotted { stroke: currentColor; stroke-opacity: .6; stroke-dasharray: 2 3; fill: none; }
.lrreg-figure .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
${COLORS.map((name) => `.lrreg-figure .of-${name} { stroke: var(--${name}); }
.lrreg-figure .in-${name} { fill: var(--${name}); }
.lrreg-figure svg text.of-${name} { stroke: none; fill: var(--${name}-word, var(--${name})); }`).join("\n")}
.lrreg-figure .foot { display: flex; flex-wrap: wrap; gap: .375rem 1rem; align-items: start; }
.lrreg-figure .result { flex: 1 1 16rem; min-height: 2.8em; margin: 0; }
.lrreg-figure button { min-height: 2rem; padding: 0 .625rem; border: 1px solid currentColor; border-radius: .25rem;
  background: none; color: inherit; font: inherit; cursor: pointer; }
`;

// The choice as the end of an address, readable: "#figure-ripple&rate=0.3"; what is as at first is left out.
export function hashOf(name, choice, first) {
  const changed = Object.entries(choice).filter(([key, value]) => value !== first[key]);
  return changed.length ? `#figure-${name}${changed.map(([key, value]) => `&${key}=${value}`).join("")}` : "";
}

// The choice that an address asks for, null where it asks for none of this figure; what is no choice is left out.
export function choiceOf(hash, name, controls, first) {
  const [head, ...parts] = decodeURIComponent(hash).split("&");
  if (head !== `#figure-${name}`) return null;
  const asked = Object.fromEntries(parts.map((part) => part.split("=")));
  const found = { ...first };
  for (const control of controls) {
    const value = valueOf(asked[control.name], control);
    if (value !== null) found[control.name] = value;
  }
  return found;
}

function valueOf(text, { low, high, step, options }) {
  if (text === undefined) return null;
  if (options) return options.map(([value]) => value).find((value) => String(value) === text) ?? null;
  if (low === undefined) return { true: true, false: false }[text] ?? null;
  if (text === "" || !Number.isFinite(Number(text))) return null;
  const steps = Math.round((Math.min(high, Math.max(low, Number(text))) - low) / step);
  return Number((low + steps * step).toPrecision(12));
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function makeSlider(control, onInput) {
  const input = make("input", { type: "range", min: control.low, max: control.high, step: control.step, name: control.name });
  const shown = make("span", { className: "number", ariaHidden: "true" }); // a slider says its value itself
  input.addEventListener("input", () => onInput(Number(input.value)));
  const show = (value) => {
    input.value = value;
    shown.textContent = control.told ? control.told(value) : value.toLocaleString("en");
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  return { element: make("label", {}, control.label, shown, input), show };
}

function makeSnapping({ name, label, options }, onInput) {
  const values = options.map(([value]) => value), last = values.length - 1;
  const told = (place) => options[place][1], control = { name, label, low: 0, high: last, step: 1, told };
  const { element, show } = makeSlider(control, (place) => onInput(values[place]));
  return { element, show: (chosen) => show(values.indexOf(chosen)) };
}

function makeCheckbox(control, onInput) {
  const input = make("input", { type: "checkbox", name: control.name });
  input.addEventListener("input", () => onInput(input.checked));
  return { element: make("label", {}, control.label, input), show: (value) => (input.checked = value) };
}

function makeOptions(control, onInput, group) {
  const inputs = control.options.map(([value, word]) => {
    const input = make("input", { type: "radio", name: group });
    input.addEventListener("input", () => onInput(value));
    return [value, input, make("label", {}, input, word)];
  });
  const element = make("fieldset", {}, make("legend", {}, control.label), ...inputs.map(([, , label]) => label));
  return { element, show: (chosen) => inputs.forEach(([value, input]) => (input.checked = value === chosen)) };
}

function makerOf({ options, slides, low }) {
  if (options) return slides ? makeSnapping : makeOptions;
  return low === undefined ? makeCheckbox : makeSlider;
}

let frames = 0; // on this page, so that the radio buttons of two figures are two groups

// Puts a figure into el. draw(choice, picture, width) draws into the element picture and returns the sentence below it;
// before any choice and after Reset, choice is the object first itself. style is its own CSS. Returns { stop, redraw, choose }: end it; draw once more; change the choice, as by dragging in
// the picture.
export function makeFrame(el, { name, controls, first, draw, style = "" }) {
  const linked = el.id === `figure-${name}`; // on a page of the site, not in a notebook
  const asked = linked ? choiceOf(location.hash, name, controls, first) : null;
  let choice = asked ?? first, waiting = 0, width = 0;

  const picture = make("div", { className: "picture" });
  const result = make("p", { className: "result" });
  result.role = "status";
  const reset = make("button", { type: "button" }, "Reset");
  const group = `lrreg-${name}-${(frames += 1)}`;
  const parts = controls.filter(({ own }) => !own).map((control) => {
    const onInput = (value) => choose({ [control.name]: value });
    return [control, makerOf(control)(control, onInput, `${group}-${control.name}`)];
  });
  const root = make("div", { className: `lrreg-figure lrreg-${name}` }, make("style", {}, STYLE),
    make("div", { className: "choices" }, ...parts.map(([, part]) => part.element)), picture,
    make("div", { className: "foot" }, result, reset));
  root.firstChild.append(style); // not in the picture: a new style sheet makes the browser lay out the whole page again
  el.append(root);

  function now() {
    waiting = 0;
    for (const [control, part] of parts) {
      part.show(choice[control.name]);
      part.element.hidden = control.when !== undefined && !control.when(choice);
    }
    width = Math.max(260, Math.round(root.clientWidth));
    const told = draw(choice, picture, width);
    if (result.textContent !== told) result.textContent = told;
  }
  const redraw = () => { waiting ||= requestAnimationFrame(now); };

  let keeping = 0; // an address that changes with every movement is refused by some browsers
  function keep() {
    clearTimeout(keeping);
    if (linked) keeping = setTimeout(() => history.replaceState(null, "",
      hashOf(name, choice, first) || location.pathname + location.search), 250);
  }
  function take(next) {
    choice = next;
    redraw();
    keep();
  }
  const choose = (change) => take({ ...choice, ...change });
  reset.addEventListener("click", () => take(first));

  now();
  for (const input of root.querySelectorAll("input")) {
    input.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for its own
  }
  if (asked) root.scrollIntoView();
  const resized = new ResizeObserver(() => Math.max(260, Math.round(root.clientWidth)) !== width && redraw());
  resized.observe(root);
  const stop = () => {
    resized.disconnect();
    cancelAnimationFrame(waiting);
    clearTimeout(keeping);
    root.remove();
  };
  return { stop, redraw, choose };
}
