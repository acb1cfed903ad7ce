// Prints, as JSON, for each seed accuracy, recognized patches and what is known by both, of both rates before the
// anneal and at the end, for draws of its own. Arguments: the folder of the modules, how many seeds.
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const [{ drawnBy }, { initial, makeTrainer, percent }, { EPOCHS, RATES }] = await Promise.all(
  ["examples", "hidden", "race"].map((name) => import(new URL(`${name}.mjs`, folder))));
const ANNEAL = 10, found = { large: [], small: [] };
for (let seed = 0; seed < Number(process.argv[3]); seed++) {
  const draws = drawnBy(seed), trainer = makeTrainer(draws);
  for (const name in found) {
    const marks = [];
    let state = initial(draws);
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      state = trainer.epoch(state, epoch, name === "large" && epoch < ANNEAL ? RATES.large : RATES.small);
      if (epoch !== ANNEAL - 1 && epoch !== EPOCHS) continue;
      const known = trainer.measure(state);
      marks.push(percent(known, 1), percent(known, 2), 100 * known.filter((each) => each === 3).length / known.length);
    }
    found[name].push(marks);
  }
}
console.log(JSON.stringify(found));
