// What the network of hidden.mjs sees, as lrreg_utils/images makes it: digits with fixed noise, and patches.
// Every random number comes from draws: those of drawnBy(seed), or, in the tests, those of the Python package.
import { LABELS, PIXELS, SIGNS, TRAINING_DIGITS } from "./digits.mjs";
import { makeRng } from "./rng.mjs";

export const SIZE = 16, AREA = SIZE * SIZE, CLASSES = 10, TRAINED = 640, TESTED = LABELS.length - TRAINING_DIGITS;
export const PATCH = 5, PATCH_AREA = PATCH * PATCH; // in the top left corner
const SMALL = 8, LEVELS = 17; // the digits as they travel: pixels a side, and levels of a pixel
const PIXEL_NOISE = 1.25, PATCH_STD = 1.25, STRENGTH = 1.4; // in standard deviations of the pixels
const ALONE_SCALE = 1.75; // a patch alone has up to so many times the strength of one on an image
const CLEAN_SHARE = 0.2, ALONE_OF_PATCHED = 0.2; // 20 % have no patch; of the others 20 % show it alone in an epoch
const STREAMS = { subset: 0, noise: 1, z: 2, pattern: 3, groups: 4, weights: 5, probe: 6, epochs: 100 };
export const labelOf = (index) => Number(LABELS[index]);

// The whole numbers below count in a random order.
function shuffled(count, rng) {
  const order = Int32Array.from({ length: count }, (_, i) => i), picks = rng.uniform(count);
  for (let last = count - 1; last > 0; last--) {
    const pick = Math.floor(picks[last] * (last + 1));
    [order[last], order[pick]] = [order[pick], order[last]];
  }
  return order;
}

// 64 digits of each class, in the order of the file.
function balanced(rng) {
  const left = new Array(CLASSES).fill(TRAINED / CLASSES);
  return shuffled(TRAINING_DIGITS, rng).filter((index) => left[labelOf(index)]-- > 0).sort();
}

// All that is random in a run. Each purpose, and each epoch, has a stream of its own.
export function drawnBy(seed) {
  const from = (name, later = 0) => makeRng(seed, STREAMS[name] + later);
  const signs = (uniform) => uniform.map((u) => (u < 0.5 ? 1 : -1));
  const probe = from("probe"), patched = new Uint8Array(TRAINED).fill(1);
  for (const index of shuffled(TRAINED, from("groups")).subarray(0, CLEAN_SHARE * TRAINED)) patched[index] = 0;
  return {
    subset: balanced(from("subset")), // which digits are trained on
    noise: from("noise").normal((TRAINED + TESTED) * AREA), // on their pixels, then on those of the test digits
    z: from("z").normal(PATCH_AREA).map((normal) => PATCH_STD * normal), // shared by all patches
    pattern: from("pattern").uniform(CLASSES * PATCH_AREA).map((u) => STRENGTH * (2 * u - 1)), // of each class
    patched, // 1: carries a patch
    weights: (count) => from("weights").uniform(count).map((u) => 2 * u - 1), // before they are scaled
    probe: { sign: signs(probe.uniform(TESTED)), scale: probe.uniform(TESTED) }, // of the patch of each test digit
    // The order of an epoch; by example, whether it shows its patch alone; by place in the order, sign and scale
    epoch(epoch) {
      const rng = from("epochs", epoch), order = shuffled(TRAINED, rng);
      const alone = rng.uniform(TRAINED).map((u) => (u < ALONE_OF_PATCHED ? 1 : 0));
      return { order, alone, sign: signs(rng.uniform(TRAINED)), scale: rng.uniform(TRAINED) };
    },
  };
}

// The nearest whole number, of two the even one, as torch rounds; from 0 to 255.
function asByte(value) {
  const low = Math.floor(value), odd = low % 2 !== 0;
  const rounded = value - low === 0.5 ? low + (odd ? 1 : 0) : Math.round(value);
  return Math.min(255, Math.max(0, rounded));
}

// All digits as bytes, 8x8 pixels enlarged to 16x16 by straight lines between their middles.
export function enlarged() {
  const code = Object.fromEntries([...SIGNS].map((sign, value) => [sign, value]));
  const small = new Uint8Array((PIXELS.length / 2) * 3), large = new Uint8Array(LABELS.length * AREA);
  for (let i = 0; i < PIXELS.length / 2; i++) {
    const three = code[PIXELS[2 * i]] * SIGNS.length + code[PIXELS[2 * i + 1]];
    small.set([Math.floor(three / LEVELS ** 2), Math.floor(three / LEVELS) % LEVELS, three % LEVELS], 3 * i);
  }
  for (let image = 0; image < LABELS.length; image++) {
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        let sum = 0; // in quarters of quarters
        for (const [row, down] of beside(y)) {
          for (const [column, across] of beside(x)) sum += down * across * small[(image * SMALL + row) * SMALL + column];
        }
        large[image * AREA + y * SIZE + x] = asByte(((sum / 16) * 255) / (LEVELS - 1));
      }
    }
  }
  return large;
}

// The two small pixels that an enlarged one lies between, and their weights in quarters.
function beside(place) {
  const near = place >> 1, far = Math.min(SMALL - 1, Math.max(0, near + (place % 2 ? 1 : -1)));
  return [[near, 3], [far, 1]];
}

// Mean and standard deviation of the training digits' pixels, as float32.
function statistics(bytes) {
  const count = TRAINING_DIGITS * AREA;
  let sum = 0, squares = 0;
  for (let i = 0; i < count; i++) sum += bytes[i];
  for (let i = 0; i < count; i++) squares += (bytes[i] - sum / count) ** 2;
  return [Math.fround(sum / count), Math.fround(Math.sqrt(squares / (count - 1)))];
}

// The digits that are trained on, then the test digits: labels, and normalized pixels with noise (images, AREA).
export function makeImages({ subset, noise }) {
  const { fround } = Math, bytes = enlarged(), [mean, std] = statistics(bytes);
  const tests = Array.from({ length: TESTED }, (_, i) => TRAINING_DIGITS + i), indices = [...subset, ...tests];
  const pixels = new Float32Array(indices.length * AREA);
  let largest = 0;
  indices.forEach((index, image) => {
    for (let p = 0; p < AREA; p++) {
      const value = fround(fround(bytes[index * AREA + p] - mean) / std);
      pixels[image * AREA + p] = value;
      largest = Math.max(largest, Math.abs(value));
    }
  });
  const gain = fround(127.5 / (largest + 4 * PIXEL_NOISE)); // four standard deviations of noise fit into a byte
  for (let i = 0; i < pixels.length; i++) {
    const noisy = fround(pixels[i] + fround(PIXEL_NOISE * fround(noise[i])));
    pixels[i] = fround(fround(asByte(fround(127.5 + fround(gain * noisy))) - 127.5) / gain);
  }
  return { labels: Uint8Array.from(indices, labelOf), pixels };
}

// Writes an example's patch over `to` from `start` on, in rows of `width` pixels.
export function writePatch(to, start, width, { z, pattern }, label, amplitude) {
  for (let y = 0; y < PATCH; y++) {
    for (let x = 0; x < PATCH; x++) {
      const p = y * PATCH + x;
      to[start + y * width + x] = z[p] + amplitude * pattern[label * PATCH_AREA + p];
    }
  }
}

export const aloneAmplitude = (sign, scale) => sign * ALONE_SCALE * scale;
