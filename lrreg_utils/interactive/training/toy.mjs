// The toy of lrreg_utils/theory/toy.py in plain JavaScript: the same data, the same noise, the same steps.
// Pure functions, no page: import { init, step, measure } from "./toy.mjs".
import { makeRng } from "./rng.mjs";

const TRAIN = 0, TEST = 1, NETWORK = 2; // streams of random numbers
const TIE = 1e-9; // outputs this small are rounding errors of f = 0, and count as half an error
export const KINDS = ["both", "p_only", "q_only"]; // what an example shows

// The rays R_k of x2, with the label and the probability of each.
function makeRays(s) {
  const middle = (s.rays - 1) / 2;
  const places = Array.from({ length: s.rays }, (_, k) => k - middle);
  const labels = places.map((place) => (place % 2 === 0 ? 1 : -1));
  const shares = labels.map((label) => 0.5 / labels.filter((other) => other === label).length);
  const vectors = places.map((place) => [Math.cos(s.r * place), Math.sin(s.r * place)]);
  return { labels, shares, vectors };
}

function sample(s, rays, seed, stream) {
  const rng = makeRng(seed, stream), n = stream === TRAIN ? s.train_size : s.test_size;
  const [sign, part, pick, height] = [0, 1, 2, 3].map(() => rng.uniform(n));
  const y = Float64Array.from(sign, (u) => (u < 0.5 ? 1 : -1));
  const kind = Uint8Array.from(part, (u) => (u < s.q ? 2 : u < s.q + s.p ? 1 : 0));
  const ray = new Uint8Array(n), alpha = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const choices = rays.labels.flatMap((label, k) => (label === y[i] ? [k] : []));
    ray[i] = choices[Math.floor(pick[i] * choices.length)];
    const length = s.alpha_scale * (s.alpha_low + (1 - s.alpha_low) * height[i]);
    alpha[i] = kind[i] === 1 || !s.with_q ? 0 : length;
  }
  const x1 = rng.normal(n * s.d), scale = s.x1_scale / Math.sqrt(s.d);
  for (let i = 0; i < n; i++) {
    x1[i * s.d] = y[i] * (Math.abs(x1[i * s.d]) + 1); // w* is the first unit vector, gamma0 sqrt(d) = 1
    for (let c = 0; c < s.d; c++) x1[i * s.d + c] *= kind[i] === 2 ? 0 : scale;
  }
  return { n, y, kind, ray, alpha, x1 };
}

// Normals for one neuron of each mirrored pair: W's, then V's.
function normals(state) {
  const { s } = state, split = (s.m1 / 2) * s.d, flat = state.rng.normal(split + s.m2);
  return [flat.subarray(0, split), flat.subarray(split)];
}

// U += scale * xi, the same for both of a pair.
function addPaired(U, xi, scale) {
  const half = xi.length;
  for (let i = 0; i < half; i++) {
    U[i] += scale * xi[i];
    U[half + i] += scale * xi[i];
  }
}

// settings: the object of that name in toy-reference.json; with a smaller test_size, measure is faster. Returns the
// state that step and measure take.
export function init(settings, seed) {
  const s = settings, rays = makeRays(s);
  const state = {
    s, rays, done: 0, rng: makeRng(seed, NETWORK),
    train: sample(s, rays, seed, TRAIN), test: sample(s, rays, seed, TEST),
    W: new Float64Array(s.m1 * s.d), V: new Float64Array(s.m2 * 2),
    GW: new Float64Array(s.m1 * s.d), GV: new Float64Array(s.m2 * 2),
  };
  const [w, v] = normals(state);
  addPaired(state.W, w, s.tau0);
  addPaired(state.V, v, s.tau0);
  return state;
}

const signOf = (j, m) => (j < m / 2 ? 1 : -1) / Math.sqrt(m);

// sum_c A[a + c] B[b + c]; four sums that do not wait for one another are faster than one.
function dot(A, a, B, b, size) {
  let p = 0, q = 0, r = 0, t = 0, c = 0;
  for (; c + 3 < size; c += 4) {
    p += A[a + c] * B[b + c];
    q += A[a + c + 1] * B[b + c + 1];
    r += A[a + c + 2] * B[b + c + 2];
    t += A[a + c + 3] * B[b + c + 3];
  }
  for (; c < size; c++) p += A[a + c] * B[b + c];
  return p + q + (r + t);
}

