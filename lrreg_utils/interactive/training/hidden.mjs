// The network with one hidden layer and its training, as lrreg_utils/training does it: 256 pixels, 128 units with
// batch norm and ReLU, 10 classes; Nesterov SGD with weight decay on everything, in float32.
import {
  AREA, CLASSES, PATCH, PATCH_AREA, SIZE, TESTED, TRAINED, aloneAmplitude, makeImages, writePatch,
} from "./examples.mjs";
import { makeKernels } from "./kernels.mjs";

export const UNITS = 128, BATCH = 16;
const OUTPUTS = 16; // columns of the readout: the classes, and columns that stay 0, for the kernels
const MOMENTUM = 0.9, DECAY = 5e-4, EPSILON = 1e-5, RUNNING = 0.1;
const FLOAT = 4; // bytes
// Where the parts of a network stand among its weights, in floats
const HIDDEN = 0, READOUT = HIDDEN + AREA * UNITS, BIAS = READOUT + UNITS * OUTPUTS;
const SCALE = BIAS + OUTPUTS, SHIFT = SCALE + UNITS, WEIGHTS = SHIFT + UNITS;
export const PLACES = { HIDDEN, READOUT, BIAS, SCALE, SHIFT, OUTPUTS };

// The network before its first step: weights, their momentum, and batch norm's running mean and variance.
export function initial(draws) {
  const drawn = draws.weights(AREA * UNITS + UNITS * CLASSES + CLASSES);
  const weights = new Float32Array(WEIGHTS), readout = AREA * UNITS, bias = readout + UNITS * CLASSES;
  for (let i = 0; i < readout; i++) weights[i] = drawn[i] / Math.sqrt(AREA);
  for (let c = 0; c < CLASSES; c++) {
    for (let u = 0; u < UNITS; u++) {
      weights[READOUT + u * OUTPUTS + c] = drawn[readout + u * CLASSES + c] / Math.sqrt(UNITS);
    }
    weights[BIAS + c] = drawn[bias + c] / Math.sqrt(UNITS);
  }
  weights.fill(1, SCALE, SHIFT);
  const statistics = new Float32Array(2 * UNITS).fill(1, UNITS);
  return { weights, velocity: new Float32Array(WEIGHTS), statistics };
}

