import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useQuery } from "../common/query";
import { navigate, usePlace } from "../common/router";
import type { Suggestion } from "../common/types";
import { searchPath } from "./places";

const kinds = { word: "", brand: "Brand", category: "Category", title: "" };

/** Goes to what a suggestion means. */
const follow = ({ kind, text }: Suggestion): string =>
  searchPath(kind === "brand" ? { brand: text } : kind === "category" ? { category: text } : { q: text });

/** The search, with suggestions while one types: a combobox, as the ARIA practices describe it. */
export function SearchBox() {
  const { query } = usePlace();
  const [text, setText] = useState(query.get("q") ?? "");
  const [asked, setAsked] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);

  // What was typed before this script was there is in the field alone.
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setText(field.current?.value ?? ""), []);

  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 120);
    return () => clearTimeout(timer);
  }, [text]);

  const isAsking = isOpen && asked.length >= 2;
  const path = `/api/v1/products/suggest?limit=8&q=${encodeURIComponent(asked)}`;
  const { document: answer } = useQuery<{ data: Suggestion[] }>(isAsking ? path : null);
  // Those of the text before stay until the new ones are there, so that the list keeps still while one types.
  const last = useRef<readonly Suggestion[]>([]);
  last.current = isAsking ? answer?.data ?? last.current : [];
  const suggestions = last.current;
  const isShown = suggestions.length > 0;

  const go = (to: string) => {
    setOpen(false);
    setChosen(-1);
    navigate(to);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const suggestion = suggestions[chosen];
    go(suggestion ? follow(suggestion) : searchPath({ q: text.trim() }));
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape") setOpen(false);
    if (!isShown || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    setChosen((chosen + 1 + step + suggestions.length + 1) % (suggestions.length + 1) - 1);
  };

  return (
    <form className="search" role="search" action="/search" onSubmit={submit} onBlur={(event) => {
      if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
    }}>
      <label className="hidden" htmlFor="search">Search products</label>
      <input
        ref={field} id="search" name="q" type="search" placeholder="Search" autoComplete="off" maxLength={200} value={text}
        role="combobox" aria-expanded={isShown} aria-controls="suggestions" aria-autocomplete="list"
        {...(chosen >= 0 ? { "aria-activedescendant": `suggestion-${chosen}` } : {})}
        onChange={(event) => { setText(event.target.value); setOpen(true); setChosen(-1); }} onKeyDown={move}
      />
      <ul id="suggestions" className="suggestions" role="listbox" aria-label="Suggestions" hidden={!isShown}>
        {suggestions.map((suggestion, index) => (
          <li
            key={`${suggestion.kind} ${suggestion.text}`} id={`suggestion-${index}`} role="option"
            aria-selected={index === chosen} onPointerDown={(event) => event.preventDefault()}
            onClick={() => go(follow(suggestion))}
          >
            <span>{suggestion.text}</span><span className="muted small">{kinds[suggestion.kind]}</span>
          </li>
        ))}
      </ul>
    </form>
  );
}
