// The patch builder: choose an image's class, sign, strength, place and group, and see what the network sees; beside it
// the plane of two classes' squares, and a line to turn. The model gives pixels and squares of the book's experiment.
import { escaped, svgOf } from "./chart.mjs";
import { makeFrame } from "./frame.mjs";

const ALONE = 0.5; // a patch alone has a random strength; the figure shows its mean
const ACROSS = Array.from({ length: 10 }, (_, i) => (i + 0.5) / 10); // of that strength, evenly
const DARK = -2.5, BRIGHT = 2.5; // black and white, in normalized units
const CLEAN = "clean", ONLY = "patch_only", BOTH = "both";
const FIRST = { class: 8, group: BOTH, sign: 1, place: "corner", noise: false, turn: 45 };
const below = (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit];
const signOf = (sign) => (sign > 0 ? "+" : "−");

const controlsOf = (strongest) => [
  { name: "class", label: "Class of the image", low: 0, high: 9, step: 1 },
  { name: "strength", label: "Strength of the patch", low: 0.2, high: strongest, step: 0.1,
    told: (value) => value.toFixed(1) },
  { name: "group", label: "Example", options: [[BOTH, "both"], [ONLY, "patch only"], [CLEAN, "clean"]] },
  { name: "sign", label: "Sign", options: [[1, "+"], [-1, "−"]] },
  { name: "place", label: "Place", options: [["corner", "corner"], ["center", "centre"]] },
  { name: "noise", label: "The experiment's pixel noise" },
  { name: "turn", label: "Turn the line", low: 0, high: 355, step: 5, told: (value) => `${value}°` },
];

// The other class in the plane: the next one.
export const otherOf = (choice) => (choice.class + 1) % 10;

// The chosen image as normalized pixels. The model has bytes, by class: with the noise, and without.
export function imageOf({ images, size }, { class: label, noise }) {
  const { pixels, mean, std } = images[noise ? "noisy" : "plain"], area = size ** 2;
  return Array.from(atob(pixels).slice(label * area, (label + 1) * area), (sign) => (sign.charCodeAt(0) - mean) / std);
}

const squareOf = ({ squares }, label, strength) => squares[label].map((value) => strength * value);

// How much of v_c the patch has: its sign, and less of it where it stands alone.
export const amplitudeOf = ({ alone_scale }, { sign, group }) => sign * (group === ONLY ? alone_scale * ALONE : 1);

export function patchOf(model, choice) {
  const own = squareOf(model, choice.class, choice.strength), amplitude = amplitudeOf(model, choice);
  return model.z.map((value, i) => value + amplitude * own[i]);
}

// Places of the patch's pixels in an image of size x size, row by row.
export function placesOf({ size, side }, place) {
  const first = place === "center" ? Math.floor((size - side) / 2) : 0;
  return Array.from({ length: side * side }, (_, i) => (first + Math.floor(i / side)) * size + first + (i % side));
}

