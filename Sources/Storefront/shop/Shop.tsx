export function Shop() {
  return <main><h1>CloudRetail</h1></main>;
}
