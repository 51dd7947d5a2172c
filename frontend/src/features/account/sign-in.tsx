import { paths } from "../../routes.ts";
import { Link, useAddress } from "../../ui/router.tsx";
import { usePageTitle } from "../../ui/use-page-title.ts";
import { login } from "./account.api.ts";
import { AccountForm } from "./account-form.tsx";

export function SignIn() {
  usePageTitle("Sign in");
  const { search } = useAddress();
  return (
    <AccountForm title="Sign in" action="Sign in" passwordIs="current-password" submit={login}>
      New here? <Link to={paths.signUp + search}>Create an account</Link>
    </AccountForm>
  );
}
