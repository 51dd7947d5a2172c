import type { ImageDetails } from "../../../../shared/contracts/images.ts";
import { SIZES, type SizeName } from "../../../../shared/contracts/variants.ts";
import { SIZE_LABELS } from "./sizes.ts";
import "./size-selector.css";

interface SizeSelectorProps {
  sizes: ImageDetails["sizes"];
  chosen: SizeName | null;
  choose(name: SizeName): void;
}

/** The five sizes, as dots that grow with them. One that is not made cannot be chosen. */
export function SizeSelector({ sizes, chosen, choose }: SizeSelectorProps) {
  return (
    <fieldset className="size-selector">
      <legend>Resolution</legend>
      {SIZES.map((name) => {
        const size = sizes[name];
        return (
          <label key={name} className={size === undefined ? "size-choice missing" : "size-choice"}>
            <input
              type="radio"
              name="size"
              value={name}
              checked={chosen === name}
              disabled={size === undefined}
              onChange={() => choose(name)}
            />
            <span className={`size-dot ${name}`} aria-hidden="true" />
            <span className="size-label">{SIZE_LABELS[name]}</span>
            <span className="figures quiet">{size ? `${size.width}×${size.height}` : "not made"}</span>
            <span className="figures quiet size-weight">{size?.size}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
