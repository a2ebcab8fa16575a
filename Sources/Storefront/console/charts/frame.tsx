import { useEffect, useRef, useState } from "react";

/** The width of an element in pixels, as it changes: text in a chart then keeps its size. */
export function useWidth(): [(element: HTMLElement | null) => void, number] {
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
export function roundUp(value: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 4, 8, 10].map((step) => step * size).find((step) => step >= value) ?? 10 * size;
}

/** Pixels below the bars and lines, for the labels, and above them. */
export const foot = 24;
export const head = 8;

/** The lines of the scale with what they mean: none, half, and the top. */
export function Scale({ top, left, width, height, format }: {
  top: number; left: number; width: number; height: number; format: (value: number) => string;
}) {
  return (
    <>
      {[0, 0.5, 1].map((part) => {
        const y = height - foot - part * (height - foot - head);
        return (
          <g key={part}>
            <line className="grid" x1={left} x2={width} y1={y} y2={y} />
            <text x={left - 8} y={y + 4} textAnchor="end">{format(part * top)}</text>
          </g>
        );
      })}
    </>
  );
}

/** What a text of a chart takes at most. */
export const textWidth = (text: string): number => 6.5 * text.length;

/** What the texts of the scale need at its left. */
export const scaleWidth = (top: number, format: (value: number) => string): number =>
  16 + Math.max(...[0, 0.5, 1].map((part) => textWidth(format(part * top))));
