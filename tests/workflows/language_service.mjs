// GitHub's own language service on workflow and action files: prints what it has to say, one line each.
// node --input-type=module - ACTION FILE... < language_service.mjs, in a folder that has @actions/languageservice.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";

// The package is made for bundlers, which need not be told what a JSON file is.
const hooks = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { validate } = await import("@actions/languageservice");
const { TextDocument } = await import("vscode-languageserver-textdocument");
const { parse } = await import("yaml");

const [ownAction, ...files] = process.argv.slice(2);
const own = parse(readFileSync(ownAction, "utf8"));
// Of other actions nothing is known here: what a step passes to them is not looked at.
const actionsMetadataProvider = {
  fetchActionMetadata: async ({ owner, name }) =>
    owner === "perfgate" && name === "perfgate" ? own : { name, description: "" },
};

for (const file of files) {
  const document = TextDocument.create(pathToFileURL(file).href, "yaml", 1, readFileSync(file, "utf8"));
  for (const { range, message } of await validate(document, { actionsMetadataProvider })) {
    console.log(`${file}:${range.start.line + 1}: ${message}`);
  }
}
