import { paths } from "../routes.ts";
import { Link } from "../ui/router.tsx";
import { usePageTitle } from "../ui/use-page-title.ts";

export function Unknown() {
  usePageTitle("Not found");
  return (
    <>
      <h1>There is no page here</h1>
      <p>
        <Link to={paths.library}>Go to your photos</Link>
      </p>
    </>
  );
}