// The example as the network sees it, pixel by pixel as lrreg_utils/images/patches.py writes it.
export function seenOf(model, choice) {
  const image = imageOf(model, choice), seen = choice.group === ONLY ? image.map(() => 0) : image;
  if (choice.group === CLEAN) return seen;
  const patch = patchOf(model, choice);
  placesOf(model, choice.place).forEach((at, i) => { seen[at] = patch[i]; });
  return seen;
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const combined = (a, b, times) => a.map((value, i) => value + times * b[i]);

// The plane through z that holds both classes' squares, true to scale: what lies there, and what a line makes of it.
// The line is turned by choice.turn and passes z at half a patch's length; what is beyond it counts as the other class.
export function planeOf(model, choice) {
  const labels = [choice.class, otherOf(choice)], [u, v] = labels.map((label) => squareOf(model, label, 1));
  const first = u.map((value) => value / Math.sqrt(dot(u, u))), rest = combined(v, first, -dot(v, first));
  const axes = [first, rest.map((value) => value / Math.sqrt(dot(rest, rest)))];
  const project = (square) => axes.map((axis) => dot(square, axis));
  const amplitudes = choice.group === ONLY ? ACROSS.map((share) => model.alone_scale * share) : [1];
  const angle = (choice.turn * Math.PI) / 180, normal = [Math.cos(angle), Math.sin(angle)];
  const shift = (choice.strength * Math.sqrt(Math.min(dot(u, u), dot(v, v)))) / 2;
  const points = [1, -1].flatMap((sign) => amplitudes.flatMap((amplitude) => [u, v].map((square, other) => {
    const at = project(square).map((value) => sign * amplitude * choice.strength * value);
    return { at, other, sign, right: (dot(at, normal) > shift) === (other === 1) };
  })));
  const seen = seenOf(model, choice), read = placesOf(model, choice.place).map((place) => seen[place]);
  return { points, normal, shift, here: project(combined(read, model.z, -1)) };
}

export const percentRight = (points) => (100 * points.filter(({ right }) => right).length) / points.length;

// What is seen, what the line reads, and what no line exceeds, in words.
export function verdict(model, choice, points) {
  const own = `v${below(choice.class)}`, where = `in the ${choice.place === "center" ? "centre" : "corner"}`;
  const patch = `z ${signOf(choice.sign)} ${own}`, strong = `strength ${choice.strength.toFixed(1)}`;
  const part = Math.abs(amplitudeOf(model, choice)).toLocaleString("en");
  const image = `${choice.noise ? "a noisy" : "an"} image of ${choice.class}${choice.noise ? "" : " (noise left out)"}`;
  const seen = {
    [BOTH]: `The network sees ${image} with the patch ${patch} ${where} (${strong}).`,
    [ONLY]: `The network sees z ${signOf(choice.sign)} ${part} ${own} ${where} (${strong}, of random size, here the ` +
      `mean) in place of ${image}.`,
    [CLEAN]: `The network sees ${image} alone; its patch ${patch} (${strong}) would be ${where}.`,
  }[choice.group];
  const [two, ten] = ["2", "10"].map((count) => model.ceilings[count]);
  return `${seen} The line at ${choice.turn}° gets ${
    Math.round(percentRight(points))} % of the patches of ${choice.class} and ${
    otherOf(choice)} right; no line gets more than ${two} %, and with ten classes ${ten} %.`;
}

const gray = (value) => Math.round(255 * Math.min(1, Math.max(0, (value - DARK) / (BRIGHT - DARK))));

// Pixels as SVG, a frame, and a name below. One path for each shade is quicker than a square for each pixel.
function picture(values, { left, top, side, name, frame = "", faint = false, extra = "" }) {
  const count = Math.sqrt(values.length), shades = new Map(), paths = [];
  values.forEach((value, i) => {
    const x = i % count, y = Math.floor(i / count), shade = gray(value);
    shades.set(shade, `${shades.get(shade) ?? ""}M${x} ${y}h1v1h-1z`);
  });
  for (const [shade, path] of shades) paths.push(`<path fill="rgb(${shade},${shade},${shade})" d="${path}"/>`);
  const pixels = `shape-rendering="crispEdges" transform="translate(${left} ${top}) scale(${side / count})"`;
  const around = `<rect class="line ${frame}" x="${left}" y="${top}" width="${side}" height="${side}"/>`;
  return `<g${faint ? ' opacity=".3"' : ""}><g ${pixels}>${paths.join("")}</g>${around}${extra}</g><text class="${
    frame}" x="${left + side / 2}" y="${top + side + 16}" text-anchor="middle">${escaped(name)}</text>`;
}

const between = (sign, x, y) => `<text class="sign" x="${x}" y="${y}" text-anchor="middle">${sign}</text>`;

// z, its sum with v_c, the patch; and the image: `side` pixels each.
function ingredients(model, choice, width, side) {
  const gap = (width - 4 * side) / 3, at = (place) => ({ left: place * (side + gap), top: 2, side, frame: "of-patch" });
  const faint = choice.group === CLEAN, alone = choice.group === ONLY, own = `v${below(choice.class)}`;
  const signs = [signOf(choice.sign), "="].map((sign, i) =>
    between(sign, (i + 1) * (side + gap) - gap / 2, side / 2 + 6));
  return [
    picture(model.z, { ...at(0), name: "z", faint }),
    picture(squareOf(model, choice.class, choice.strength * Math.abs(amplitudeOf(model, choice))),
      { ...at(1), name: alone ? `part of ${own}` : own, faint }),
    picture(patchOf(model, choice), { ...at(2), name: "patch", faint }),
    picture(imageOf(model, choice), { ...at(3), name: "image", frame: "of-image", faint: alone }),
    ...signs,
  ];
}

function seenPicture(model, choice, left, top, side) {
  const [first] = placesOf(model, choice.place), pixel = side / model.size, length = model.side * pixel;
  const x = left + (first % model.size) * pixel, y = top + Math.floor(first / model.size) * pixel;
  const dash = choice.group === CLEAN ? ' stroke-dasharray="3 3"' : "";
  const extra = `<rect class="line of-patch"${dash} x="${x}" y="${y}" width="${length}" height="${length}"/>`;
  return picture(seenOf(model, choice), { left, top, side, name: "what the network sees", frame: "of-image", extra });
}

// The plane as SVG, side x side pixels.
function planePicture(model, choice, plane, left, top, side) {
  const { points, normal, shift, here } = plane, small = side < 220;
  const reach = 1.2 * model.strongest * (choice.group === ONLY ? model.alone_scale : 1) * model.longest;
  const on = ([x, y]) => [left + side / 2 + (x / reach) * (side / 2), top + side / 2 - (y / reach) * (side / 2)];
  const along = [-normal[1], normal[0]], far = 3 * reach;
  const at = (across, down) => on([0, 1].map((i) => across * normal[i] + down * along[i])).join(" ");
  const names = [choice.class, otherOf(choice)].map(below), bare = choice.group === CLEAN;
  const frame = `x="${left}" y="${top}" width="${side}" height="${side}"`, half = choice.group === ONLY ? 2.5 : 4.5;
  const parts = [`<clipPath id="lrreg-plane"><rect ${frame}/></clipPath>`,
    `<g clip-path="url(#lrreg-plane)"><path class="beyond" d="M${at(shift, -far)}L${at(shift, far)}L${at(far, far)}L${
      at(far, -far)}z"/>`,
    `<path class="line cut" d="M${at(shift, -far)}L${at(shift, far)}"/></g>`];
  const [zx, zy] = on([0, 0]);
  parts.push(`<path class="dotted" style="stroke-dasharray:none" d="M${zx - 5} ${zy}h10M${zx} ${zy - 5}v10"/>`,
    `<text x="${zx + 6}" y="${zy - 5}">z</text>`,
    ...points.map((point) => mark(on(point.at), point, bare, half)));
  const farthest = (sign, other) => points.filter((point) => point.sign === sign && point.other === other).at(-1);
  for (const sign of [1, -1]) {
    for (const other of [0, 1]) {
      const [x, y] = on(farthest(sign, other).at), up = y < zy ? -1 : 1;
      parts.push(`<text class="of-patch" x="${x}" y="${y + (up < 0 ? -11 : 21)}" text-anchor="middle">${
        small ? "" : "z "}${signOf(sign)}${small ? "" : " "}v${names[other]}</text>`);
    }
  }
  const held = here.map((value) => Math.max(-0.97 * reach, Math.min(0.97 * reach, value))), [hx, hy] = on(held);
  parts.push(`<circle class="line of-image" cx="${hx}" cy="${hy}" r="10"/>`,
    `<rect class="grid" ${frame}/>`,
    `<text x="${left + side / 2}" y="${top + side + 16}" text-anchor="middle">${
      small ? "patches in a plane" : "the patches in their plane; ring: this example"}</text>`);
  return parts;
}

// A dot for the class, a square for the other; hollow where examples carry no patch, crossed where the line is wrong.
function mark([x, y], { other, right }, bare, half) {
  const look = bare ? "line of-patch" : "in-patch";
  const shape = other ? `<path class="${look}" d="M${x - half} ${y - half}h${2 * half}v${2 * half}h${-2 * half}z"/>`
    : `<circle class="${look}" cx="${x}" cy="${y}" r="${1.1 * half}"/>`;
  const arm = 1.5 * half;
  const cross = `M${x - arm} ${y - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`;
  return shape + (right ? "" : `<path class="line cut" d="${cross}"/>`);
}

// The whole picture as SVG, `width` pixels wide.
export function figure(model, choice, width, label, plane = planeOf(model, choice)) {
  const wide = width >= 560, column = wide ? 0.46 * width : width;
  const small = Math.min(90, (column - 54) / 4), top = small + 36;
  const large = wide ? width - column - 62 - small : (width - 16) / 2; // as low as the plane
  const [left, high, side] = wide ? [column + 24, 2, width - column - 26] : [large + 16, top, large];
  return svgOf(width, Math.ceil(Math.max(top + large, high + side) + 24), label, [
    ...ingredients(model, choice, column, small), seenPicture(model, choice, 1, top, large - 1),
    ...planePicture(model, choice, plane, left, high, side)]);
}

const LOOK = `
.lrreg-patch .beyond { fill: currentColor; fill-opacity: .12; }
.lrreg-patch .cut { stroke: currentColor; }
.lrreg-figure.lrreg-patch svg :is(text, text[class]) { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.lrreg-patch svg text.sign { font-size: 18px; }
`;

// Draws the figure into el; returns a function that stops it.
function render({ model: given, el }) {
  const keys = ["images", "size", "z", "squares", "side", "alone_scale", "strength", "strongest", "longest",
    "ceilings"];
  const model = Object.fromEntries(keys.map((key) => [key, given.get(key)]));
  function draw(choice, place, width) {
    const plane = planeOf(model, choice), told = verdict(model, choice, plane.points);
    const label = `An image, a patch, what the network sees, and a line among the patches of two classes. ${told}`;
    place.innerHTML = figure(model, choice, width, label, plane);
    return told;
  }
  const first = { ...FIRST, strength: model.strength };
  return makeFrame(el, { name: "patch", controls: controlsOf(model.strongest), first, draw, style: LOOK }).stop;
}

export default { render };
