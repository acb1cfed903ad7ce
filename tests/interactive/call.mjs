// Prints, as JSON, what functions of a module return. Arguments: the module as one text; a JSON file with a list of
// [name, arguments].
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const figure = await import(pathToFileURL(process.argv[2]));
const calls = JSON.parse(readFileSync(process.argv[3], "utf8"));
console.log(JSON.stringify(calls.map(([name, given]) => figure[name](...given))));
