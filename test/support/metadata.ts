/** What a phone writes into its photos beside the picture: where, by which camera, and a picture in small. */

const LONG = 4;
const SHORT = 3;
const RATIONAL = 5;
const ASCII = 2;

type Entry = [tag: number, type: number, count: number, value: number | Uint8Array];

const ascii = (text: string) => new TextEncoder().encode(text);

/** A TIFF structure of several directories; an entry's value is four bytes, or bytes that stand elsewhere. */
class Tiff {
  readonly #bytes: number[] = [...ascii("MM"), 0, 42, 0, 0, 0, 8];

  get length(): number {
    return this.#bytes.length;
  }

  /** Where a directory of so many entries ends if it begins here. */
  after(entries: number): number {
    return this.length + 2 + 12 * entries + 4;
  }

  directory(entries: Entry[], next: number): void {
    const values: number[] = [];
    const valuesAt = this.after(entries.length);
    this.#bytes.push(...short(entries.length));
    for (const [tag, type, count, value] of entries) {
      const inline = typeof value === "number" ? (type === SHORT ? [...short(value), 0, 0] : long(value)) : null;
      this.#bytes.push(...short(tag), ...short(type), ...long(count), ...(inline ?? long(valuesAt + values.length)));
      if (typeof value !== "number") values.push(...value);
    }
    this.#bytes.push(...long(next), ...values);
  }

  append(bytes: Uint8Array): void {
    this.#bytes.push(...bytes);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

const short = (value: number) => [value >> 8, value & 255];
const long = (value: number) => [...short(value >>> 16), ...short(value & 0xffff)];
const rationals = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [...long(value), ...long(1)]));

export const SERIAL_NUMBER = "SN-4711-0815";
/** The coordinates of a well-known tower. */
const LATITUDE = rationals(48, 51, 29);
const LONGITUDE = rationals(2, 17, 40);

/** An EXIF block with place, serial number, time and thumbnail, for a picture that is turned so. */
export function telltaleExif(orientation: number, thumbnail = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)): Uint8Array {
  const tiff = new Tiff();
  const serial = ascii(`${SERIAL_NUMBER}\0`);
  const camera: Entry[] = [[0xa431, ASCII, serial.length, serial]];
  const place: Entry[] = [
    [0x0001, ASCII, 2, 0x4e00_0000],
    [0x0002, RATIONAL, 3, LATITUDE],
    [0x0003, ASCII, 2, 0x4500_0000],
    [0x0004, RATIONAL, 3, LONGITUDE],
  ];
  const cameraAt = tiff.after(3);
  const placeAt = cameraAt + 2 + 12 + 4 + serial.length;
  const smallAt = placeAt + 2 + 12 * 4 + 4 + LATITUDE.length + LONGITUDE.length;
  const thumbnailAt = smallAt + 2 + 12 * 3 + 4;
  const picture: Entry[] = [
    [0x0112, SHORT, 1, orientation],
    [0x8769, LONG, 1, cameraAt],
    [0x8825, LONG, 1, placeAt],
  ];
  const small: Entry[] = [
    [0x0103, SHORT, 1, 6],
    [0x0201, LONG, 1, thumbnailAt],
    [0x0202, LONG, 1, thumbnail.length],
  ];
  tiff.directory(picture, smallAt);
  tiff.directory(camera, 0);
  tiff.directory(place, 0);
  tiff.directory(small, 0);
  tiff.append(thumbnail);
  return tiff.finish();
}

/** A segment of a JPEG. */
export function jpegSegment(marker: number, ...parts: (string | Uint8Array)[]): Uint8Array {
  const payload = concatenate(parts.map((part) => (typeof part === "string" ? ascii(part) : part)));
  return concatenate([Uint8Array.of(0xff, marker, ...short(payload.length + 2)), payload]);
}

/** All that a phone or an editor puts in front of a JPEG's picture. */
export function telltaleSegments(orientation: number): Uint8Array[] {
  return [
    jpegSegment(0xe1, "Exif\0\0", telltaleExif(orientation)),
    jpegSegment(0xe1, "http://ns.adobe.com/xap/1.0/\0", '<x exif:GPSLatitude="48" aux:SerialNumber="7"/>'),
    jpegSegment(0xe1, "http://ns.adobe.com/xmp/extension/\0", "0123456789abcdef"),
    jpegSegment(0xe2, "MPF\0", "MM\0*"),
    jpegSegment(0xeb, "JP", "c2pa"),
    jpegSegment(0xed, "Photoshop 3.0\0", "8BIM"),
    jpegSegment(0xe5, "maker"),
    jpegSegment(0xfe, "at home"),
  ];
}

/** Puts segments behind the first two bytes of a JPEG, and bytes behind its end. */
export function jpegWith(
  jpeg: Uint8Array,
  segments: Uint8Array[],
  behind: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  return concatenate([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2), behind]);
}

export function concatenate(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