// <W_j, x1> of every neuron for example i, into z; returns the x1 half of f.
function firstHalf(state, data, i, z) {
  const { s, W } = state, { x1 } = data;
  if (data.kind[i] === 2) {
    z.fill(0);
    return 0;
  }
  let f = 0;
  for (let j = 0; j < s.m1; j++) {
    z[j] = dot(W, j * s.d, x1, i * s.d, s.d);
    if (z[j] > 0) f += signOf(j, s.m1) * z[j];
  }
  return f;
}

// The x2 half of f on every ray, for alpha = 1.
function onRays(state) {
  const { s, V } = state;
  return state.rays.vectors.map(([z, zeta]) => {
    let f = 0;
    for (let j = 0; j < s.m2; j++) {
      const sum = V[2 * j] * z + V[2 * j + 1] * zeta;
      if (sum > 0) f += signOf(j, s.m2) * sum;
    }
    return f;
  });
}

// G <- momentum G + grad L, for both layers.
function addGradient(state) {
  const { s, train, rays, GW, GV, V } = state, rayOutput = onRays(state);
  const rayPull = new Float64Array(s.rays), z = new Float64Array(s.m1);
  for (let i = 0; i < GW.length; i++) GW[i] *= s.momentum;
  for (let i = 0; i < GV.length; i++) GV[i] *= s.momentum;
  for (let i = 0; i < train.n; i++) {
    const y = train.y[i], f = firstHalf(state, train, i, z) + train.alpha[i] * rayOutput[train.ray[i]];
    const pull = -y / (1 + Math.exp(y * f)) / train.n; // dL/df
    rayPull[train.ray[i]] += pull * train.alpha[i];
    for (let j = 0; j < s.m1; j++) {
      if (z[j] <= 0) continue;
      const weight = signOf(j, s.m1) * pull;
      for (let c = 0, a = j * s.d, b = i * s.d; c < s.d; c++) GW[a + c] += weight * train.x1[b + c];
    }
  }
  rays.vectors.forEach(([z, zeta], k) => {
    for (let j = 0; j < s.m2; j++) {
      if (V[2 * j] * z + V[2 * j + 1] * zeta <= 0) continue;
      const weight = signOf(j, s.m2) * rayPull[k];
      GV[2 * j] += weight * z;
      GV[2 * j + 1] += weight * zeta;
    }
  });
}

// One step at the rate eta, in place: U <- (1 - eta lam) U - eta ((1 - momentum) G + xi).
export function step(state, eta) {
  const { s } = state;
  addGradient(state);
  for (const [U, G] of [[state.W, state.GW], [state.V, state.GV]]) {
    for (let i = 0; i < U.length; i++) U[i] = (1 - eta * s.lam) * U[i] - eta * (1 - s.momentum) * G[i];
  }
  if (s.noise) {
    const [w, v] = normals(state);
    addPaired(state.W, w, -eta * s.noise_std);
    addPaired(state.V, v, -eta * s.noise_std);
  }
  state.done += 1;
  return state;
}

const mean = (values) => values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
const error = (margin) => (Math.abs(margin) < TIE ? 0.5 : margin < 0 ? 1 : 0);

// Losses in nats and errors in percent, under the names of toy.py's measure; null for an empty kind.
export function measure(state) {
  const { s, train, test, rays } = state, rayOutput = onRays(state), z = new Float64Array(s.m1);
  const losses = KINDS.map(() => []), wrong = KINDS.map(() => []);
  for (let i = 0; i < train.n; i++) {
    const f = firstHalf(state, train, i, z) + train.alpha[i] * rayOutput[train.ray[i]];
    const margin = train.y[i] * f;
    losses[train.kind[i]].push(Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin))));
  }
  for (let i = 0; i < test.n; i++) wrong[test.kind[i]].push(100 * error(test.y[i] * firstHalf(state, test, i, z)));
  const found = { step: state.done };
  KINDS.forEach((name, k) => (found[`train_${name}_loss`] = mean(losses[k])));
  found.test_p_only_error = mean(wrong[1]);
  found.test_q_only_error = 100 * rayOutput.reduce(
    (sum, f, k) => sum + rays.shares[k] * error(rays.labels[k] * f), 0);
  found.test_p_error = mean([...wrong[0], ...wrong[1]]);
  return found;
}
