/** A file that only its owner may have: fetched with the access token, then saved by the browser. */
import { freshToken } from "./identity.ts";
import type { Refusal } from "./rest.ts";

const timeout_ms = 60_000;

/** Null when the file is saved. The server's name for the file wins over `name`. */
export async function download(path: string, name: string): Promise<Refusal | null> {
  const token = await freshToken();
  try {
    const response = await fetch(`/api/v1${path}`, {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout_ms),
    });
    if (!response.ok) {
      const answer = (await response.json().catch(() => null)) as { refused?: Refusal } | null;
      return answer?.refused ?? { code: "service.unavailable", message: "" };
    }
    const given = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
    save(await response.blob(), given ?? name);
    return null;
  } catch {
    return { code: "connection.lost", message: "" };
  }
}

function save(contents: Blob, name: string): void {
  const url = URL.createObjectURL(contents);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Later, because the browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
