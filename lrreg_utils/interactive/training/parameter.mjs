// Many independent copies of one parameter, trained by noisy gradient steps on a rippled bowl, and what formulas say of
// them: lrreg_utils/problems/noisy_parameter.py, number by number, with a bowl of curvature 1.
import { makeRng } from "./rng.mjs";

// settings: { copies, start, seed, window }; window: steps that the measurement looks back on.
export function begin({ copies, start, seed, window }) {
  return { theta: new Float64Array(copies).fill(start), rng: makeRng(seed), window, rows: [] };
}

// One step of every copy: theta <- theta - rate (slope(theta) + xi), on theta^2/2 - height cos(k theta).
export function advance(state, { rate, k, height, sigma }) {
  const { theta, rng } = state, count = theta.length, xi = rng.normal(count);
  let sum = 0, squares = 0, felt = 0;
  for (let i = 0; i < count; i++) {
    const at = theta[i], next = at - rate * (at + height * k * Math.sin(k * at) + sigma * xi[i]);
    theta[i] = next;
    sum += next;
    squares += next * next;
    felt += Math.cos(k * next);
  }
  state.rows.push([sum / count, squares / count, felt / count]);
  if (state.rows.length > state.window) state.rows.shift();
}

// Over the copies and the steps of the window: the spread, and the mean cosine, the share of the ripple that is felt.
export function measured({ rows }) {
  const [mean, squares, felt] = [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  return { spread: Math.sqrt(Math.max(0, squares - mean * mean)), felt };
}

// The spread that the bowl alone has, and how much of a ripple a spread leaves.
export const stationarySpread = (rate, sigma) => sigma * Math.sqrt(rate / (2 - rate));
export const visibility = (k, spread) => Math.exp(-((k * spread) ** 2) / 2);

// Steps after which what was before is forgotten, even at a small rate.
export const stepsToSettle = (rate) => Math.min(1200, Math.max(400, Math.ceil(6 / rate)));