// Networks on the examples of some draws. inert: the patches say nothing about the class.
// epoch(state, number, rate, afterStep) gives the state after an epoch, and leaves the one before as it was.
// measure(state) gives for each test digit 1 where its class is recognized by the image without a patch, plus 2 where by
// a patch alone.
export function makeTrainer(draws, inert = false, compiled = undefined) {
  const { labels, pixels } = makeImages(draws);
  const patch = inert ? { z: draws.z, pattern: draws.pattern.map(() => 0) } : draws;
  const parts = {}; // place of each part of the memory, in floats
  let used = 0;
  const reserve = (name, count) => {
    parts[name] = used;
    used += (count + 3) & ~3;
  };
  for (const [name, count] of Object.entries({
    weights: WEIGHTS, gradient: WEIGHTS, velocity: WEIGHTS, batch: BATCH * AREA, normal: BATCH * UNITS,
    active: TESTED * UNITS, logits: TESTED * OUTPUTS, pull: BATCH * UNITS, turned: UNITS * OUTPUTS,
    corner: PATCH_AREA * UNITS, images: TESTED * AREA, patches: TESTED * PATCH_AREA,
  })) reserve(name, count);
  const { buffer, product, sgd } = makeKernels(used * FLOAT, compiled), all = new Float32Array(buffer);
  const at = (name, floats = 0) => (parts[name] + floats) * FLOAT; // in bytes, for the kernels
  const statistics = new Float32Array(2 * UNITS);
  const sums = [0, 1, 2].map(() => new Float64Array(UNITS));

  all.set(pixels.subarray(TRAINED * AREA), parts.images);
  for (let row = 0; row < TESTED; row++) {
    const amplitude = aloneAmplitude(draws.probe.sign[row], draws.probe.scale[row]);
    writePatch(all, parts.patches + row * PATCH_AREA, PATCH, patch, labels[TRAINED + row], amplitude);
  }

  function load(state) {
    all.set(state.weights, parts.weights);
    all.set(state.velocity, parts.velocity);
    statistics.set(state.statistics);
  }

  // The examples of a step, with the patches of this epoch.
  function fillBatch({ order, alone, sign, scale }, start) {
    for (let row = 0; row < BATCH; row++) {
      const example = order[start + row], to = parts.batch + row * AREA, hidden = draws.patched[example] && alone[example];
      if (hidden) all.fill(0, to, to + AREA);
      else all.set(pixels.subarray(example * AREA, (example + 1) * AREA), to);
      if (!draws.patched[example]) continue;
      const s = sign[start + row], amplitude = hidden ? aloneAmplitude(s, scale[start + row]) : s;
      writePatch(all, to, SIZE, patch, labels[example], amplitude);
    }
  }

  // Batch norm and ReLU of a batch, in place of what drives the units; `normal` keeps the normalized values.
  function activate() {
    const [mean, squares, inverse] = sums, { active, normal, weights } = parts, size = BATCH * UNITS;
    mean.fill(0);
    squares.fill(0);
    for (let i = 0; i < size; i++) mean[i % UNITS] += all[active + i] / BATCH;
    for (let i = 0; i < size; i++) squares[i % UNITS] += (all[active + i] - mean[i % UNITS]) ** 2;
    for (let u = 0; u < UNITS; u++) {
      inverse[u] = 1 / Math.sqrt(squares[u] / BATCH + EPSILON);
      statistics[u] += RUNNING * (mean[u] - statistics[u]);
      statistics[UNITS + u] += RUNNING * (squares[u] / (BATCH - 1) - statistics[UNITS + u]);
    }
    for (let i = 0; i < size; i++) {
      const u = i % UNITS, value = Math.fround((all[active + i] - mean[u]) * inverse[u]);
      all[normal + i] = value;
      all[active + i] = Math.max(0, Math.fround(all[weights + SCALE + u] * value + all[weights + SHIFT + u]));
    }
    return inverse;
  }

  // Puts the gradient of the mean cross entropy in the place of the logits.
  function pullOnLogits({ order }, start) {
    for (let row = 0; row < BATCH; row++) {
      const to = parts.logits + row * OUTPUTS, values = [];
      for (let c = 0; c < CLASSES; c++) values.push(all[to + c] + all[parts.weights + BIAS + c]);
      const top = Math.max(...values);
      const odds = values.map((value) => Math.exp(value - top)), total = odds.reduce((sum, odd) => sum + odd, 0);
      for (let c = 0; c < CLASSES; c++) {
        all[to + c] = (odds[c] / total - (labels[order[start + row]] === c ? 1 : 0)) / BATCH;
      }
      all.fill(0, to + CLASSES, to + OUTPUTS);
    }
  }

  // Takes what pulls on the units' outputs back through ReLU and batch norm, in place.
  function throughNorm(inverse) {
    const { active, normal, pull, weights, gradient } = parts, size = BATCH * UNITS, [scales, shifts] = sums;
    scales.fill(0);
    shifts.fill(0);
    for (let i = 0; i < size; i++) {
      if (all[active + i] === 0) all[pull + i] = 0;
      shifts[i % UNITS] += all[pull + i];
      scales[i % UNITS] += all[pull + i] * all[normal + i];
    }
    all.set(scales, gradient + SCALE);
    all.set(shifts, gradient + SHIFT);
    for (let i = 0; i < size; i++) {
      const u = i % UNITS, centred = all[pull + i] - (shifts[u] + all[normal + i] * scales[u]) / BATCH;
      all[pull + i] = all[weights + SCALE + u] * inverse[u] * centred;
    }
  }

  function step(epoch, start, rate) {
    const { weights, gradient, logits, turned } = parts;
    fillBatch(epoch, start);
    product(BATCH, UNITS, AREA, at("batch"), AREA * FLOAT, FLOAT, at("weights", HIDDEN), UNITS * FLOAT,
      at("active"), UNITS * FLOAT);
    const inverse = activate();
    product(BATCH, OUTPUTS, UNITS, at("active"), UNITS * FLOAT, FLOAT, at("weights", READOUT), OUTPUTS * FLOAT,
      at("logits"), OUTPUTS * FLOAT);
    pullOnLogits(epoch, start);
    all.fill(0, gradient + BIAS, gradient + SCALE);
    for (let i = 0; i < BATCH * OUTPUTS; i++) all[gradient + BIAS + (i % OUTPUTS)] += all[logits + i];
    product(UNITS, OUTPUTS, BATCH, at("active"), FLOAT, UNITS * FLOAT, at("logits"), OUTPUTS * FLOAT,
      at("gradient", READOUT), OUTPUTS * FLOAT);
    for (let u = 0; u < UNITS; u++) {
      for (let c = 0; c < OUTPUTS; c++) all[turned + c * UNITS + u] = all[weights + READOUT + u * OUTPUTS + c];
    }
    product(BATCH, UNITS, OUTPUTS, at("logits"), OUTPUTS * FLOAT, FLOAT, at("turned"), UNITS * FLOAT,
      at("pull"), UNITS * FLOAT);
    throughNorm(inverse);
    product(AREA, UNITS, BATCH, at("batch"), FLOAT, AREA * FLOAT, at("pull"), UNITS * FLOAT,
      at("gradient", HIDDEN), UNITS * FLOAT);
    sgd(WEIGHTS, at("weights"), at("gradient"), at("velocity"), rate, MOMENTUM, DECAY);
  }

  function epoch(state, number, rate, afterStep = () => {}) {
    load(state);
    const drawn = draws.epoch(number);
    const kept = (name) => all.slice(parts[name], parts[name] + WEIGHTS);
    for (let start = 0; start < TRAINED; start += BATCH) {
      step(drawn, start, rate);
      afterStep(all.subarray(parts.weights, parts.weights + WEIGHTS));
    }
    return { weights: kept("weights"), velocity: kept("velocity"), statistics: statistics.slice() };
  }

  // The class of each test input, with batch norm's running statistics.
  function classes(inputs, depth, weights) {
    const [factor, shift] = sums;
    product(TESTED, UNITS, depth, inputs, depth * FLOAT, FLOAT, weights, UNITS * FLOAT, at("active"), UNITS * FLOAT);
    for (let u = 0; u < UNITS; u++) {
      factor[u] = all[parts.weights + SCALE + u] / Math.sqrt(statistics[UNITS + u] + EPSILON);
      shift[u] = all[parts.weights + SHIFT + u] - statistics[u] * factor[u];
    }
    for (let i = 0; i < TESTED * UNITS; i++) {
      all[parts.active + i] = Math.max(0, all[parts.active + i] * factor[i % UNITS] + shift[i % UNITS]);
    }
    product(TESTED, OUTPUTS, UNITS, at("active"), UNITS * FLOAT, FLOAT, at("weights", READOUT), OUTPUTS * FLOAT,
      at("logits"), OUTPUTS * FLOAT);
    return Uint8Array.from({ length: TESTED }, (_, row) => {
      let best = 0, highest = -Infinity;
      for (let c = 0; c < CLASSES; c++) {
        const value = all[parts.logits + row * OUTPUTS + c] + all[parts.weights + BIAS + c];
        if (value > highest) [best, highest] = [c, value];
      }
      return best;
    });
  }

  function measure(state) {
    load(state);
    const byImage = classes(at("images"), AREA, at("weights", HIDDEN));
    for (let p = 0; p < PATCH_AREA; p++) { // the weights of the pixels under the patch
      const from = parts.weights + HIDDEN + (Math.floor(p / PATCH) * SIZE + (p % PATCH)) * UNITS;
      all.copyWithin(parts.corner + p * UNITS, from, from + UNITS);
    }
    const byPatch = classes(at("patches"), PATCH_AREA, at("corner"));
    return byImage.map((found, row) => {
      const label = labels[TRAINED + row];
      return (found === label ? 1 : 0) + (byPatch[row] === label ? 2 : 0);
    });
  }

  return { epoch, measure };
}

// Percent of the test digits that are recognized by the image (1) or by the patch (2).
export const percent = (known, by) => (100 * known.filter((each) => each & by).length) / known.length;
