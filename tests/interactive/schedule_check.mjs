// Prints, as JSON, what the pure parts of the interactive figure find. Arguments: a module of one text, a model's JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const figure = await import(pathToFileURL(process.argv[2]));
const { settings, choice } = JSON.parse(readFileSync(process.argv[3], "utf8"));
const rows = {};
for (const name of ["L-S", "S"]) {
  const steps = figure.training(figure.settingsOf(settings, choice), choice.seed, figure.phasesOf(name, choice), choice.every);
  rows[name] = [...steps].filter(Boolean);
}
const row = (step, p, q) => ({ step, train_both_loss: 0.1, test_p_error: p, test_q_only_error: q });
const crossing = { "L-S": [row(0, 50, 50), row(25, 9, 50), row(50, 4, 40), row(75, 2, 1)],
  S: [row(0, 50, 50), row(25, 5, 0), row(50, 5, 0), row(75, 6, 0)] };
const told = (found, change = {}) => figure.verdict(found, { steps: 75, with_q: true, ...change });
const swap = { "L-S": crossing.S, S: crossing["L-S"] };
const broken = { ...crossing, S: [...crossing.S.slice(0, 3), { ...row(75, 1, 1), train_both_loss: NaN }] };
const known = [{ data: "a", phases: [[70, 50], [6, 50]], rows: crossing["L-S"] },
  { data: "b", phases: [[6, 100]], rows: crossing.S }];
const rowsOf = (data, phases) => figure.knownRows(known, { data, phases }).map((each) => each.step);
const svg = figure.chart(crossing, { steps: 75, anneal: 50 }, 390, "words");
console.log(JSON.stringify({
  render: typeof figure.default.render, controls: figure.CONTROLS.map(({ name }) => name), rows,
  phases: [[600, "L-S"], [0, "L-S"], [1200, "L-S"], [600, "S"]].map(([anneal, name]) =>
    figure.phasesOf(name, { anneal, large: 70, small: 6, steps: 1200 })),
  verdicts: { wins: told(crossing), loses: told(swap), equal: told({ "L-S": crossing.S, S: crossing.S }),
    noQ: told(crossing, { with_q: false }), broken: told(broken) },
  plans: [{}, { noise: false, with_q: false }].map((change) => figure.plan({ ...choice, ...change })),
  known: [rowsOf("a", [[70, 25], [6, 75]]), rowsOf("a", [[70, 50], [6, 50]]), rowsOf("a", [[70, 100]]),
    rowsOf("a", [[60, 50], [6, 50]]), rowsOf("b", [[6, 25]]), rowsOf("c", [[6, 25]])],
  top: figure.topOf(crossing, "test_p_error"), svg,
}));
