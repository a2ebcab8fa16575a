/** The cards of the payment simulator. */
export const cards = [
  { method: "pm_card", name: "Card that is accepted", ending: "4242" },
  { method: "pm_decline", name: "Card that is declined", ending: "0002" },
  { method: "pm_hang", name: "Card whose bank does not answer", ending: "0119" },
  { method: "pm_error", name: "Card whose bank is out of order", ending: "0341" },
];
