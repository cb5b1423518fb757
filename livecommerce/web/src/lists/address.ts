/** A list page's place as a query string: which view, filter, page and open row. Unset values leave no trace. */

export type Values<Name extends string> = Readonly<Record<Name, string>>;

/** Names that are not the page's own are ignored; what is missing is at its default. */
export function readPlace<Name extends string>(defaults: Values<Name>, search: string): Values<Name> {
  const given = new URLSearchParams(search);
  const names = Object.keys(defaults) as Name[];
  return Object.fromEntries(names.map((name) => [name, given.get(name) ?? defaults[name]])) as Values<Name>;
}

export function searchOf<Name extends string>(defaults: Values<Name>, values: Values<Name>): string {
  const names = (Object.keys(defaults) as Name[]).filter((name) => values[name] !== defaults[name]);
  const search = new URLSearchParams(names.map((name) => [name, values[name]])).toString();
  return search === "" ? "" : `?${search}`;
}
