/** How many: buttons for a finger, a number for the keyboard. */
export function Quantity({ value, max, change, label }: {
  value: number; max: number; change: (value: number) => void; label: string;
}) {
  const set = (next: number) => { if (next >= 1 && next <= max) change(next); };
  return (
    <div className="quantity" role="group" aria-label={`Quantity of ${label}`}>
      <button type="button" aria-label="One fewer" disabled={value <= 1} onClick={() => set(value - 1)}>−</button>
      <input
        aria-label="Quantity" inputMode="numeric" value={value}
        onChange={(event) => set(Number(event.target.value.replace(/\D/g, "")))}
      />
      <button type="button" aria-label="One more" disabled={value >= max} onClick={() => set(value + 1)}>+</button>
    </div>
  );
}
