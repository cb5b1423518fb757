/**
 * Order of video codecs in the offer: H264 constrained baseline (42e01f) in packetization mode 1 first, since every
 * browser plays it and it can be remuxed for replays; then other H264 of mode 1, then VP8, then what is left.
 * setCodecPreferences takes the browser's own entries only, so they are reordered and never edited.
 */

interface Codec {
  mimeType: string;
  sdpFmtpLine?: string;
}

export function rank(codec: Codec): number {
  const kind = codec.mimeType.toLowerCase();
  const line = (codec.sdpFmtpLine ?? "").toLowerCase();
  if (kind === "video/h264") {
    if (!line.includes("packetization-mode=1")) return 4;
    return line.includes("profile-level-id=42e01f") ? 0 : 1;
  }
  if (kind === "video/vp8") return 2;
  return 3;
}

export function preferred<C extends Codec>(codecs: readonly C[]): C[] {
  return codecs.map((codec, at) => ({ codec, at })).sort((a, b) => rank(a.codec) - rank(b.codec) || a.at - b.at).map(({ codec }) => codec);
}
