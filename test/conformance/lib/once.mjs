/** A function that does its work on the first call and gives the same result ever after. */
export function once(make) {
  let made = null;
  return () => {
    made ??= make();
    return made;
  };
}
