import { expect, test } from "vitest";
import { networkOf } from "../../../shared/http/network.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:DB8:1:2::6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
])("the address %s counts as %s", (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});
