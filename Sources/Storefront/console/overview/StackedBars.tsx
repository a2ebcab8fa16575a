import { useEffect, useRef, useState } from "react";

/** A part of every bar. */
export interface Series {
  title: string;
  look: string;
  values: readonly number[];
}

interface StackedBarsProperties {
  title: string;
  labels: readonly string[];
  series: readonly Series[];
  format?: (value: number) => string;
  height?: number;
}

/** The width of an element in pixels, as it changes: text in a chart then keeps its size. */
function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [width, setWidth] = useState(600);
  const observer = useRef<ResizeObserver | null>(null);
  useEffect(() => () => observer.current?.disconnect(), []);
  const attach = useRef((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (!element) return;
    observer.current = new ResizeObserver(([entry]) => { if (entry) setWidth(Math.max(200, entry.contentRect.width)); });
    observer.current.observe(element);
  });
  return [attach.current, width];
}

/** A round number at or above `value`, whose half and quarter are round too. */
function roundUp(value: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 4, 8, 10].map((step) => step * size).find((step) => step >= value) ?? 10 * size;
}

const foot = 24;
const head = 8;

/** One bar for each label, made of one piece for each series. */
export function StackedBars({ title, labels, series, format = String, height = 220 }: StackedBarsProperties) {
  const [attach, width] = useWidth();
  const sums = labels.map((_, index) => series.reduce((sum, one) => sum + (one.values[index] ?? 0), 0));
  const top = Math.max(4, roundUp(Math.max(...sums)));
  const left = 16 + 6.5 * Math.max(...[0, 0.5, 1].map((part) => format(part * top).length));
  const step = (width - left) / Math.max(1, labels.length);
  const scale = (height - foot - head) / top;
  const bar = Math.min(step * 0.7, 48);
  const named = Math.ceil(64 / step);
  const words = series.map((one) => `${one.title} ${format(one.values.reduce((sum, value) => sum + value, 0))}`).join(", ");
  return (
    <div ref={attach} className="chart-frame">
      <svg className="chart fixed" width={width} height={height} role="img" aria-label={`${title}. ${words}.`}>
        {[0, 0.5, 1].map((part) => {
          const y = height - foot - part * top * scale;
          return (
            <g key={part}>
              <line className="grid" x1={left} x2={width} y1={y} y2={y} />
              <text x={left - 8} y={y + 4} textAnchor="end">{format(part * top)}</text>
            </g>
          );
        })}
        {labels.map((label, index) => {
          const x = left + index * step + (step - bar) / 2;
          let y = height - foot;
          return (
            <g key={index}>
              {series.map((one) => {
                const value = one.values[index] ?? 0;
                const size = value * scale;
                y -= size;
                return value > 0 && (
                  <rect key={one.title} className={`piece ${one.look}`} x={x} y={y} width={bar} height={size}>
                    <title>{`${label}, ${one.title}: ${format(value)}`}</title>
                  </rect>
                );
              })}
              {index % named === 0 && <text x={x + bar / 2} y={height - 6} textAnchor="middle">{label}</text>}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** The figures of a chart as a table, for those to whom a picture says nothing. */
export function ChartTable({ title, labels, series, format = String }: StackedBarsProperties) {
  return (
    <details className="small">
      <summary>The figures of this chart</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={`${title}, the figures`}>
        <table className="table">
          <caption className="hidden">{title}</caption>
          <thead>
            <tr><th scope="col">Hour</th>{series.map((one) => <th key={one.title} scope="col" className="number">{one.title}</th>)}</tr>
          </thead>
          <tbody>
            {labels.map((label, index) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {series.map((one) => <td key={one.title} className="number">{format(one.values[index] ?? 0)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
