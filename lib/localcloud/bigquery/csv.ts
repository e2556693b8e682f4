/** Reads CSV as BigQuery's load jobs do (RFC 4180 and the options of `JobConfigurationLoad`). */

export interface CsvOptions {
  readonly delimiter: string;
  /** Empty: nothing is quoted. */
  readonly quote: string;
  readonly allowQuotedNewlines: boolean;
}

export interface CsvRecord {
  readonly values: readonly { readonly text: string; readonly quoted: boolean }[];
  /** 1-based. */
  readonly line: number;
  /** Of the record's first character, in the encoding UTF-8. */
  readonly byteOffset: number;
  readonly problem?: string;
}

/** The records of a text, one at a time; empty lines are none. */
export function* readCsv(text: string, options: CsvOptions): Generator<CsvRecord> {
  const { delimiter, quote } = options;
  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let byteOffset = position === 1 ? 3 : 0;
  while (position < text.length) {
    const start = position;
    const firstLine = line;
    const values: { text: string; quoted: boolean }[] = [];
    let problem: string | undefined;
    for (;;) {
      if (quote !== "" && text.startsWith(quote, position)) {
        const field = quotedField(text, position + quote.length, quote);
        if (!field) {
          problem = 'Missing close quote character (").';
          position = endOfLine(text, start);
          break;
        }
        const newlines = field.text.split("\n").length - 1;
        if (newlines > 0 && !options.allowQuotedNewlines) {
          problem = 'Missing close quote character (").';
          position = endOfLine(text, start);
          break;
        }
        line += newlines;
        values.push({ text: field.text, quoted: true });
        position = field.end;
        if (position < text.length && !text.startsWith(delimiter, position) && !/[\r\n]/.test(text[position] ?? "")) {
          problem = 'Data between close quote character (") and field separator.';
          position = endOfLine(text, position);
          break;
        }
      } else {
        const end = plainEnd(text, position, delimiter);
        values.push({ text: text.slice(position, end), quoted: false });
        position = end;
      }
      if (!text.startsWith(delimiter, position)) break;
      position += delimiter.length;
    }
    if (text[position] === "\r") position += 1;
    if (text[position] === "\n") position += 1;
    line += 1;
    const record = { values, line: firstLine, byteOffset, ...(problem === undefined ? {} : { problem }) };
    byteOffset += Buffer.byteLength(text.slice(start, position));
    const [only] = values;
    if (problem === undefined && values.length === 1 && only?.text === "" && !only.quoted) continue;
    yield record;
  }
}

function plainEnd(text: string, start: number, delimiter: string): number {
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === "\n" || character === "\r" || (character === delimiter[0] && text.startsWith(delimiter, index)))
      return index;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end === -1 ? text.length : end;
}

function quotedField(text: string, start: number, quote: string): { text: string; end: number } | undefined {
  let result = "";
  let from = start;
  for (;;) {
    const close = text.indexOf(quote, from);
    if (close === -1) return undefined;
    result += text.slice(from, close);
    const after = close + quote.length;
    if (!text.startsWith(quote, after)) return { text: result, end: after };
    result += quote;
    from = after + quote.length;
  }
}
