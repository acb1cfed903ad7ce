// Prints, as JSON, what the words and the server of the home page's figure say. Arguments: the figure's module as one
// text, and race.mjs and dots.mjs as one each.
import { pathToFileURL } from "node:url";

const [figure, race, dots] = await Promise.all(process.argv.slice(2).map((path) => import(pathToFileURL(path))));
const curve = (before, end, anneal = 10) => Array.from({ length: 90 }, (_, i) => (i < anneal - 1 ? before : end));
const told = (large, small, change = {}) => figure.verdict({ large, small }, { anneal: 10, inert: false, ...change });
const verdicts = {
  wins: told(curve(70, 76.4), curve(79, 58.9)), level: told(curve(70, 77), curve(70.2, 76.8), { inert: true }),
  never: told(curve(70, 59), curve(79, 60), { anneal: 91 }), loses: told(curve(80, 60), curve(79, 61)),
};

// A pair of runs whose anneal is moved while they run, and what the server posts of it
const posts = [], waiting = [];
const serve = race.makeServer((post) => posts.push(post), (work) => waiting.push(work));
const work = (times) => {
  for (let i = 0; i < times; i++) waiting.shift()?.();
};
const choice = { seed: 3, inert: false, anneal: 3, running: true };
serve(choice);
work(8); // four epochs of each rate
const first = posts.slice();
serve({ ...choice, anneal: 4 });
work(6);
serve({ ...choice, anneal: 3 });
const moved = posts.slice(first.length), sizes = (list) => list.map(({ from, rows }) =>
  [from.large, rows.large.length, from.small, rows.small.length]);
const accuracy = (list) => list.flatMap(({ rows }) => rows.large.map((row) => row.accuracy));
const back = posts.at(-1).rows.large.map((row) => row.accuracy);
serve({ ...choice, running: false });
const left = posts.length;
work(5);
console.log(JSON.stringify({
  verdicts,
  known: [0, 1, 2, 3].map((state) => dots.rowOf(90, 95).known.filter((each) => each === state).length),
  sizes: sizes(first), moved: sizes(moved), accuracy: accuracy(first), back, paused: posts.length - left,
}));
