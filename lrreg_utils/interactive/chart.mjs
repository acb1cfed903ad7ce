// One panel of a chart as SVG text: axes, lines and names at their ends, in pixels.

export const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// An <svg> with what its parts draw; label is read instead of it.
export function svgOf(width, height, label, parts) {
  return `<svg role="img" aria-label="${escaped(label)}" viewBox="0 0 ${width} ${height}" height="${height}">${
    parts.join("")}</svg>`;
}

// A panel at (left, top), width x height pixels inside its axes. x and y: { from, to, ticks: [value or [value, word]],
// title }. Returns { across, down, parts }: values to pixels, and the axes as SVG text.
export function panel({ left, top, width, height, x, y, title = "" }) {
  const across = (value) => left + ((value - x.from) / (x.to - x.from)) * width;
  const down = (value) => top + height - ((value - y.from) / (y.to - y.from)) * height;
  const parts = [`<text x="${left}" y="${top - 8}">${escaped(title)}</text>`];
  const pair = (tick) => (Array.isArray(tick) ? tick : [tick, tick]);
  for (const [value, word] of y.ticks.map(pair)) {
    parts.push(`<path class="grid" d="M${left} ${down(value).toFixed(1)}h${width}"/>`,
      `<text x="${left - 6}" y="${(down(value) + 4).toFixed(1)}" text-anchor="end">${escaped(word)}</text>`);
  }
  for (const [value, word] of x.ticks.map(pair)) {
    parts.push(`<path class="grid" d="M${across(value).toFixed(1)} ${top + height}v4"/>`,
      `<text x="${across(value).toFixed(1)}" y="${top + height + 17}" text-anchor="middle">${escaped(word)}</text>`);
  }
  if (x.title) {
    parts.push(`<text x="${left + width / 2}" y="${top + height + 33}" text-anchor="middle">${escaped(x.title)}</text>`);
  }
  return { across, down, parts };
}

// A line through points [[x, y], ...] in pixels; those that are no finite numbers are left out.
export function line(points, className, dash = "") {
  const drawn = points.filter((point) => point.every(Number.isFinite)).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
  return `<polyline class="line ${className}"${dash && ` stroke-dasharray="${dash}"`} points="${drawn.join(" ")}"/>`;
}

// Heights of names, moved apart until none overlaps another, in the order given.
export function apart(heights, room = 15) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]), placed = [...heights];
  for (let round = 0; round < 50; round++) {
    for (let i = 1; i < order.length; i++) {
      const [upper, lower] = [order[i - 1], order[i]], close = (room - (placed[lower] - placed[upper])) / 2;
      if (close > 0) [placed[upper], placed[lower]] = [placed[upper] - close, placed[lower] + close];
    }
  }
  return placed;
}
