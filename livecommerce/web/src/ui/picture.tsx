import { useState } from "preact/hooks";

/** Product picture in a box of its own, so that nothing moves when it loads; the first letter stands in for a missing one. */
export function Picture({ url, name, size, eager = false }: { url: string | null; name: string; size: number; eager?: boolean }) {
  const [broken, setBroken] = useState(false);
  if (!url || broken) return <span class="picture picture-none" aria-hidden="true">{[...name][0] ?? ""}</span>;
  return (
    <img class="picture" src={url} alt="" width={size} height={size} loading={eager ? "eager" : "lazy"} decoding="async"
      onError={() => setBroken(true)} />
  );
}
