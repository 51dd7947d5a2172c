import type { UserView } from "../../../../shared/contracts/users.ts";
import type { User } from "../schema.ts";

/** A user as the product shows it: everything but the password's hash. */
export function viewUser(user: User): UserView {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    name: user.name,
    role: user.role,
    created: user.createdAt,
    updated: user.updatedAt,
  };
}
