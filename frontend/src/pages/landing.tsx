import { SIZES, type SizeName, VARIANTS } from "../../../shared/contracts/variants.ts";
import { paths } from "../routes.ts";
import { HalftonePicture } from "../ui/halftone-picture.tsx";
import { Link } from "../ui/router.tsx";
import { usePageTitle } from "../ui/use-page-title.ts";
import "./landing.css";

export function Landing() {
  usePageTitle(null);
  return (
    <>
      <section className="hero">
        <div>
          <h1>One photo in. Every size out.</h1>
          <p className="lead">
            Halftone takes your photos as they come from the camera, makes every size of them within moments, and keeps
            them private.
          </p>
          <p className="hero-actions">
            <Link className="button" to={paths.signUp}>
              Create an account
            </Link>
            <Link className="button plain" to={paths.signIn}>
              Sign in
            </Link>
          </p>
        </div>
        <HalftonePicture />
      </section>
      <section className="facts">
        <div>
          <h2>Five sizes of each</h2>
          <dl>
            {SIZES.map((name) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="figures">{boxOf(name)}</dd>
              </div>
            ))}
          </dl>
        </div>
        <div>
          <h2>Or by one request</h2>
          <pre className="figures">{`curl -X PUT ${location.origin}/api/images \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: image/jpeg" \\
  --data-binary @photo.jpg`}</pre>
          <p>
            Everything on this page is done through the API. <a href="/docs">Its description</a> lets you try every
            request; <a href="/services">the services</a> behind it say what they are.
          </p>
        </div>
      </section>
    </>
  );
}

/** What a size measures at most, in pixels. */
function boxOf(name: SizeName): string {
  if (name === "original") return "as it came";
  const { width, height, fit } = VARIANTS[name];
  return fit === "cover" ? `${width} × ${height}, cropped` : `within ${width} × ${height}`;
}
