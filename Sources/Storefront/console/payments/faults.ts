/** The fault switches of the payment simulator, as `GET /api/v1/payments/faults` has them. */
export type Trigger = number | { next: number };

export interface Faults extends Partial<Record<Fault, Trigger>> {
  delay_ms: number;
  refuse_connections_ms: number;
}

export type Fault =
  | "decline" | "error_500" | "hang_before" | "close_before" | "error_after_charge" | "hang" | "close_after_charge";

/** What each fault does, in the order in which they are shown. */
export const faultWords: readonly { fault: Fault; title: string; hint: string }[] = [
  { fault: "decline", title: "Decline charges", hint: "The card is declined; nothing is charged." },
  { fault: "error_500", title: "Fail before", hint: "500, and nothing was done." },
  { fault: "hang_before", title: "Hang before", hint: "No answer, and nothing was done." },
  { fault: "close_before", title: "Hang up before", hint: "The connection ends, and nothing was done." },
  { fault: "error_after_charge", title: "Fail after", hint: "500, though it was done." },
  { fault: "hang", title: "Hang after", hint: "No answer, though it was done." },
  { fault: "close_after_charge", title: "Hang up after", hint: "The connection ends, though it was done." },
];

/** When a fault strikes, as it is chosen. */
export const choices: readonly { value: string; title: string; trigger: Trigger | undefined }[] = [
  { value: "off", title: "Never", trigger: undefined },
  { value: "next", title: "The next call", trigger: { next: 1 } },
  { value: "half", title: "Every other call", trigger: 0.5 },
  { value: "always", title: "Every call", trigger: 1 },
];

/** What a switch stands at, in words. */
export function triggerWords(trigger: Trigger | undefined): string {
  if (trigger === undefined || trigger === 0) return "never";
  if (typeof trigger === "object") return trigger.next === 1 ? "the next call" : `the next ${trigger.next} calls`;
  return trigger === 1 ? "every call" : `${Math.round(trigger * 100)} of 100 calls`;
}

/** The values of the form as switches. */
export function faultsOf(values: Record<string, string>): Faults {
  const faults: Faults = {
    delay_ms: Number(values["delay_ms"] ?? 0), refuse_connections_ms: Number(values["refuse_connections_s"] ?? 0) * 1000,
  };
  for (const { fault } of faultWords) {
    const trigger = choices.find(({ value }) => value === values[fault])?.trigger;
    if (trigger !== undefined) faults[fault] = trigger;
  }
  return faults;
}
