import { type ReactNode, useState } from "react";
import { Button, Skeleton } from "../common/controls";
import { formatMoney } from "../common/money";
import type { Facets, PriceBand } from "../common/types";
import type { SearchTerms } from "./places";

interface PanelProperties {
  facets: Facets | undefined;
  terms: SearchTerms;
  change: (more: SearchTerms) => void;
}

/** So many places are held for choices that have yet to be read. */
const choicesExpected = 15;

const bandText = ({ currency, price_min, price_max }: PriceBand): string =>
  price_max === null ? `${formatMoney({ amount: price_min, currency })} and more`
    : `${formatMoney({ amount: price_min, currency })} to ${formatMoney({ amount: price_max, currency })}`;

/** What the list can be narrowed by; on a telephone it opens on demand. */
export function FacetPanel({ facets, terms, change }: PanelProperties) {
  const [isOpen, setOpen] = useState(false);
  const chosen = [terms.category, terms.brand, terms.price_min ?? terms.price_max, terms.in_stock].filter(Boolean).length;
  const none: SearchTerms = { category: "", brand: "", price_min: "", price_max: "", currency: "", in_stock: "" };
  return (
    <aside className="facets" aria-label="Filters">
      <Button look="quiet" className="facets-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {`Filters${chosen > 0 ? ` (${chosen})` : ""}`}
      </Button>
      <div className={isOpen ? "facets-body open" : "facets-body"}>
        <label className="check">
          <input
            type="checkbox" checked={terms.in_stock === "true"}
            onChange={(event) => change({ in_stock: event.target.checked ? "true" : "" })}
          />
          In stock only
        </label>
        {!facets && (
          <div className="group" aria-hidden="true">
            {[...Array(choicesExpected).keys()].map((index) => (
              <span key={index} className="check"><Skeleton width={index % 5 === 0 ? "40%" : "70%"} /></span>
            ))}
          </div>
        )}
        <Group title="Category">
          {facets?.categories.map(({ category, count }) => (
            <Choice
              key={category} label={category} count={count} isChosen={terms.category === category}
              choose={(isChosen) => change({ category: isChosen ? category : "" })}
            />
          ))}
        </Group>
        <Group title="Brand">
          {facets?.brands.map(({ brand, count }) => (
            <Choice
              key={brand} label={brand} count={count} isChosen={terms.brand === brand}
              choose={(isChosen) => change({ brand: isChosen ? brand : "" })}
            />
          ))}
        </Group>
        <Group title="Price">
          {facets?.prices.map((band) => {
            const [low, high] = [String(band.price_min), band.price_max === null ? "" : String(band.price_max)];
            const isChosen = terms.currency === band.currency && (terms.price_min ?? "") === low && (terms.price_max ?? "") === high;
            return (
              <Choice
                key={`${band.currency} ${low}`} label={bandText(band)} count={band.count} isChosen={isChosen}
                choose={(chosen) => change(chosen ? { price_min: low, price_max: high, currency: band.currency }
                  : { price_min: "", price_max: "", currency: "" })}
              />
            );
          })}
        </Group>
        {chosen > 0 && <Button look="plain" onClick={() => change(none)}>Take all filters away</Button>}
      </div>
    </aside>
  );
}

/** Choices under a title; nothing where there is no choice, so that nothing moves when they come. */
function Group({ title, children }: { title: string; children: readonly ReactNode[] | undefined }) {
  if (!children || children.length === 0) return null;
  return <fieldset className="group"><legend>{title}</legend>{children}</fieldset>;
}

function Choice({ label, count, isChosen, choose }: {
  label: string; count: number; isChosen: boolean; choose: (isChosen: boolean) => void;
}) {
  return (
    <label className="check">
      <input type="checkbox" checked={isChosen} onChange={(event) => choose(event.target.checked)} />
      <span>{label}</span><span className="muted small">{count}</span>
    </label>
  );
}
