import type { ReactNode } from "react";

/** The Markdown that the description is written in: paragraphs, `code`, **strong** words and lists. */
export function Prose({ text }: { text: string }) {
  const blocks = text.trim().split(/\n\s*\n/);
  return <>{blocks.map((block, index) => <Block key={index} text={block} />)}</>;
}

function Block({ text }: { text: string }) {
  const lines = text.split(/\n(?=- )/);
  if (!text.startsWith("- ")) return <p>{inline(text)}</p>;
  return <ul className="bullets">{lines.map((line, index) => <li key={index}>{inline(line.slice(2))}</li>)}</ul>;
}

const inline = (text: string): ReactNode[] => text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, index) => {
  if (part.startsWith("`")) return <code key={index}>{part.slice(1, -1)}</code>;
  return part.startsWith("**") ? <strong key={index}>{part.slice(2, -2)}</strong> : part;
});
