/** The part of markdown-it that the pages use; the vendored file itself is not checked. */
export default class MarkdownIt {
  constructor(options?: Record<string, unknown>);
  [member: string]: any;
}
