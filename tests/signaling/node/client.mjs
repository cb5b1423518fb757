// The robot in Node: commands are lines of JSON on stdin, answers and reports lines on stdout.
// The one argument is the package.json whose socket.io-client is taken.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { robot } from "./robot.mjs";

const { io } = createRequire(process.argv[2])("socket.io-client");
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const perform = robot(io, say);

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  void perform(command).then((answer) => say({ kind: "answer", number: command.number, ...answer }));
}
process.exit(0);
