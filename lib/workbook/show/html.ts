/** HTML that is safe to show: made only by the tag `html`, which escapes what is put in. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text is escaped, `Html` is not, lists are joined, nothing is nothing. */
export type Fill = string | number | boolean | Html | readonly Fill[] | undefined | null;

/**
 * HTML from a template whose values are escaped.
 * @example html`<b>${"<script>"}</b>`.text // "<b>&lt;script&gt;</b>"
 */
export function html(strings: TemplateStringsArray, ...fills: readonly Fill[]): Html {
  return new Html(strings.map((text, index) => text + filled(fills[index])).join(""));
}

function filled(fill: Fill): string {
  if (fill === undefined || fill === null || fill === false) return "";
  if (fill instanceof Html) return fill.text;
  if (typeof fill === "object") return fill.map(filled).join("");
  return escapeHtml(String(fill));
}

/** Text for element content and for attributes in double or single quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A value as JavaScript inside `<script>`: `</script>` and `<!--` in a text must not end or comment out the element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
