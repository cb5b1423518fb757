/** How many pieces of each line, by steppers within what is possible. */
import { parcels as words } from "../i18n/parcels.ts";
import { Stepper } from "../ui/stepper.tsx";
import type { Pieces } from "./pieces.ts";

interface PiecesFieldProps {
  legend: string;
  lines: readonly { key: string; name: string; most: number }[];
  pieces: Pieces;
  onChange: (pieces: Pieces) => void;
  testid: (key: string) => string;
}

export function PiecesField({ legend, lines, pieces, onChange, testid }: PiecesFieldProps) {
  return (
    <fieldset class="pieces">
      <legend>{legend}</legend>
      {lines.map(({ key, name, most }) => (
        <PiecesRow key={key} name={name} most={most} value={pieces[key] ?? 0} testid={testid(key)} onChange={(value) => onChange({ ...pieces, [key]: value })} />
      ))}
    </fieldset>
  );
}

interface PiecesRowProps {
  name: string;
  most: number;
  value: number;
  testid: string;
  onChange: (value: number) => void;
}

export function PiecesRow({ name, most, value, testid, onChange }: PiecesRowProps) {
  return (
    <div class="row pieces-row" role="group" aria-label={name}>
      <span class="pieces-name" dir="auto">{name}</span>
      <span class="pieces-choice">
        <Stepper value={value} least={0} most={most} testid={testid} onChange={onChange} />
        <span class="quiet">{words.value.ofPieces({ count: most })}</span>
      </span>
    </div>
  );
}
