import { foot, head, roundUp, Scale, scaleWidth, textWidth, useWidth } from "./frame";

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

/** One bar for each label, made of one piece for each series. */
export function StackedBars({ title, labels, series, format = String, height = 220 }: StackedBarsProperties) {
  const [attach, width] = useWidth();
  const sums = labels.map((_, index) => series.reduce((sum, one) => sum + (one.values[index] ?? 0), 0));
  const top = Math.max(4, roundUp(Math.max(...sums)));
  const left = scaleWidth(top, format);
  const step = (width - left) / Math.max(1, labels.length);
  const scale = (height - foot - head) / top;
  const bar = Math.min(step * 0.7, 48);
  const named = Math.ceil(64 / step);
  const words = series.map((one) => `${one.title} ${format(one.values.reduce((sum, value) => sum + value, 0))}`).join(", ");
  return (
    <div ref={attach} className="chart-frame">
      <svg className="chart fixed" width={width} height={height} role="img" aria-label={`${title}. ${words}.`}>
        <Scale {...{ top, left, width, height, format }} />
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
              {index % named === 0 && (
                <text x={Math.min(x + bar / 2, width - textWidth(label) / 2)} y={height - 6} textAnchor="middle">{label}</text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
