/** Markdown as safe elements, without HTML and images of other sites. */
import MarkdownIt from "../vendor/markdown-it/markdown-it.js";

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true });

const openLink = (tokens, index, options, env, self) => {
  tokens[index].attrSet("target", "_blank");
  tokens[index].attrSet("rel", "noopener noreferrer nofollow");
  return self.renderToken(tokens, index, options);
};
markdown.renderer.rules.link_open = openLink;

// The content security policy blocks images of other sites: show a link instead.
markdown.renderer.rules.image = (tokens, index, options, env, self) => {
  const { escapeHtml } = markdown.utils;
  const address = escapeHtml(tokens[index].attrGet("src") ?? "");
  const name = escapeHtml(self.renderInlineAsText(tokens[index].children, options, env)) || address;
  return `<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${name}</a>`;
};

// The content security policy forbids style attributes: align table cells by classes.
for (const cell of ["th_open", "td_open"]) {
  markdown.renderer.rules[cell] = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const align = /text-align:(\w+)/.exec(token.attrGet("style") ?? "")?.[1];
    token.attrs = align ? [["class", `align-${align}`]] : null;
    return self.renderToken(tokens, index, options);
  };
}

/** @param {string} text */
export function rendered(text) {
  const template = document.createElement("template");
  template.innerHTML = markdown.render(text);
  // Horizontally scrolling elements must be reachable by keyboard.
  for (const code of template.content.querySelectorAll("pre")) code.tabIndex = 0;
  return template.content;
}

/** @param {string} text reduced to one line without markup, for previews */
export function plain(text) {
  const words = rendered(text).textContent.replace(/\s+/g, " ").trim();
  return words.length > 160 ? `${words.slice(0, 160)}…` : words;
}
