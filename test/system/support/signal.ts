/** Something that one side says and the other waits for. */
export function signal() {
  let send: () => void = () => {};
  const received = new Promise<void>((resolve) => {
    send = resolve;
  });
  return { send, received };
}
