// A stock socket.io-client that does as it is told and reports all that happens to it.
// The same in Node and in a browser: `perform(command)` answers, `report(line)` is called.

export function robot(io, report) {
  let socket = null;

  function listen() {
    socket.on("connect", () => report({ kind: "connect", id: socket.id, recovered: socket.recovered }));
    socket.on("connect_error", (error) =>
      report({ kind: "connect_error", message: error.message, data: error.data ?? null, active: socket.active }),
    );
    socket.on("disconnect", (reason) => report({ kind: "disconnect", reason, active: socket.active }));
    socket.onAny((name, ...payload) => report({ kind: "event", name, payload }));
    socket.io.on("reconnect", (attempt) => report({ kind: "reconnect", attempt }));
  }

  const does = {
    connect({ url, options }) {
      socket = io(url, { transports: ["websocket"], reconnectionDelay: 20, reconnectionDelayMax: 100, ...options });
      listen();
    },
    async call({ name, payload }) {
      try {
        return { answer: await socket.timeout(20000).emitWithAck(name, payload) };
      } catch (error) {
        return { failed: error.message };
      }
    },
    emit({ name, payload }) {
      socket.emit(name, payload);
    },
    binary({ name, size }) {
      socket.emit(name, { data: new Uint8Array(size) });
    },
    transport() {
      return { transport: socket.io.engine.transport.name };
    },
    disconnect() {
      socket.disconnect();
    },
  };

  return async (command) => (await does[command.do](command)) ?? {};
}
