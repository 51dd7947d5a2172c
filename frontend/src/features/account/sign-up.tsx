import { paths } from "../../routes.ts";
import { Link, useAddress } from "../../ui/router.tsx";
import { usePageTitle } from "../../ui/use-page-title.ts";
import { register } from "./account.api.ts";
import { AccountForm } from "./account-form.tsx";

export function SignUp() {
  usePageTitle("Create an account");
  const { search } = useAddress();
  return (
    <AccountForm
      title="Create an account"
      action="Create account"
      passwordIs="new-password"
      passwordHint="At least 8 characters."
      submit={register}
    >
      Have an account? <Link to={paths.signIn + search}>Sign in</Link>
    </AccountForm>
  );
}
