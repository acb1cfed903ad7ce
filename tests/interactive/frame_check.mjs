// Prints, as JSON, what the pure functions of frame.mjs and chart.mjs find. Argument: the folder of the modules.
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const { hashOf, choiceOf } = await import(new URL("frame.mjs", folder));
const { apart, escaped, line, panel } = await import(new URL("chart.mjs", folder));

const controls = [
  { name: "rate", label: "Rate", low: 0.1, high: 0.5, step: 0.05 },
  { name: "net", label: "Network", options: [["small", "small"], ["wide", "wide"]] },
  { name: "epoch", label: "Epoch", options: [[2, "2"], [9, "9"], ["never", "never"]], slides: true },
  { name: "noise", label: "Noise" },
];
const first = { rate: 0.3, net: "small", epoch: 9, noise: false };
const choices = [first, { ...first, rate: 0.15 }, { rate: 0.5, net: "wide", epoch: "never", noise: true },
  { ...first, epoch: 2, noise: true }];
const back = (hash) => choiceOf(hash, "toy", controls, first);
const strange = ["", "#figure-other&rate=0.2", "#section", "#figure-toy", "#figure-toy&rate=9", "#figure-toy&rate=-1",
  "#figure-toy&rate=0.234", "#figure-toy&rate=x&net=wide", "#figure-toy&rate=&net=huge&epoch=3&noise=maybe",
  "#figure-toy&epoch&colour=red&noise=true", "#figure-toy%26net=wide"];
const axes = panel({ left: 30, top: 20, width: 200, height: 100, title: "a < b", x: { from: 0, to: 10, ticks: [[5, "five"]] },
  y: { from: -1, to: 1, ticks: [0] } });

console.log(JSON.stringify({
  choices, hashes: choices.map((choice) => hashOf("toy", choice, first)),
  back: choices.slice(1).map((choice) => back(hashOf("toy", choice, first))), strange: strange.map(back), first,
  apart: [[0, 100], [10, 12], [12, 10], [5, 5, 5], []].map((heights) => apart(heights)), roomy: apart([0, 4], 2),
  escaped: escaped('<a href="x">&'), places: [axes.across(0), axes.across(10), axes.down(-1), axes.down(1)],
  axes: axes.parts.join(""), line: line([[0, 1.04], [NaN, 2], [3, 4], [5, Infinity]], "of-image", "2 4"),
}));
