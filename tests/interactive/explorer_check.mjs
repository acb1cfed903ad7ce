// Prints, as JSON, what the explorer shows for every position of its sliders. Arguments: the module as one text, a
// model's JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const figure = await import(pathToFileURL(process.argv[2]));
const model = JSON.parse(readFileSync(process.argv[3], "utf8")), { networks, strengths, settings } = model;
const shown = [];
for (const [name, network] of Object.entries(networks)) {
  const { rates, anneals } = figure.positionsOf(settings, name);
  for (const strength of strengths) {
    const lowest = figure.nearest(settings, { network: name, strength, rate: network.lower, anneal: 1 }, network).setting;
    for (const rate of rates) {
      for (const anneal of anneals) {
        const asked = { network: name, strength, rate, anneal }, near = figure.nearest(settings, asked, network);
        shown.push({ asked, place: settings.indexOf(near.setting), exact: near.exact,
          words: figure.verdict(near, asked, lowest, network) });
      }
    }
  }
}
const { controls, start } = figure.controlsOf(model), asked = figure.askedOf(start), network = networks[asked.network];
const near = figure.nearest(settings, asked, network), low = figure.nearest(settings, { ...asked, anneal: 1 }, network);
const far = { ...asked, rate: 0.1, anneal: 27 };
console.log(JSON.stringify({
  shown, start, controls: controls.map(({ name }) => name), asked,
  curves: figure.curves(near.setting, low.setting, network, 390, "words"),
  map: figure.map(settings, asked, network, 300), marks: figure.marks(settings, asked, near, 300),
  farMarks: figure.marks(settings, far, figure.nearest(settings, far, network), 300),
  when: [[3, 3], [4, 9, 5], [null, 7, 9], [null, null]].map(figure.whenOf),
}));
