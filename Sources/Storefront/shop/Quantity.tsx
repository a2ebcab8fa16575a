import { useState } from "react";

/** How many: buttons for a finger, a number for the keyboard. */
export function Quantity({ value, max, change, label }: {
  value: number; max: number; change: (value: number) => void; label: string;
}) {
  // What is being typed, which may be nothing for a moment; null when nothing is.
  const [typed, setTyped] = useState<string | null>(null);
  const set = (next: number) => {
    const within = Math.min(next, max);
    if (within >= 1 && within !== value) change(within);
  };
  const type = (text: string) => {
    const digits = text.replace(/\D/g, "");
    setTyped(digits);
    set(Number(digits));
  };
  return (
    <div className="quantity" role="group" aria-label={`Quantity of ${label}`}>
      <button type="button" aria-label="One fewer" disabled={value <= 1} onClick={() => set(value - 1)}>−</button>
      <input
        aria-label="Quantity" inputMode="numeric" value={typed ?? value} onFocus={(event) => event.target.select()}
        onChange={(event) => type(event.target.value)} onBlur={() => setTyped(null)}
      />
      <button type="button" aria-label="One more" disabled={value >= max} onClick={() => set(value + 1)}>+</button>
    </div>
  );
}
