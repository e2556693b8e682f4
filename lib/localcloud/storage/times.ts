/** RFC 3339 with milliseconds, as all of the API's times are. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
