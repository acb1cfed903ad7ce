// Prints, as JSON, the columns that toy.mjs finds for the reference schedule of a toy-reference.json,
// the milliseconds a step took, and the first numbers of a stream. Arguments: the two files.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const toy = pathToFileURL(process.argv[2]);
const { init, step, measure } = await import(toy), { makeRng } = await import(new URL("rng.mjs", toy));
const { settings, reference } = JSON.parse(readFileSync(process.argv[3], "utf8")).result;
const state = init(settings, reference.seed);
const rows = [measure(state)];
let milliseconds = 0;
for (const [eta, steps] of reference.schedule) {
  for (let done = 1; done <= steps; done++) {
    const before = performance.now();
    step(state, eta);
    milliseconds += performance.now() - before;
    if (state.done % reference.every === 0 || done === steps) rows.push(measure(state));
  }
}
const columns = Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]));
const drawn = makeRng(4294967295, 2);
const [uniform, normal] = [drawn.uniform(5), drawn.normal(7)].map((numbers) => [...numbers]);
console.log(JSON.stringify({ columns, uniform, normal, milliseconds: milliseconds / state.done }));
