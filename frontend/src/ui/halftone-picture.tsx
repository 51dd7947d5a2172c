import "./halftone-picture.css";

/** Size of the picture, and the distance between two dots, in its own units. */
const WIDTH = 640;
const HEIGHT = 480;
const PITCH = 11;
/** The classic screen angle of the darkest ink. */
const SCREEN_ANGLE = Math.PI / 4;
/** Dots below this radius would only be dust. */
const SMALLEST_RADIUS = 0.7;

const DOTS = drawDots();

/** A sun over hills, drawn as a printer would: dots of one ink, larger where the picture is darker. */
export function HalftonePicture() {
  return (
    <svg className="halftone-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={DOTS} />
    </svg>
  );
}

function drawDots(): string {
  const reach = Math.ceil(Math.hypot(WIDTH, HEIGHT) / 2 / PITCH) + 1;
  const cos = Math.cos(SCREEN_ANGLE);
  const sin = Math.sin(SCREEN_ANGLE);
  const dots: string[] = [];
  for (let row = -reach; row <= reach; row++) {
    for (let column = -reach; column <= reach; column++) {
      const x = WIDTH / 2 + (column * cos - row * sin) * PITCH;
      const y = HEIGHT / 2 + (column * sin + row * cos) * PITCH;
      if (touchesPicture(x, WIDTH) && touchesPicture(y, HEIGHT)) dots.push(dot(x, y));
    }
  }
  return dots.join("");
}

/** Dots whose middle lies just outside are drawn too, and cut by the edge as the rest of the screen would be. */
function touchesPicture(place: number, length: number): boolean {
  return place > -PITCH && place < length + PITCH;
}

function dot(x: number, y: number): string {
  // The area of the dot carries the tone, hence the root. At full tone neighbours nearly touch.
  const radius = PITCH * 0.62 * Math.sqrt(toneAt(x / WIDTH, y / HEIGHT));
  if (radius < SMALLEST_RADIUS) return "";
  const r = radius.toFixed(1);
  const across = (2 * radius).toFixed(1);
  return `M${(x - radius).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${across} 0a${r} ${r} 0 1 0 -${across} 0`;
}

/** Darkness of the scene from 0 to 1, at a place given in fractions of its width and height. */
function toneAt(x: number, y: number): number {
  const farHills = 0.62 - 0.09 * Math.sin(x * 5.2 + 0.6) - 0.03 * Math.sin(x * 13);
  const nearHills = 0.8 - 0.1 * Math.sin(x * 3.4 + 2.6);
  if (y > nearHills) return 0.72 + 0.25 * ((y - nearHills) / (1 - nearHills));
  if (y > farHills) return 0.3 + 0.3 * ((y - farHills) / (1 - farHills));
  const fromSun = Math.hypot((x - 0.66) * (WIDTH / HEIGHT), y - 0.36);
  const isSun = fromSun < 0.2;
  if (isSun) return 0.55 + 0.4 * (fromSun / 0.2) ** 2;
  const sky = 0.2 * (1 - y) ** 1.5;
  const glow = Math.min(1, (fromSun - 0.2) / 0.35);
  return sky * glow;
}
