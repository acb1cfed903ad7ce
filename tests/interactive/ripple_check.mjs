// Prints, as JSON, what the figure of the rippled bowl trains, measures and says. Arguments: the module as one text, a
// model's JSON with "courses": lists of [choice, steps], and "told": choices with what was measured of them.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const figure = await import(pathToFileURL(process.argv[2]));
const { training, courses, settled, told, rates } = JSON.parse(readFileSync(process.argv[3], "utf8"));

function trained(course, settings) {
  const state = figure.begin(settings);
  for (const [choice, steps] of course) for (let i = 0; i < steps; i++) figure.advance(state, choice);
  return state;
}
const small = trained(courses[0], { ...training, copies: 40 });
console.log(JSON.stringify({
  courses: courses.map((course) => Array.from(trained(course, { ...training, copies: 51 }).theta)),
  settled: settled.map((choice) => [figure.measured(trained([[choice, figure.stepsToSettle(choice.rate)]], training)),
    figure.expected(choice), figure.stepsToSettle(choice.rate)]),
  told: told.map(([choice, found]) => figure.verdict(choice, found, { copies: 1000, steps: 1200 })),
  histogram: Array.from(figure.histogram([-0.5, -0.4999, 0, 0.49, 0.5, 7])), felt: figure.feltBy(small.theta, 20),
  theta: Array.from(small.theta), controls: figure.controlsOf(rates),
  picture: figure.picture(small.theta, settled[0], { large: true, width: 390, label: "words" }),
}));
