import { useState } from "react";

interface Attempt {
  error: unknown;
  isBusy: boolean;
  run: (work: () => Promise<void>) => void;
}

/** A form's attempt: busy while it lasts, and what came of it. */
export function useAttempt(): Attempt {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const run = (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    work().catch(setError).finally(() => setBusy(false));
  };
  return { error, isBusy, run };
}
