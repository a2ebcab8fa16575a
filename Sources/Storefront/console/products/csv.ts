/** Reads comma-separated values (RFC 4180): quoted fields may hold commas, quotes written twice, and ends of lines. */
export function parseCSV(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let isQuoted = false;
  const endField = () => { row.push(field); field = ""; };
  const endRow = () => {
    endField();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  for (let index = text.startsWith("\ufeff") ? 1 : 0; index < text.length; index += 1) {
    const sign = text.charAt(index);
    if (isQuoted) {
      if (sign !== '"') field += sign;
      else if (text.charAt(index + 1) === '"') { field += '"'; index += 1; } else isQuoted = false;
    } else if (sign === '"' && field === "") isQuoted = true;
    else if (sign === ",") endField();
    else if (sign === "\n") endRow();
    else if (sign !== "\r") field += sign;
  }
  if (field !== "" || row.length > 0) endRow();
  return rows;
}
