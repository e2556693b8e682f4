/** A body that is mostly ready-made JSON text: the rows of a page are not read and written once more. */
export class RawJson {
  constructor(readonly text: string) {}

  /** The object with one more member, whose value is JSON text already. */
  static withMember(object: Readonly<Record<string, unknown>>, name: string, json: string): RawJson {
    const text = JSON.stringify(object);
    const separator = text === "{}" ? "" : ",";
    return new RawJson(`${text.slice(0, -1)}${separator}${JSON.stringify(name)}:${json}}`);
  }
}
