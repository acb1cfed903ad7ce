// Prints, as JSON, what hidden.mjs makes of the draws in a JSON file. Arguments: the folder of the modules, the file.
// The largest difference to the weights after each step, the bytes of the digits, the kernels of both kinds compared,
// and what is recognized after two epochs.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const [hidden, examples, { makeKernels }] = await Promise.all(
  ["hidden", "examples", "kernels"].map((name) => import(new URL(`${name}.mjs`, folder))));
const given = JSON.parse(readFileSync(process.argv[3], "utf8"));
const { HIDDEN, READOUT, BIAS, SCALE, SHIFT, OUTPUTS } = hidden.PLACES;

// The weights in the order of the Python package: hidden, readout, bias, scale, shift.
function inOrder(weights) {
  const classes = Array.from({ length: 10 }, (_, c) => c), units = Array.from({ length: hidden.UNITS }, (_, u) => u);
  return [
    ...weights.subarray(HIDDEN, READOUT),
    ...units.flatMap((u) => classes.map((c) => weights[READOUT + u * OUTPUTS + c])),
    ...weights.subarray(BIAS, BIAS + classes.length), ...weights.subarray(SCALE, SHIFT + hidden.UNITS),
  ];
}

const draws = { ...given, weights: () => given.weights, epoch: (number) => given.epochs[number - 1] };
const trainer = hidden.makeTrainer(draws), differences = [], accuracy = [];
let state = hidden.initial(draws);
for (const number of [1, 2]) {
  state = trainer.epoch(state, number, given.rate, (weights) => {
    const right = given.after[differences.length];
    if (right) differences.push(Math.max(...inOrder(weights).map((weight, i) => Math.abs(weight - right[i]))));
  });
  accuracy.push(hidden.percent(trainer.measure(state), 1));
}
const { labels, pixels } = examples.makeImages(draws);

// The same products and the same step by WebAssembly and by plain JavaScript
const [fast, plain] = [undefined, "!"].map((compiled) => {
  const { buffer, product, sgd } = makeKernels(8192, compiled), all = new Float32Array(buffer);
  for (let i = 0; i < 1024; i++) all[i] = Math.sin(i * i);
  product(8, 16, 12, 0, 48, 4, 1024, 64, 4096, 64);
  product(12, 8, 8, 0, 4, 48, 1024, 32, 5120, 32);
  sgd(64, 0, 512, 1024, 0.3, 0.9, 0.1);
  return [...all.subarray(0, 2048)];
});
console.log(JSON.stringify({
  differences, accuracy, labels: [...labels], pixels: [...pixels.subarray(0, 4096)], kernels: [fast, plain],
  sum: pixels.reduce((sum, value) => sum + value, 0), wasm: makeKernels(8).product.toString().includes("native"),
}));
