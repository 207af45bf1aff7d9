// The mails as nodemailer sends them: handlebars, and a pool of connections that are kept open:
// node nodemailer_peer.cjs PORT COUNT CONNECTIONS, beside the file layout.json, with NODE_PATH.
const fs = require("fs");
const handlebars = require("handlebars");
const nodemailer = require("nodemailer");

const [port, count, connections] = process.argv.slice(2).map(Number);
const layout = JSON.parse(fs.readFileSync("layout.json", "utf8"));

function compiled(templates) {
  const found = {};
  for (const [key, sources] of Object.entries(templates)) {
    found[key] = sources.map((source, which) =>
      handlebars.compile(source.replace(/\{\{ (\w+)\|safe \}\}/g, "{{{$1}}}"), {
        noEscape: which > 0,
      }),
    );
  }
  return found;
}

const frames = compiled(layout.frames);
const cards = compiled(layout.cards);

function part(which, mail) {
  const words = mail.words[which];
  const printed = mail.cards.map(([paper, ...own]) =>
    cards[paper][which]({ ...words, ...own[which] }),
  );
  const listed = mail.entries.map((paper) => layout.entries[paper][which]);
  const all = { ...words, cards: printed.join("\n"), entries: listed.join("\n") };
  return frames[mail.frame][which](all);
}

async function main() {
  const pool = nodemailer.createTransport({
    host: "127.0.0.1",
    port,
    secure: false,
    ignoreTLS: true,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
  });
  const mails = layout.mails.slice(0, count);
  let next = 0;
  async function line() {
    while (next < mails.length) {
      const mail = mails[next++];
      await pool.sendMail({
        from: "Paper Round <papers@example.org>",
        to: mail.to,
        subject: frames[mail.frame][2](mail.words[1]),
        text: part(1, mail),
        html: part(0, mail),
        headers: {
          "List-Unsubscribe": `<${mail.leaving}>`,
          "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
      });
    }
  }
  // Twice as many in hand as there are connections: none has to wait for the next mail.
  await Promise.all(Array.from({ length: 2 * connections }, line));
  pool.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
