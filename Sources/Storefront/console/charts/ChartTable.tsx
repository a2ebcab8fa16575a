const written = (value: number | null | undefined, format: (value: number) => string): string =>
  (value === null || value === undefined ? "–" : format(value));

/** The figures of a chart as a table, for readers to whom a picture says nothing. */
export function ChartTable({ title, first, labels, series, format = String }: {
  title: string;
  /** What the labels name. */
  first: string;
  labels: readonly string[];
  series: readonly { title: string; values: readonly (number | null)[] }[];
  format?: (value: number) => string;
}) {
  return (
    <details className="small">
      <summary>The figures of this chart</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={`${title}, the figures`}>
        <table className="table">
          <caption className="hidden">{title}</caption>
          <thead>
            <tr><th scope="col">{first}</th>{series.map((one) => <th key={one.title} scope="col" className="number">{one.title}</th>)}</tr>
          </thead>
          <tbody>
            {labels.map((label, index) => (
              <tr key={index}>
                <th scope="row">{label}</th>
                {series.map((one) => <td key={one.title} className="number">{written(one.values[index], format)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
