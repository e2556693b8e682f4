/** `google.protobuf.Timestamp` in JSON, to the microsecond as Google writes it. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.(\d{3})Z$/, ".$1000Z");
}
