// Trains the large and the small rate of the home page's figure side by side, epoch by epoch, for the choices that a
// reader makes. What has been trained once is kept: another anneal needs only the epochs that come after it.
import { drawnBy } from "./examples.mjs";
import { initial, makeTrainer, percent } from "./hidden.mjs";

export const RATES = { large: 0.3, small: 0.016 }, EPOCHS = 90;

// A run that goes on when it is asked to; it starts from the state after epoch `done`.
// before: the state before each of its epochs and the next one, where keep says so; or else the next one alone.
function makeRun(trainer, start, done, rate, keep = false) {
  const before = [start], rows = [];
  return {
    rows, before,
    next() {
      const state = trainer.epoch(before.at(-1), done + rows.length + 1, rate), known = trainer.measure(state);
      if (!keep) before.pop();
      before.push(state);
      rows.push({ known, accuracy: percent(known, 1), patch: percent(known, 2) });
    },
  };
}

// Both rates for one seed, with patches that tell the class or, inert, that do not.
export function makePair(seed, inert) {
  const draws = drawnBy(seed), trainer = makeTrainer(draws, inert), start = initial(draws), branches = new Map();
  const small = makeRun(trainer, start, 0, RATES.small), trunk = makeRun(trainer, start, 0, RATES.large, true);

  // A row for each epoch so far. The large rate is lowered at the beginning of epoch `anneal`; beyond the last: never.
  function rows(anneal) {
    return { large: [...trunk.rows.slice(0, anneal - 1), ...(branches.get(anneal)?.rows ?? [])], small: small.rows };
  }

  function trainLarge(anneal) {
    if (trunk.rows.length < anneal - 1) return trunk.next();
    if (!branches.has(anneal)) {
      branches.set(anneal, makeRun(trainer, trunk.before[anneal - 1], anneal - 1, RATES.small));
    }
    branches.get(anneal).next();
  }

  // Trains the next epoch of the rate that is behind, if one is left.
  function advance(anneal) {
    const { large } = rows(anneal);
    if (large.length < EPOCHS && large.length <= small.rows.length) trainLarge(anneal);
    else if (small.rows.length < EPOCHS) small.next();
    else if (large.length < EPOCHS) trainLarge(anneal);
  }

  const finished = (anneal) => Object.values(rows(anneal)).every((each) => each.length === EPOCHS);
  return { rows, advance, finished };
}

// A function that takes a choice { seed, inert, anneal, running }, and posts after every epoch
// { choice, from, rows, finished }: rows of the large and of the small rate, from a place on that it had not posted.
// later(work) calls work soon, after what else is waiting.
export function makeServer(post, later) {
  let choice = {}, pair = null, posted = {}, working = false;
  const differs = (next, names) => names.some((name) => next[name] !== choice[name]);

  function answer() {
    const rows = pair.rows(choice.anneal), from = { ...posted }, news = {};
    for (const name in rows) {
      news[name] = rows[name].slice(from[name]);
      posted[name] = rows[name].length;
    }
    post({ choice, from, rows: news, finished: pair.finished(choice.anneal) });
  }

  function work() {
    working = choice.running && !pair.finished(choice.anneal);
    if (!working) return;
    pair.advance(choice.anneal);
    answer();
    later(work);
  }

  return (next) => {
    if (differs(next, ["seed", "inert"])) pair = makePair(next.seed, next.inert);
    if (differs(next, ["seed", "inert", "anneal"])) posted = { large: 0, small: 0 };
    choice = next;
    answer();
    if (!working) {
      working = true;
      later(work);
    }
  };
}
