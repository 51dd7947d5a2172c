import { describe, expect, test } from "vitest";
import { checkTarget } from "../../../workers/webhooks/src/webhooks/target.ts";

const PUBLIC = { allowLocal: false, ownHosts: ["photos.example.com", "localhost:8080"] };
const LOCAL = { ...PUBLIC, allowLocal: true };

describe("an address that is to be told of events", () => {
  test.each(["https://shop.example.com/hook?key=1", "https://hooks.shop.co.uk", "https://xn--bcher-kva.example.org/"])(
    "may be %s",
    (url) => {
      expect(checkTarget(url, PUBLIC)).toMatchObject({ ok: true });
    },
  );

  test.each([
    ["no address at all", "shop"],
    ["another protocol", "ftp://shop.example.com/hook"],
    ["a file", "file:///etc/passwd"],
    ["no TLS", "http://shop.example.com/hook"],
    ["a user name", "https://ada@shop.example.com/hook"],
    ["a password", "https://:secret@shop.example.com/hook"],
    ["a port", "https://shop.example.com:8443/hook"],
    ["this product", "https://photos.example.com/hook"],
    ["this product in another spelling", "https://PHOTOS.example.com.:443/hook"],
    ["a loopback address", "https://127.0.0.1/hook"],
    ["a loopback address in one number", "https://2130706433/hook"],
    ["a loopback address in hexadecimal", "https://0x7f.1/hook"],
    ["a loopback address in octal", "https://0177.0.0.1/hook"],
    ["a public address as a number", "https://93.184.215.14/hook"],
    ["a private address", "https://192.168.1.1/hook"],
    ["the address of cloud metadata", "https://169.254.169.254/latest/meta-data"],
    ["an IPv6 address", "https://[2606:4700::1111]/hook"],
    ["an IPv4 address inside IPv6", "https://[::ffff:10.0.0.1]/hook"],
    ["localhost", "https://localhost/hook"],
    ["localhost with a dot", "https://localhost./hook"],
    ["a name below localhost", "https://a.localhost/hook"],
    ["a name of one label", "https://intranet/hook"],
    ["a name of a private network", "https://db.internal/hook"],
    ["a name of the own machine's network", "https://db.localdomain/hook"],
    ["a name of a private network with a dot", "https://printer.local./hook"],
    ["the reverse of an address", "https://1.0.0.127.in-addr.arpa/hook"],
    ["a wide dot and digits", "https://127。0。0。１/hook"],
  ])("cannot be %s", (_what, url) => {
    expect(checkTarget(url, PUBLIC)).toMatchObject({ ok: false, failure: { code: "address_refused" } });
  });

  test.each(["http://localhost:9000/hook", "http://127.0.0.1:9000/", "http://[::1]:9000/", "https://a.localhost:9/"])(
    "may be %s in a local copy alone",
    (url) => {
      expect(checkTarget(url, LOCAL)).toMatchObject({ ok: true });
      expect(checkTarget(url, PUBLIC)).toMatchObject({ ok: false });
    },
  );

  test.each([
    ["the product's own door", "http://localhost:8080/api/orders"],
    ["the same by its number", "http://127.0.0.1:8080/api/orders"],
    ["the same by another number of the machine", "http://127.9.9.9:8080/api/orders"],
    ["the same by IPv6", "http://[::1]:8080/api/orders"],
    ["the same by a name below localhost", "http://a.localhost:8080/api/orders"],
    ["a private address", "http://192.168.1.1/hook"],
    ["another host without TLS", "http://shop.example.com/hook"],
  ])("cannot be %s in a local copy either", (_what, url) => {
    expect(checkTarget(url, LOCAL)).toMatchObject({ ok: false });
  });
});
