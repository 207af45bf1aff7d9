// Which features of each HTML on standard input which client lacks: {name: html} in, {name:
// {all: {feature: [client]}, body: {…}}} out; `body` is the HTML without its <style> elements.
// The package's folder is the first argument.

import { pathToFileURL } from "node:url";
import { text } from "node:stream/consumers";

const { caniemail, rawData } = await import(pathToFileURL(`${process.argv[2]}/dist/index.js`));

// The package throws where its table has no entry for a client, and it has none for a third of
// them: `u`, as in the table itself, says that nobody has tried.
const clients = new Set();
for (const { stats } of rawData.data)
  for (const [family, kinds] of Object.entries(stats))
    for (const kind of Object.keys(kinds)) clients.add(`${family}.${kind}`);
for (const { stats } of rawData.data)
  for (const client of clients) {
    const [family, kind] = client.split(".");
    stats[family] ??= {};
    stats[family][kind] ??= { 0: "u" };
  }

function lacking(html) {
  const found = {};
  for (const [client, issues] of caniemail({ clients: ["*"], html }).issues.errors)
    for (const title of new Set(issues.map((issue) => issue.title)))
      (found[title] ??= []).push(client);
  return found;
}

const answer = {};
for (const [name, html] of Object.entries(JSON.parse(await text(process.stdin))))
  answer[name] = {
    all: lacking(html),
    body: lacking(html.replace(/<style\b.*?<\/style>/gis, "")),
  };
process.stdout.write(JSON.stringify(answer));
