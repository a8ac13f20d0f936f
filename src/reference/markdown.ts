// Markdown as the renderers need it: blocks from the lexer, and inline text as runs of one kind each.

import { marked, type Token, type Tokens } from "marked";

export type Kind = "plain" | "strong" | "emphasis" | "code";

/** A piece of inline text; a line break is a run with the text `\n`. */
export interface Run {
  readonly kind: Kind;
  readonly text: string;
}

/** The blocks of a text (GitHub's dialect); HTML comments are left out. */
export function blocksOf(text: string): Token[] {
  return marked.lexer(text).filter((token) => token.type !== "space" && token.type !== "html");
}

/** Inline tokens as runs. Links into the documentation are their text, others are followed by their address. */
export function runsOf(tokens: readonly Token[] | undefined, kind: Kind = "plain"): Run[] {
  return (tokens ?? []).flatMap((token): Run[] => {
    switch (token.type) {
      case "strong":
        return runsOf((token as Tokens.Strong).tokens, "strong");
      case "em":
        return runsOf((token as Tokens.Em).tokens, "emphasis");
      case "codespan":
        return [{ kind: "code", text: unescape((token as Tokens.Codespan).text) }];
      case "br":
        return [{ kind, text: "\n" }];
      case "html":
        return [];
      case "link": {
        const { href, text, tokens: inner } = token as Tokens.Link;
        const external = /^https?:/.test(href) && text !== href;
        return [
          ...runsOf(inner, kind === "plain" ? "emphasis" : kind),
          ...(external ? [{ kind: "plain" as const, text: ` <${href}>` }] : []),
        ];
      }
      default: {
        const { tokens: inner, text } = token as Tokens.Text;
        return inner === undefined ? [{ kind, text: unescape(text).replace(/\s+/g, " ") }] : runsOf(inner, kind);
      }
    }
  });
}

/** The lexer of some versions leaves entities in texts. */
function unescape(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

export type { Token, Tokens } from "marked";
