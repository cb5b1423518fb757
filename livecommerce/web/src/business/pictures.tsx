/** The pictures of a product: loaded up one after the other, put in order, taken out. The first one is the poster. */
import { useSignal } from "@preact/signals";
import { business as words } from "../i18n/business.ts";
import { Icon } from "../ui/icon.tsx";
import { Picture } from "../ui/picture.tsx";
import { addImage } from "./api.ts";
import { Group, type Form } from "./fields.tsx";
import { ids } from "./testids.ts";
import { sentence } from "./words.ts";

const most = 12;

export function Pictures({ form }: { form: Form }) {
  const t = words.value;
  const { draft, errors } = form;
  const working = useSignal(0);
  const error = useSignal<string | null>(null);
  const images = draft.value.images;
  const put = (next: readonly string[]) => { draft.value = { ...draft.value, images: next }; };
  async function load(files: FileList | null): Promise<void> {
    const chosen = [...(files ?? [])].slice(0, most - images.length);
    error.value = null;
    working.value = chosen.length;
    for (const file of chosen) {
      const answer = await addImage(file);
      working.value -= 1;
      if (answer.refused) { error.value = `${file.name}: ${sentence(answer.refused)}`; continue; }
      const { url } = answer.ok.image;
      const now = draft.peek().images;
      if (!now.includes(url)) put([...now, url]);
    }
    working.value = 0;
  }
  const first = (url: string) => put([url, ...images.filter((one) => one !== url)]);
  return (
    <Group title={t.groupPictures()}>
      <p class="quiet own-wide">{t.picturesHint()}</p>
      <ul class="own-pictures own-wide">
        {images.map((url, n) => (
          <li key={url}>
            <Picture url={url} name={String(n + 1)} size={120} />
            {n === 0 ? <span class="tag">{t.poster()}</span> : <button type="button" class="link-button" onClick={() => first(url)}>{t.makePoster()}</button>}
            <button type="button" class="icon-button" aria-label={t.removePicture({ number: n + 1 })} onClick={() => put(images.filter((one) => one !== url))}><Icon name="trash" /></button>
          </li>
        ))}
        {images.length < most ? (
          <li class="own-picture-add">
            <label><Icon name="plus" /><span>{working.value > 0 ? t.loadingPictures({ count: working.value }) : t.addPictures()}</span>
              <input type="file" accept="image/jpeg,image/png,image/webp,image/avif,image/gif,image/bmp,image/tiff" multiple disabled={working.value > 0} data-testid={ids.addPictures}
                onChange={(event) => { void load(event.currentTarget.files).finally(() => undefined); event.currentTarget.value = ""; }} />
            </label>
          </li>
        ) : null}
      </ul>
      {error.value ?? errors.value.images ? <p class="callout callout-bad own-wide" role="alert">{error.value ?? errors.value.images}</p> : null}
    </Group>
  );
}
