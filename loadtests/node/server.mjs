// Node's socket.io as it comes, with its `ws`, for loadtests/fan_out.py: told what to do by JSON lines
// on standard input, as loadtests/fan_out_servers.py is. Deflate is off, which is its default.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const event = process.argv[2];
const payload = JSON.parse(process.argv[3]);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const http = createServer();
const io = new Server(http, { transports: ["websocket"] });
io.on("connection", (socket) => {
  socket.on("session.join", (_payload, acknowledge) => {
    socket.join("room");
    acknowledge({ ok: {} });
  });
});

createInterface({ input: process.stdin }).on("line", (line) => {
  if (JSON.parse(line).do === "emit") io.to("room").emit(event, payload);
  say({});
});
process.stdin.on("end", () => process.exit(0));

http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => say({ port: http.address().port }));
