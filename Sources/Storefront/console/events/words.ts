/** "OrderPlaced" as people write it. */
export const spaced = (type: string): string => type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").replace(/ [A-Z]/g, (letter) => letter.toLowerCase());
