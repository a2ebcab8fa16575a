/** Charts as plain SVG, each with its figures in words for a screen reader. */

export interface Point {
  label: string;
  value: number;
}

interface ChartProperties {
  title: string;
  points: readonly Point[];
  format?: (value: number) => string;
}

const width = 480;
const height = 160;
const foot = 20;

const spoken = ({ title, points, format = String }: ChartProperties): string =>
  `${title}: ${points.map((point) => `${point.label} ${format(point.value)}`).join(", ")}`;

/** One bar for each point. */
export function BarChart(properties: ChartProperties) {
  const { points, format = String } = properties;
  const top = Math.max(1, ...points.map((point) => point.value));
  const step = width / Math.max(1, points.length);
  const named = Math.ceil(points.length / 8);
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={spoken(properties)}>
      <line className="grid" x1="0" x2={width} y1={height - foot} y2={height - foot} />
      {points.map((point, index) => {
        const size = (point.value / top) * (height - foot - 16);
        return (
          <g key={point.label}>
            <rect className="bar" x={index * step + step * 0.15} y={height - foot - size} width={step * 0.7} height={size} rx="2">
              <title>{`${point.label}: ${format(point.value)}`}</title>
            </rect>
            {index % named === 0 && (
              <text x={index * step + step / 2} y={height - 5} textAnchor="middle">{point.label}</text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** A line over time. */
export function LineChart(properties: ChartProperties) {
  const { points, format = String } = properties;
  const top = Math.max(1, ...points.map((point) => point.value));
  const x = (index: number) => (index / Math.max(1, points.length - 1)) * width;
  const y = (value: number) => height - foot - (value / top) * (height - foot - 16);
  const line = points.map((point, index) => `${x(index)},${y(point.value)}`).join(" ");
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={spoken(properties)}>
      <polygon className="area" points={`0,${height - foot} ${line} ${width},${height - foot}`} />
      <polyline className="line" points={line} />
      <text x="2" y="11">{format(top)}</text>
      <text x="2" y={height - 5}>{points[0]?.label}</text>
      <text x={width - 2} y={height - 5} textAnchor="end">{points[points.length - 1]?.label}</text>
    </svg>
  );
}
