// The fields of dots in the figure of the home page.
export const TESTS = 500; // images, of the home page's figure
const ROWS = 14, COLUMNS = Math.ceil(TESTS / ROWS); // of a field of dots
const BY_IMAGE = 1, BY_PATCH = 2, BY_BOTH = 3, BY_NEITHER = 0;

// A row as race.mjs posts them, from percentages alone. How many images are known by both was not recorded: as many as
// if the two were independent, which the figure's own runs agree with.
export function rowOf(accuracy, patch) {
  const known = new Uint8Array(TESTS), both = Math.round(TESTS * accuracy * patch / 1e4);
  const [image, either] = [accuracy, accuracy + patch].map((percent) => Math.round(TESTS * percent / 100));
  known.fill(BY_BOTH, 0, both).fill(BY_IMAGE, both, image).fill(BY_PATCH, image, either - both);
  return { accuracy, patch, known };
}

// Draws one dot for each test image, alike ones together, column by column. known: a number of race.mjs for each.
export function drawDots(canvas, known = new Uint8Array(TESTS)) {
  const width = canvas.clientWidth, size = width / COLUMNS, ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(ROWS * size * ratio);
  const pen = canvas.getContext("2d"), style = getComputedStyle(canvas), half = Math.PI / 2;
  pen.scale(ratio, ratio);
  let place = 0;
  const dots = (count, radius, from, to) => {
    pen.beginPath();
    for (let i = place; i < place + count; i++) {
      const x = (Math.floor(i / ROWS) + 0.5) * size, y = ((i % ROWS) + 0.5) * size;
      pen.moveTo(x + radius * Math.cos(from), y + radius * Math.sin(from));
      pen.arc(x, y, radius, from, to);
    }
  };
  for (const state of [BY_IMAGE, BY_BOTH, BY_PATCH, BY_NEITHER]) {
    const count = known.filter((each) => each === state).length;
    for (const [bit, name, from, to] of [[BY_IMAGE, "--image", half, 3 * half], [BY_PATCH, "--patch", -half, half]]) {
      if (!(state & bit)) continue;
      pen.fillStyle = style.getPropertyValue(name);
      dots(count, 0.42 * size, ...(state === BY_BOTH ? [from, to] : [0, 4 * half]));
      pen.fill();
    }
    if (state === BY_NEITHER) {
      [pen.globalAlpha, pen.lineWidth, pen.strokeStyle] = [0.5, Math.min(1, size / 6), style.color];
      dots(count, 0.3 * size, 0, 4 * half);
      pen.stroke();
    }
    place += count;
  }
}
