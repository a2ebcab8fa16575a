import { foot, head, roundUp, Scale, scaleWidth, useWidth } from "./frame";

/** A line; where nothing is known it is interrupted. */
export interface Line {
  title: string;
  look: string;
  values: readonly (number | null)[];
}

interface LinesProperties {
  title: string;
  /** Of the places along the foot, as many as values. */
  labels: readonly string[];
  series: readonly Line[];
  /** Places along the foot; the newest value is at the right. */
  places: number;
  format: (value: number) => string;
  height?: number;
}

/** One line for each series, over the newest values. */
export function Lines({ title, labels, series, places, format, height = 180 }: LinesProperties) {
  const [attach, width] = useWidth();
  const top = Math.max(4, roundUp(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)))));
  const left = scaleWidth(top, format);
  const step = (width - left - 4) / Math.max(1, places - 1);
  const y = (value: number) => height - foot - value * (height - foot - head) / top;
  const words = series.map((one) => {
    const last = one.values[one.values.length - 1];
    return `${one.title} ${last === null || last === undefined ? "not known" : format(last)}`;
  }).join(", ");
  return (
    <div ref={attach} className="chart-frame">
      <svg className="chart fixed" width={width} height={height} role="img" aria-label={`${title}. Now: ${words}.`}>
        <Scale {...{ top, left, width, height, format }} />
        {series.map((one) => (
          <path key={one.title} className={`trace ${one.look}`} d={path(one.values, (index) => width - 4 - (one.values.length - 1 - index) * step, y)} />
        ))}
        {labels.length > 1 && <text x={left} y={height - 6}>{labels[0]}</text>}
        <text x={width - 4} y={height - 6} textAnchor="end">{labels[labels.length - 1]}</text>
      </svg>
    </div>
  );
}

function path(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let isDrawing = false;
  return values.map((value, index) => {
    const command = isDrawing ? "L" : "M";
    isDrawing = value !== null;
    return value === null ? "" : `${command}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  }).join("");
}
