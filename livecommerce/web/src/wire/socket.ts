/**
 * The Socket.IO connection; the only importer of socket.io-client.
 *
 * `call()` always answers: `{ok}`, or `{refused}` with the server's code or one of ours:
 * "connection.lost" (the answer cannot be known) and "connection.timeout". An event whose payload carries a
 * client-made id may say `repeat`: it is then sent again, unchanged, after every reconnect until it is answered
 * or its time is up; the server recognises the id.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { io } from "socket.io-client";
import { closingOf, comeBackIn_ms, type Closing } from "./closing.ts";
import type { Inward, Outward, You } from "./contract.gen.ts";
import { freshToken, onToken, renewToken } from "./identity.ts";
import type { Reply } from "./rest.ts";

/** closed: by the server, for good; only a person opens it again. */
export type Link = "connecting" | "open" | "lost" | "closed";

export interface CallOptions {
  timeout_ms?: number;
  repeat?: boolean;
}

export interface Connection {
  link: ReadonlySignal<Link>;
  /** performance.now() when the link was lost, else null. */
  lostSince: ReadonlySignal<number | null>;
  /** Why the server closed it, when it said so and has not taken us back since. */
  closing: ReadonlySignal<Closing | null>;
  call<E extends keyof Inward>(event: E, payload: Inward[E]["payload"], options?: CallOptions): Promise<Reply<Inward[E]["ok"]>>;
  on<E extends keyof Outward>(event: E, listener: (payload: Outward[E]) => void): void;
  /** Runs on each (re)connect, before any call that waits for the connection. */
  onOpen(listener: () => void): void;
  /** Runs when the server has accepted another identity for the open connection. */
  onIdentity(listener: (you: You) => void): void;
  close(): void;
  reopen(): void;
}

const lost: Reply<never> = { refused: { code: "connection.lost", message: "" } };
const late: Reply<never> = { refused: { code: "connection.timeout", message: "" } };

export function connect(): Connection {
  const link = signal<Link>("connecting");
  const lostSince = signal<number | null>(null);
  const closing = signal<Closing | null>(null);
  const openListeners: (() => void)[] = [];
  const identityListeners: ((you: You) => void)[] = [];
  const waiting = new Set<() => void>();
  let provenToken: string | null = null;
  let wanted = true;
  let returnTimer: ReturnType<typeof setTimeout> | undefined;

  const socket = io({
    transports: ["websocket"],
    // 150-450 ms, then doubling up to 5 s.
    reconnectionDelay: 300,
    reconnectionDelayMax: 5_000,
    randomizationFactor: 0.5,
    // A restarting hub answers connections that waited in its queue, so a try is not given up early.
    timeout: 12_000,
    auth: (give) => {
      void freshToken().then((token) => {
        provenToken = token;
        give(token ? { token } : {});
      });
    },
  });

  function markLost(): void {
    lostSince.value ??= performance.now();
    link.value = "lost";
  }

  function comeBack(wait_ms: number): void {
    clearTimeout(returnTimer);
    returnTimer = setTimeout(() => wanted && !socket.active && socket.connect(), wait_ms);
  }

  const retryLater = () => comeBack(1_000 + Math.random() * 2_000);

  /** The library hands on neither the text of the close frame nor, after its own good-bye, anything of it. */
  function hearClosing(): void {
    const { ws } = socket.io.engine.transport as unknown as { ws?: WebSocket };
    ws?.addEventListener("close", ({ reason }) => {
      const told = closingOf(reason);
      if (told !== null && wanted) obey(told);
    });
  }

  /** Stay away as long as the server said, or for good. */
  function obey(told: Closing): void {
    closing.value = told;
    socket.disconnect();
    clearTimeout(returnTimer);
    if (told.retry_after_s === null) link.value = "closed";
    else if (told.reason === "login_ended") void renewToken().finally(() => comeBack(comeBackIn_ms(0, Math.random())));
    else comeBack(comeBackIn_ms(told.retry_after_s, Math.random()));
  }

  socket.on("connect", () => {
    link.value = "open";
    lostSince.value = null;
    closing.value = null;
    hearClosing();
    for (const listener of openListeners) listener();
    for (const go of [...waiting]) go();
  });
  // The proof has run out on an open connection: another one goes out by renew().
  socket.on("auth.expired", () => {
    provenToken = null;
    void renewToken();
  });
  socket.on("disconnect", () => {
    if (!wanted) return;
    markLost();
    // After a disconnect by the server the library does not come back by itself.
    if (!socket.active) retryLater();
  });
  socket.on("connect_error", () => {
    if (!wanted) return;
    markLost();
    if (!socket.active) retryLater();
  });
  socket.io.on("reconnect_attempt", () => {
    if (link.value !== "lost") markLost();
  });

  const hurry = () => {
    if (wanted && !socket.connected && closing.value === null) {
      socket.disconnect();
      socket.connect();
    }
  };
  addEventListener("online", hurry);

  /** Tell the server who this connection is now; rooms and media are kept. */
  function renew(token: string | null): void {
    if (token === null || token === provenToken || !socket.connected) return;
    provenToken = token;
    void call("auth.renew", { token }).then((answer) => {
      if (answer.ok) for (const listener of identityListeners) listener(answer.ok.you);
    });
  }
  onToken(renew);
  // A token that arrived while the connection was being opened anonymously.
  openListeners.push(() => void freshToken().then(renew));

  function untilOpen(deadline_ms: number): Promise<boolean> {
    if (socket.connected) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (open: boolean) => {
        clearTimeout(timer);
        waiting.delete(go);
        resolve(open);
      };
      const go = () => done(true);
      const timer = setTimeout(() => done(false), Math.max(0, deadline_ms - performance.now()));
      waiting.add(go);
    });
  }

  function once(event: string, payload: object, timeout_ms: number): Promise<Reply<never>> {
    return new Promise((resolve) => {
      socket.timeout(timeout_ms).emit(event, payload, (error: Error | null, answer: Reply<never>) => {
        if (error === null || error === undefined) resolve(answer);
        else resolve(socket.connected && /timed out/.test(error.message) ? late : lost);
      });
    });
  }

  async function call(event: string, payload: object, { timeout_ms = 10_000, repeat = false }: CallOptions = {}): Promise<Reply<any>> {
    const deadline_ms = performance.now() + timeout_ms;
    for (;;) {
      if (!(await untilOpen(deadline_ms))) return lost;
      const answer = await once(event, payload, Math.max(1, deadline_ms - performance.now()));
      if (answer !== lost || !repeat || performance.now() >= deadline_ms) return answer;
    }
  }

  return {
    link,
    lostSince,
    closing,
    call: call as Connection["call"],
    on: (event, listener) => void socket.on(event as string, listener as (payload: unknown) => void),
    onOpen: (listener) => void openListeners.push(listener),
    onIdentity: (listener) => void identityListeners.push(listener),
    close: () => {
      wanted = false;
      socket.disconnect();
    },
    reopen: () => {
      wanted = true;
      closing.value = null;
      clearTimeout(returnTimer);
      link.value = "connecting";
      socket.connect();
    },
  };
}
